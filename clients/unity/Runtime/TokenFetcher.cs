using System;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    /// <summary>Gets a token for a shared request: sign-in, attempts, back-off.</summary>
    internal sealed class TokenFetcher : IDisposable
    {
        // Doubling to 8 s.
        private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(0.5);
        private const int Doublings = 4;

        private readonly Endpoint _endpoint;
        private readonly HttpTransport _transport;
        private readonly Func<ArrToken, bool> _isRejected;
        private readonly Func<double> _random;
        private readonly Clock _clock;
        private readonly TimeSpan _attemptTimeout;
        private readonly TimeSpan _totalTimeout;
        private readonly SignIn _signIn;
        private volatile ArrTokenException _lastFailure;

        internal TokenFetcher(Endpoint endpoint, ArrTokenClientOptions options, Func<ArrToken, bool> isRejected)
        {
            _endpoint = endpoint;
            _isRejected = isRejected;
            _random = options.Random ?? new Random(Guid.NewGuid().GetHashCode()).NextDouble;
            _clock = options.Clock;
            _attemptTimeout = options.AttemptTimeout;
            _totalTimeout = options.TotalTimeout;
            _transport = new HttpTransport(options.HttpMessageHandler, _clock);
            _signIn = options.BearerToken == null ? null : new SignIn(options.BearerToken, _clock);
        }

        internal ArrTokenException LastFailure => _lastFailure;

        public void Dispose()
        {
            _transport.Dispose();
        }

        /// <exception cref="ArrTokenException">No token is available.</exception>
        /// <exception cref="OperationCanceledException">The request was aborted.</exception>
        internal async Task<ArrToken> FetchAsync(SharedRequest request, CancellationToken abort)
        {
            var end = _clock.Monotonic + _totalTimeout;
            var isBearerRejected = false;
            string bearerToken = null;
            ArrTokenException previous = null;
            for (var failures = 1; ; failures++)
            {
                ArrTokenException failure;
                var limit = _attemptTimeout;
                try
                {
                    if (_signIn != null && bearerToken == null)
                    {
                        var start = _clock.Monotonic;
                        bearerToken = await SignInAsync(request, isBearerRejected, abort).ConfigureAwait(false);
                        // A user who types a device code takes minutes. Time in which it fails does count.
                        end += _clock.Monotonic - start;
                    }
                    var left = end - _clock.Monotonic;
                    limit = left < limit ? left : limit;
                    var noCache = request.NoCache;
                    var message = _endpoint.Request(request.MinValidity, noCache, bearerToken);
                    var response = await _transport.SendAsync(message, limit, abort).ConfigureAwait(false);
                    if (!_isRejected(response.Token))
                    {
                        _lastFailure = null;
                        return response.Token;
                    }
                    failure = response.Unchanged(isFinal: noCache && previous?.Code == TokenResponse.UnchangedCode);
                    request.NoCache = true;
                }
                catch (ArrTokenException error)
                {
                    // The failure before it is more useful than the time-out.
                    var isCutShort = error.Code == HttpTransport.TimeoutCode && limit < _attemptTimeout;
                    failure = isCutShort && previous != null ? previous : error;
                }
                abort.ThrowIfCancellationRequested();
                _lastFailure = previous = failure;
                if (failure.IsBearerRejected && bearerToken != null && !isBearerRejected)
                {
                    isBearerRejected = true;
                    bearerToken = null;
                    continue;
                }
                var pause = PauseAfter(failure, failures);
                if (pause == null || pause >= end - _clock.Monotonic)
                    throw failure;
                await _clock.Delay(pause.Value, abort).ConfigureAwait(false);
            }
        }

        private async Task<string> SignInAsync(SharedRequest request, bool previousRejected, CancellationToken abort)
        {
            request.IsSigningIn = true;
            try
            {
                return await _signIn.GetAsync(previousRejected, abort).ConfigureAwait(false);
            }
            finally
            {
                request.IsSigningIn = false;
            }
        }

        /// <summary>Returns null if the failure is final.</summary>
        private TimeSpan? PauseAfter(ArrTokenException failure, int failures)
        {
            if (failure.Retry == Retry.Never || (failure.Retry == Retry.AfterRetryAfter && failure.RetryAfter == null))
                return null;
            var backOff = FirstBackOff.Ticks << Math.Min(failures - 1, Doublings);
            // Half of it is jitter, so that headsets that lost the same network do not come back in step.
            var pause = TimeSpan.FromTicks((long)(backOff * (0.5 + 0.5 * _random())));
            return failure.RetryAfter > pause ? failure.RetryAfter : pause;
        }
    }
}
