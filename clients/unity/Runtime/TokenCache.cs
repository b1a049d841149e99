using System;
using System.Collections.Generic;

namespace GetArrToken
{
    /// <summary>The cached token, the request in flight (single-flight), the cool-down and the tokens that ARR rejected.</summary>
    internal sealed class TokenCache
    {
        private readonly object _lock = new object();
        private readonly TimeSpan _refreshBefore;
        private readonly Clock _clock;
        private readonly CoolDown _coolDown;

        // Never emptied, because another worker of the function may still return one. It stays small: a rejection is rare.
        private readonly HashSet<string> _rejected = new HashSet<string>();

        private CachedToken _cached;
        private SharedRequest _request;
        private bool _noCache;

        internal TokenCache(TimeSpan refreshBefore, Clock clock)
        {
            _refreshBefore = refreshBefore;
            _clock = clock;
            _coolDown = new CoolDown(clock);
        }

        /// <summary>Returns a token, or null and the request to wait for.</summary>
        /// <param name="needed">The remaining lifetime that the call needs.</param>
        /// <param name="request">Null if a token is returned.</param>
        /// <param name="hasFallback">The cached token may be returned if the request takes long.</param>
        /// <exception cref="ArrTokenException">The cool-down runs, and no cached token may be returned instead.</exception>
        internal ArrToken GetOrJoin(TimeSpan needed, out SharedRequest request, out bool hasFallback)
        {
            SharedRequest abandoned = null;
            lock (_lock)
            {
                request = null;
                hasFallback = _cached != null && _cached.IsFallback(needed);
                if (_cached != null && _cached.Covers(needed) && !_cached.IsDue)
                    return _cached.Token;
                if (hasFallback && _coolDown.IsActiveWithUsableToken)
                    return _cached.Token;
                if (!hasFallback && _request != null && _request.Waiting == 0 && _request.IsSigningIn)
                {
                    // Its sign-in may hang: no call waited for it.
                    abandoned = _request;
                    _request = null;
                }
                if (_request == null)
                {
                    var failure = _coolDown.Failure();
                    if (failure != null && _cached != null && _cached.IsFallback(TimeSpan.Zero))
                        return _cached.Token;
                    if (failure != null)
                        throw failure;
                    _request = new SharedRequest(needed, _noCache);
                }
                _request.Waiting++;
                request = _request;
            }
            abandoned?.Abort();
            return null;
        }

        /// <summary>Returns the cached token in place of a failed or slow request, and starts the cool-down; null if it may not be.</summary>
        internal ArrToken Fallback(TimeSpan needed)
        {
            lock (_lock)
            {
                if (_cached == null || !_cached.IsFallback(needed))
                    return null;
                if (!_coolDown.IsActiveWithUsableToken)
                    _coolDown.Start();
                return _cached.Token;
            }
        }

        /// <summary>Caches a request's token, and returns the one to use: the cached one if that lasts longer.</summary>
        internal ArrToken Complete(SharedRequest request, ArrToken token)
        {
            lock (_lock)
            {
                End(request);
                if (_rejected.Contains(token.AccessToken))
                    return token; // the waiting calls ask again
                _noCache = false;
                var next = new CachedToken(token, _refreshBefore, _clock);
                if (_cached != null && _cached.IsFallback(next.Remaining))
                    _coolDown.Start();
                else
                    _cached = next;
                return _cached.Token;
            }
        }

        internal void Fail(SharedRequest request, ArrTokenException failure)
        {
            lock (_lock)
            {
                End(request);
                _coolDown.Start(failure);
            }
        }

        internal bool IsRejected(ArrToken token)
        {
            lock (_lock)
                return _rejected.Contains(token.AccessToken);
        }

        internal void Invalidate(ArrToken token)
        {
            lock (_lock)
            {
                // Several calls may have got one token. Only the first rejection counts.
                var isKnown = !_rejected.Add(token.AccessToken);
                if (isKnown || (_cached != null && _cached.Token.AccessToken != token.AccessToken))
                    return;
                _cached = null;
                _noCache = true;
                if (_request != null)
                    _request.NoCache = true;
            }
        }

        /// <summary>Removes one waiting call.</summary>
        internal void Leave(SharedRequest request, bool abortIfUnused)
        {
            lock (_lock)
            {
                request.Waiting--;
                if (!abortIfUnused || request.Waiting > 0)
                    return;
                End(request);
            }
            request.Abort();
        }

        internal void End(SharedRequest request)
        {
            lock (_lock)
            {
                if (_request == request)
                    _request = null;
            }
        }
    }
}
