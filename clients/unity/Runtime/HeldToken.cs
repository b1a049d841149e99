using System;

namespace GetArrToken
{
    /// <summary>The token that a client holds, and when to ask for the next.</summary>
    internal sealed class HeldToken
    {
        // An app that asks in each frame must neither wait nor hammer a function that is down.
        private static readonly TimeSpan RestAfterFailure = TimeSpan.FromSeconds(30);

        private readonly Clock _clock;
        private readonly TimeSpan _dueAt;
        private Age _rest;

        /// <param name="token">One of unknown life covers nothing, so it is used once.</param>
        /// <param name="refreshBefore">For a token so short-lived that it would be due at once, half of its life counts.</param>
        /// <param name="clock">The client's.</param>
        internal HeldToken(ArrToken token, TimeSpan refreshBefore, Clock clock)
        {
            Token = token;
            _clock = clock;
            var half = TimeSpan.FromTicks(Left.Ticks / 2);
            _dueAt = half < refreshBefore ? half : refreshBefore;
        }

        internal ArrToken Token { get; }

        internal bool IsDue
        {
            get { return Left <= _dueAt && (_rest == null || _rest.Now >= RestAfterFailure); }
        }

        internal TimeSpan Left
        {
            get { return Token.Remaining.GetValueOrDefault(); }
        }

        internal bool Covers(TimeSpan needed)
        {
            return Left > TimeSpan.Zero && Left >= needed;
        }

        /// <summary>No newer one could be had: for a while, it is not due.</summary>
        internal void Rest()
        {
            _rest = new Age(_clock);
        }
    }
}
