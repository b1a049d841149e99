using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Security.Authentication;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>A wrong date on the device or a proxy's certificate is final; a broken connection is retried.</summary>
    [TestFixture]
    public class NetworkFailureTests : ClientTest
    {
        [TestCase("net")]
        [TestCase("mono")]
        [TestCase("uwp")]
        public void A_failed_TLS_handshake_is_not_retried_and_asks_about_date_and_proxy(string runtime)
        {
            Options.HttpMessageHandler = new StubHandler(_ => { throw TlsFailure(runtime); });
            var failure = Failure(Client.GetTokenAsync());
            Assert.That(failure.Code, Is.EqualTo("tls-failed"));
            StringAssert.Contains("date", failure.Detail);
            StringAssert.Contains("proxy", failure.Detail);
            Assert.That(failure.InnerException, Is.Not.Null);
            Assert.That(Time.Pauses, Is.Empty);
        }

        [Test]
        public void A_server_that_does_not_speak_TLS_is_not_retried()
        {
            if (Type.GetType("Mono.Runtime") == null)
                return; // .NET Core 3.1 ends the process if it does not find OpenSSL 1.1.
            Function.WillSend(Responses.Plain(400));
            using (var client = new ArrTokenClient(new Uri(Function.Address.ToString().Replace("http:", "https:")), Options))
                Assert.That(Failure(client.GetTokenAsync()).Code, Is.EqualTo("tls-failed"));
            Assert.That(Time.Pauses, Is.Empty);
        }

        [Test]
        public void A_connection_that_breaks_during_the_TLS_handshake_is_retried()
        {
            Options.TotalTimeout = Seconds(10);
            Options.HttpMessageHandler = new StubHandler(_ =>
            {
                var reset = new IOException("Unable to read data.", new SocketException((int)SocketError.ConnectionReset));
                throw new HttpRequestException("The SSL connection could not be established.", new AuthenticationException("", reset));
            });
            Assert.That(Failure(Client.GetTokenAsync()).Code, Is.EqualTo("connection-failed"));
            Assert.That(Time.Pauses, Is.Not.Empty);
        }

        [Test]
        public void Any_other_exception_of_a_handler_is_a_failed_connection()
        {
            Options.TotalTimeout = Seconds(1);
            Options.HttpMessageHandler = new StubHandler(_ => { throw new NotSupportedException("Not here."); });
            var failure = Failure(Client.GetTokenAsync());
            Assert.That(failure.Code, Is.EqualTo("connection-failed"));
            Assert.That(failure.Detail, Is.EqualTo("Not here."));
        }

        private static Exception TlsFailure(string runtime)
        {
            switch (runtime)
            {
                case "net":
                    return new HttpRequestException("SSL", new AuthenticationException("The remote certificate is invalid."));
                case "mono":
                    return new HttpRequestException("SSL", new WebException("TrustFailure", WebExceptionStatus.TrustFailure));
                default:
                    return new HttpRequestException("SSL", new StubException(unchecked((int)0x80072F05)));
            }
        }

        private sealed class StubException : Exception
        {
            internal StubException(int result)
            {
                HResult = result;
            }
        }
    }
}
