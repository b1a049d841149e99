using System;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    /// <summary>Gets Azure Remote Rendering tokens from a GetArrToken function and caches them.</summary>
    /// <remarks>Thread-safe. Use one client for the whole app, and make it on the thread where the sign-in may show something.</remarks>
    public sealed class ArrTokenClient : IArrTokenSource, IDisposable
    {
        // A call that has a usable token waits this long for a newer one. The request goes on and serves a later call.
        private static readonly TimeSpan RefreshPatience = TimeSpan.FromSeconds(5);

        private readonly TokenCache _cache;
        private readonly TokenFetcher _fetcher;
        private readonly Clock _clock;
        private readonly CancellationTokenSource _disposed = new CancellationTokenSource();

        /// <param name="endpoint">The function's address: https (http for loopback), without a query.</param>
        /// <param name="options">Read here; later changes have no effect.</param>
        /// <exception cref="ArgumentException">The endpoint or an option is not usable.</exception>
        public ArrTokenClient(Uri endpoint, ArrTokenClientOptions options = null)
        {
            options = options ?? new ArrTokenClientOptions();
            options.Check();
            _clock = options.Clock;
            _cache = new TokenCache(options.RefreshBefore, _clock);
            _fetcher = new TokenFetcher(new Endpoint(endpoint, options), options, _cache.IsRejected);
        }

        /// <inheritdoc/>
        public ArrTokenException LastFailure => _fetcher.LastFailure;

        /// <inheritdoc/>
        public async Task<ArrToken> GetTokenAsync(
            TimeSpan? minValidity = null, CancellationToken cancellationToken = default(CancellationToken))
        {
            var needed = Endpoint.CheckMinValidity(minValidity ?? TimeSpan.Zero);
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_disposed.IsCancellationRequested)
                    throw new ObjectDisposedException(nameof(ArrTokenClient));
                SharedRequest request;
                bool hasFallback;
                var cached = _cache.GetOrJoin(needed, out request, out hasFallback);
                if (request == null)
                    return cached;
                request.StartOnce(RunAsync);
                var token = await WaitAsync(request, hasFallback, needed, cancellationToken).ConfigureAwait(false);
                // The request may have been another call's, for a shorter lifetime; or ARR rejected its token meanwhile.
                var isTooShort = token.Remaining < needed && request.MinValidity < needed;
                if (!isTooShort && !_cache.IsRejected(token))
                    return token;
            }
        }

        /// <inheritdoc/>
        public void Invalidate(ArrToken token)
        {
            if (token == null)
                throw new ArgumentNullException(nameof(token));
            _cache.Invalidate(token);
        }

        /// <summary>Cancels all waiting calls.</summary>
        public void Dispose()
        {
            _disposed.CancelQuietly();
            _fetcher.Dispose();
        }

        /// <param name="request">The request in flight.</param>
        /// <param name="hasFallback">The cached token may be returned if the request takes long.</param>
        /// <param name="needed">The remaining lifetime that the call needs.</param>
        /// <param name="caller">Ends the wait.</param>
        private async Task<ArrToken> WaitAsync(
            SharedRequest request, bool hasFallback, TimeSpan needed, CancellationToken caller)
        {
            using (var wait = CancellationTokenSource.CreateLinkedTokenSource(caller))
            {
                if (hasFallback)
                    _clock.CancelAfter(wait, RefreshPatience);
                try
                {
                    return await request.Result.OrCancelled(wait.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (caller.IsCancellationRequested)
                {
                    _cache.Leave(request, abortIfUnused: true);
                    throw new OperationCanceledException(caller);
                }
                catch (OperationCanceledException) when (hasFallback && wait.IsCancellationRequested)
                {
                    // The time is over; the code below returns the fallback.
                }
                catch (ArrTokenException)
                {
                    // If no token lasts as long as needed, the call gets the longest-lived one.
                    var fallback = _cache.Fallback(TimeSpan.Zero);
                    if (fallback == null)
                        throw;
                    return fallback;
                }
            }
            var cached = _cache.Fallback(needed);
            if (cached == null) // ARR rejected it meanwhile
                return await WaitAsync(request, false, needed, caller).ConfigureAwait(false);
            _cache.Leave(request, abortIfUnused: false);
            return cached;
        }

        private async Task<ArrToken> RunAsync(SharedRequest request)
        {
            try
            {
                using (var abort = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, _disposed.Token))
                    return _cache.Complete(request, await _fetcher.FetchAsync(request, abort.Token).ConfigureAwait(false));
            }
            catch (ArrTokenException failure)
            {
                _cache.Fail(request, failure);
                throw;
            }
            finally
            {
                _cache.End(request);
            }
        }
    }
}
