using System;

namespace GetArrToken
{
    /// <summary>Whether a failure is tried again, and after how long.</summary>
    internal sealed class RetryPolicy
    {
        private static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);
        private static readonly TimeSpan Longest = TimeSpan.FromSeconds(8);
        private const int DoublingsToLongest = 4;

        private readonly Func<double> _random;

        internal RetryPolicy(Func<double> random)
        {
            _random = random;
        }

        /// <summary>Null: not again.</summary>
        internal TimeSpan? PauseAfter(ArrTokenException failure, int failures)
        {
            if (failure.Retry == Retry.Never)
                return null;
            if (failure.Retry == Retry.AfterRetryAfter && failure.RetryAfter == null)
                return null;
            var pause = BackOff(failures);
            return failure.RetryAfter > pause ? failure.RetryAfter : pause;
        }

        private TimeSpan BackOff(int failures)
        {
            var doublings = Math.Min(failures - 1, DoublingsToLongest);
            var longest = Math.Min(First.Ticks << doublings, Longest.Ticks);
            // Half of it by chance, so that headsets that lost the same network don't come back in step.
            return TimeSpan.FromTicks((long)(longest * (0.5 + 0.5 * _random())));
        }
    }
}
