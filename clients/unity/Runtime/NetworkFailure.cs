using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Security.Authentication;

namespace GetArrToken
{
    /// <summary>Decides which exceptions are retried.</summary>
    internal static class NetworkFailure
    {
        // Windows' own HTTP stack, under UWP: certificate date, name, authority, other.
        private static readonly uint[] TlsErrors = { 0x80072F05, 0x80072F06, 0x80072F0D, 0x80072F8F };

        internal static ArrTokenException From(Exception error)
        {
            if (IsTls(error))
            {
                const string detail =
                    "No secure connection. Is the device's date right? Does a proxy stand in between, whose certificate it does not trust?";
                return new ArrTokenException("tls-failed", detail, error);
            }
            var reason = Text.OneLine(error.GetBaseException().Message);
            return new ArrTokenException("connection-failed", reason, error) { Retry = Retry.WithBackOff };
        }

        /// <summary>For the app's sign-in, which may fail for other reasons.</summary>
        internal static bool IsTransient(Exception error)
        {
            return !IsTls(error) && Any(error, IsOfNetwork);
        }

        private static bool IsOfNetwork(Exception error)
        {
            return error is HttpRequestException || error is WebException || error is SocketException || error is IOException;
        }

        private static bool IsTls(Exception error)
        {
            // A connection that breaks during the handshake says nothing about the certificate.
            return Any(error, IsOfTls) && !Any(error, inner => inner is SocketException || inner is IOException);
        }

        private static bool IsOfTls(Exception error)
        {
            return error is AuthenticationException
                || (error as WebException)?.Status == WebExceptionStatus.TrustFailure
                || TlsErrors.Contains(unchecked((uint)error.HResult));
        }

        private static bool Any(Exception error, Func<Exception, bool> matches)
        {
            for (; error != null; error = error.InnerException)
            {
                if (matches(error))
                    return true;
            }
            return false;
        }
    }
}
