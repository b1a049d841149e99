using System;

namespace GetArrToken
{
    /// <summary>The time after a failed request in which no other one starts. Not thread-safe.</summary>
    internal sealed class CoolDown
    {
        // An app that asks in each frame must neither wait nor flood a function that is down.
        private static readonly TimeSpan WithUsableToken = TimeSpan.FromSeconds(30);

        // The function sends at most this. A longer one, for example a proxy's, must not stop an app for days.
        private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

        private readonly Clock _clock;
        private ArrTokenException _failure;
        private Age _since;

        internal CoolDown(Clock clock)
        {
            _clock = clock;
        }

        /// <summary>Applies to calls for which a usable token is cached.</summary>
        internal bool IsActiveWithUsableToken => _since != null && (_since.Now < WithUsableToken || Failure() != null);

        /// <param name="failure">Null if the request is slow, or brought no better token.</param>
        internal void Start(ArrTokenException failure = null)
        {
            _failure = failure;
            _since = new Age(_clock);
        }

        /// <summary>Returns the failure while its Retry-After runs, otherwise null. Applies to all calls.</summary>
        internal ArrTokenException Failure()
        {
            if (_since == null || _failure?.RetryAfter == null || _failure.Retry == Retry.Never)
                return null;
            var retryAfter = _failure.RetryAfter.Value < LongestRetryAfter ? _failure.RetryAfter.Value : LongestRetryAfter;
            var left = retryAfter - _since.Now;
            return left > TimeSpan.Zero ? _failure.WithRetryAfter(left) : null;
        }
    }
}
