using System;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    /// <summary>Gets Azure Remote Rendering tokens from a GetArrToken function, and holds them while they are good.</summary>
    /// <remarks>Thread-safe. One client serves the whole app.</remarks>
    public sealed class ArrTokenClient : IDisposable
    {
        // So long waits who could have the held token; the request goes on, and serves a later call.
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

        private readonly TokenCache _cache;
        private readonly Exchange _exchange;
        private readonly Clock _clock;
        private readonly CancellationTokenSource _disposed = new CancellationTokenSource();

        /// <param name="endpoint">The function's address: https (http for loopback), without a query.</param>
        /// <param name="options">Read here; later changes have no effect.</param>
        /// <exception cref="ArgumentException">The endpoint or an option can't be used.</exception>
        public ArrTokenClient(Uri endpoint, ArrTokenClientOptions options = null)
        {
            options = options ?? new ArrTokenClientOptions();
            options.Check();
            _clock = options.Clock;
            _cache = new TokenCache(options.RefreshBefore, _clock);
            _exchange = new Exchange(new Endpoint(endpoint, options), options);
        }

        /// <summary>Gives the held token while it is good, otherwise a new one. Simultaneous calls make one request.</summary>
        /// <param name="minValidity">The least life needed, 0 to 23 hours; the best there is if that can't be had.</param>
        /// <param name="cancellationToken">Ends this call. The request ends when nobody waits for it any more.</param>
        /// <exception cref="ArrTokenException">No token could be had.</exception>
        public async Task<ArrToken> GetTokenAsync(
            TimeSpan? minValidity = null, CancellationToken cancellationToken = default(CancellationToken))
        {
            var needed = Endpoint.CheckMinValidity(minValidity ?? TimeSpan.Zero);
            cancellationToken.ThrowIfCancellationRequested();
            if (_disposed.IsCancellationRequested)
                throw new ObjectDisposedException(nameof(ArrTokenClient));
            HeldToken held;
            var request = _cache.Ask(needed, out held);
            if (request == null)
                return held.Token;
            request.StartOnce(RunAsync);
            var token = await WaitAsync(request, held, needed, cancellationToken).ConfigureAwait(false);
            // ARR refused it while it was under way; a request that starts now knows that.
            return _cache.IsRefused(token) ? await GetTokenAsync(needed, cancellationToken).ConfigureAwait(false) : token;
        }

        /// <summary>Says that ARR refused this token: the next call has the function fetch another one.</summary>
        public void Invalidate(ArrToken token)
        {
            if (token == null)
                throw new ArgumentNullException(nameof(token));
            _cache.Invalidate(token);
        }

        /// <summary>Cancels the calls that wait.</summary>
        public void Dispose()
        {
            _disposed.CancelQuietly();
            _exchange.Dispose();
        }

        /// <param name="request">What is waited for.</param>
        /// <param name="held">A token that will do if the request takes long; null where there is none.</param>
        /// <param name="needed">The least life that will do.</param>
        /// <param name="caller">Ends the wait.</param>
        private async Task<ArrToken> WaitAsync(
            SharedRequest request, HeldToken held, TimeSpan needed, CancellationToken caller)
        {
            using (var wait = CancellationTokenSource.CreateLinkedTokenSource(caller))
            {
                if (held != null)
                    _clock.CancelAfter(wait, Patience);
                try
                {
                    return await request.Outcome.OrCancelled(wait.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (caller.IsCancellationRequested)
                {
                    _cache.Leave(request);
                    throw;
                }
                catch (OperationCanceledException) when (held != null && wait.IsCancellationRequested)
                {
                }
                catch (ArrTokenException)
                {
                    // Who needs more life than can be had gets the best there is.
                    var instead = _cache.Keep(TimeSpan.Zero);
                    if (instead == null)
                        throw;
                    return instead;
                }
            }
            var kept = _cache.Keep(needed);
            if (kept == null)
                return await WaitAsync(request, null, needed, caller).ConfigureAwait(false);
            _cache.LeaveBehind(request);
            return kept;
        }

        private async Task<ArrToken> RunAsync(SharedRequest request)
        {
            ArrToken token = null;
            try
            {
                using (var ends = CancellationTokenSource.CreateLinkedTokenSource(request.GivenUp, _disposed.Token))
                    token = await _exchange.RunAsync(request, ends.Token).ConfigureAwait(false);
            }
            finally
            {
                _cache.Settle(request, token);
            }
            return token;
        }
    }
}
