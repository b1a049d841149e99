using System;

namespace GetArrToken
{
    /// <summary>What a client holds: a token, the request under way, and the token that ARR refused.</summary>
    internal sealed class TokenCache
    {
        private readonly object _gate = new object();
        private readonly TimeSpan _refreshBefore;
        private readonly Clock _clock;
        private HeldToken _held;
        private SharedRequest _request;
        private string _refused;

        internal TokenCache(TimeSpan refreshBefore, Clock clock)
        {
            _refreshBefore = refreshBefore;
            _clock = clock;
        }

        /// <summary>Gives the request to wait for, or null when the held token is good.</summary>
        /// <param name="needed">The least life that will do.</param>
        /// <param name="held">The held token if it will do, be it due or not; otherwise null.</param>
        internal SharedRequest Ask(TimeSpan needed, out HeldToken held)
        {
            lock (_gate)
            {
                held = _held != null && _held.Covers(needed) ? _held : null;
                if (held != null && !held.IsDue)
                    return null;
                if (_request == null || _request.MinValidity < needed)
                    _request = new SharedRequest(needed, _refused);
                _request.Join();
                return _request;
            }
        }

        /// <summary>Whether a token that was due can be given after all; then it rests.</summary>
        internal bool TryKeep(HeldToken held, TimeSpan needed)
        {
            lock (_gate)
            {
                if (_held != held || !held.Covers(needed))
                    return false;
                held.Rest();
                return true;
            }
        }

        /// <summary>Takes what a request brought, null for a failure, unless a later one took its place.</summary>
        internal void Settle(SharedRequest request, ArrToken token)
        {
            lock (_gate)
            {
                if (_request != request)
                    return;
                _request = null;
                if (token == null)
                    return;
                _held = new HeldToken(token, _refreshBefore, _clock);
                _refused = null;
            }
        }

        internal void Invalidate(ArrToken token)
        {
            lock (_gate)
            {
                // Several callers may have been refused with one token; the first has said it.
                var isKnown = token.AccessToken == _refused;
                if (isKnown || (_held != null && _held.Token.AccessToken != token.AccessToken))
                    return;
                _held = null;
                _refused = token.AccessToken;
                // What is under way may bring the refused token: who calls from now on does not wait for it.
                _request = null;
            }
        }

        /// <summary>One call waits no longer; a request for which none waits is given up.</summary>
        internal void Leave(SharedRequest request)
        {
            lock (_gate)
            {
                if (!request.Leave())
                    return;
                if (_request == request)
                    _request = null;
            }
            request.GiveUp();
        }
    }
}
