using System;

namespace GetArrToken
{
    /// <summary>The token that a client caches, and when to replace it.</summary>
    internal sealed class CachedToken
    {
        // Too short for a session: with less, the app needs to know why there is no better token.
        private static readonly TimeSpan LeastFallback = TimeSpan.FromSeconds(60);

        // The function treats a token of a lower age as new, so an earlier request would return the same one.
        private static readonly TimeSpan UnknownLifetime = TimeSpan.FromSeconds(30);

        private readonly Age _age;
        private readonly TimeSpan _refreshBefore;

        /// <param name="token">The token.</param>
        /// <param name="refreshBefore">A token that would be due at once is due after half of its lifetime.</param>
        /// <param name="clock">The client's.</param>
        internal CachedToken(ArrToken token, TimeSpan refreshBefore, Clock clock)
        {
            Token = token;
            _age = new Age(clock);
            var half = TimeSpan.FromTicks(Remaining.Ticks / 2);
            _refreshBefore = half < refreshBefore ? half : refreshBefore;
        }

        internal ArrToken Token { get; }

        /// <summary>Zero if it is unknown.</summary>
        internal TimeSpan Remaining => Token.Remaining.GetValueOrDefault();

        internal bool IsDue => Token.Remaining == null ? _age.Now >= UnknownLifetime : Remaining <= _refreshBefore;

        /// <summary>An unknown lifetime satisfies any need, as at the function, but only while the token is new.</summary>
        internal bool Covers(TimeSpan needed)
        {
            return Token.Remaining == null ? !IsDue : Remaining > TimeSpan.Zero && Remaining >= needed;
        }

        /// <summary>Whether it may be returned in place of a failure.</summary>
        internal bool IsFallback(TimeSpan needed)
        {
            return Remaining >= LeastFallback && Remaining >= needed;
        }
    }
}
