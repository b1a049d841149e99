using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    /// <summary>Sends one request and reads its response.</summary>
    internal sealed class HttpTransport : IDisposable
    {
        internal const string TimeoutCode = "timeout";

        // A response with a token has less than 2 KiB. A captive portal's page must not fill a headset's memory.
        private const int LargestBody = 64 * 1024;

        private readonly Clock _clock;
        private readonly HttpClient _http;

        internal HttpTransport(HttpMessageHandler handler, Clock clock)
        {
            _clock = clock;
            // A redirect would carry key and token to another place.
            var own = handler == null ? new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false } : null;
            _http = new HttpClient(handler ?? own, disposeHandler: own != null) { Timeout = Timeout.InfiniteTimeSpan };
        }

        public void Dispose()
        {
            _http.Dispose();
        }

        /// <exception cref="ArrTokenException">There was no response, or one without a token.</exception>
        /// <exception cref="OperationCanceledException">The request was aborted.</exception>
        internal async Task<TokenResponse> SendAsync(HttpRequestMessage request, TimeSpan timeout, CancellationToken abort)
        {
            // Started before the request, so that a slow network does not lengthen the token's lifetime.
            var age = new Age(_clock);
            using (var limit = CancellationTokenSource.CreateLinkedTokenSource(abort))
            {
                _clock.CancelAfter(limit, timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero);
                try
                {
                    using (request)
                    using (var response = await SendAsync(request, limit.Token).ConfigureAwait(false))
                        return await ReadAsync(response, age, limit.Token).ConfigureAwait(false);
                }
                catch (Exception) when (abort.IsCancellationRequested)
                {
                    throw new OperationCanceledException(abort);
                }
                catch (Exception error) when (limit.IsCancellationRequested && !(error is ArrTokenException))
                {
                    const string detail = "No response in time. Is the network up, and the address right?";
                    throw new ArrTokenException(TimeoutCode, detail) { Retry = Retry.WithBackOff };
                }
                catch (Exception error) when (!(error is ArrTokenException))
                {
                    throw NetworkFailure.From(error);
                }
            }
        }

        /// <exception cref="InvalidDataException">It is larger than any response with a token.</exception>
        internal static async Task<string> ReadBodyAsync(HttpContent content, CancellationToken limit)
        {
            if (content.Headers.ContentLength > LargestBody)
                throw new InvalidDataException();
            var buffer = new byte[LargestBody + 1];
            var length = 0;
            var stream = await content.ReadAsStreamAsync().OrCancelled(limit).ConfigureAwait(false);
            while (length < buffer.Length)
            {
                var reading = stream.ReadAsync(buffer, length, buffer.Length - length, limit);
                var read = await reading.OrCancelled(limit).ConfigureAwait(false);
                if (read == 0)
                    return Encoding.UTF8.GetString(buffer, 0, length);
                length += read;
            }
            throw new InvalidDataException();
        }

        private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken limit)
        {
            // On the pool: parts of a connection's start block, and the app's frame must not wait for them.
            var sending = Task.Run(() => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit), limit);
            return sending.OrCancelled(limit);
        }

        private static async Task<TokenResponse> ReadAsync(HttpResponseMessage response, Age age, CancellationToken limit)
        {
            if (response.StatusCode != HttpStatusCode.OK)
                throw await ErrorResponse.ReadAsync(response, limit).ConfigureAwait(false);
            try
            {
                var body = await ReadBodyAsync(response.Content, limit).ConfigureAwait(false);
                return TokenResponse.Parse(response, body, age);
            }
            catch (InvalidDataException)
            {
                throw TokenResponse.Invalid(response, "The response is larger than any with a token. " + TokenResponse.Portal);
            }
        }
    }
}
