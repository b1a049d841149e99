using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    /// <summary>Sends a request and reads its answer.</summary>
    internal sealed class Connection : IDisposable
    {
        private readonly Clock _clock;
        private readonly HttpClient _http;

        internal Connection(Clock clock)
        {
            _clock = clock;
            // A redirect would carry key and token to another place.
            var handler = new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false };
            _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        }

        public void Dispose()
        {
            _http.Dispose();
        }

        /// <exception cref="ArrTokenException">There was no answer, or one without a token.</exception>
        internal async Task<TokenAnswer> AskAsync(HttpRequestMessage request, CancellationToken limit)
        {
            // Started before the request, so that no delay on the way lengthens the token's life.
            var age = new Age(_clock);
            try
            {
                using (request)
                using (var response = await SendAsync(request, limit).ConfigureAwait(false))
                    return await ReadAsync(response, age, limit).ConfigureAwait(false);
            }
            catch (Exception error) when (IsFailure(error) && !limit.IsCancellationRequested)
            {
                var reason = error.GetBaseException().Message;
                throw new ArrTokenException("connection-failed", Text.OneLine(reason), error) { Retry = Retry.WithBackOff };
            }
            catch (Exception error) when (IsFailure(error))
            {
                throw new OperationCanceledException(limit);
            }
        }

        private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken limit)
        {
            // Elsewhere: parts of a connection's start block, and the app's frame must not wait for them.
            var sending = Task.Run(() => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit), limit);
            return sending.OrCancelled(limit);
        }

        private static async Task<TokenAnswer> ReadAsync(HttpResponseMessage response, Age age, CancellationToken limit)
        {
            if (response.StatusCode != HttpStatusCode.OK)
                throw await Problem.ReadAsync(response, limit).ConfigureAwait(false);
            try
            {
                var body = await Body.ReadAsync(response.Content, limit).ConfigureAwait(false);
                return TokenAnswer.Read(response, body, age);
            }
            catch (InvalidDataException)
            {
                throw TokenAnswer.Invalid(response, "The answer is larger than any with a token. " + TokenAnswer.Portal);
            }
        }

        internal static bool IsFailure(Exception error)
        {
            return error is HttpRequestException || error is IOException || error is WebException
                || error is OperationCanceledException || error is ObjectDisposedException;
        }
    }
}
