using System;
using System.Collections.Generic;

namespace GetArrToken
{
    /// <summary>What a client holds: a token, the request under way, and the tokens that ARR refused.</summary>
    internal sealed class TokenCache
    {
        private readonly object _gate = new object();
        private readonly TimeSpan _refreshBefore;
        private readonly Clock _clock;
        private HeldToken _held;
        private SharedRequest _request;
        // For good, because another worker of the function may still bring one. It stays small: a refusal is rare.
        private readonly HashSet<string> _refused = new HashSet<string>();
        private bool _mustBeNew;

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
                held = Usable(needed);
                if (held != null && !held.IsDue)
                    return null;
                if (_request == null || _request.MinValidity < needed)
                    _request = new SharedRequest(needed, _mustBeNew, new HashSet<string>(_refused));
                _request.Join();
                return _request;
            }
        }

        /// <summary>Gives what is held in place of what a request did not bring; then it rests. Null if it won't do.</summary>
        internal ArrToken Keep(TimeSpan needed)
        {
            lock (_gate)
            {
                var held = Usable(needed);
                held?.Rest();
                return held?.Token;
            }
        }

        /// <summary>Takes what a request brought, null for a failure, unless it was refused or a better one is held.</summary>
        internal void Settle(SharedRequest request, ArrToken token)
        {
            lock (_gate)
            {
                if (_request == request)
                    _request = null;
                if (token == null || _refused.Contains(token.AccessToken))
                    return;
                _mustBeNew = false;
                var next = new HeldToken(token, _refreshBefore, _clock);
                if (_held != null && _held.Left > next.Left)
                    _held.Rest();
                else
                    _held = next;
            }
        }

        internal bool IsRefused(ArrToken token)
        {
            lock (_gate)
                return _refused.Contains(token.AccessToken);
        }

        internal void Invalidate(ArrToken token)
        {
            lock (_gate)
            {
                // Several callers may have been refused with one token; the first has said it.
                var isKnown = !_refused.Add(token.AccessToken);
                if (isKnown || (_held != null && _held.Token.AccessToken != token.AccessToken))
                    return;
                _held = null;
                _mustBeNew = true;
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

        /// <summary>One call waits no longer, but the request goes on: what it brings serves a later call.</summary>
        internal void LeaveBehind(SharedRequest request)
        {
            lock (_gate)
                request.Leave();
        }

        private HeldToken Usable(TimeSpan needed)
        {
            return _held != null && _held.Covers(needed) ? _held : null;
        }
    }
}
