using System;

namespace GetArrToken
{
    /// <summary>Time since construction: the larger of what both clocks say. It never decreases. Thread-safe.</summary>
    internal sealed class Age
    {
        // More than the clocks' ticks and drift differ, less than a user sets a clock by.
        private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

        private readonly object _gate = new object();
        private readonly Clock _clock;
        private TimeSpan _monotonicStart;
        private DateTime _wallStart;
        private TimeSpan _largest;

        internal Age(Clock clock)
        {
            _clock = clock;
            _monotonicStart = clock.Monotonic;
            _wallStart = clock.UtcNow;
        }

        internal TimeSpan Now
        {
            get
            {
                lock (_gate)
                    return Read();
            }
        }

        private TimeSpan Read()
        {
            var monotonic = _clock.Monotonic;
            var wall = _clock.UtcNow;
            _largest = Larger(_largest, Larger(monotonic - _monotonicStart, wall - _wallStart));
            // A clock that stopped or was set back counts from here on. Otherwise a later sleep would not count.
            if (_largest - (monotonic - _monotonicStart) > Tolerance)
                _monotonicStart = monotonic - _largest;
            if (_largest - (wall - _wallStart) > Tolerance)
                _wallStart = wall - _largest;
            return _largest;
        }

        private static TimeSpan Larger(TimeSpan one, TimeSpan other)
        {
            return one > other ? one : other;
        }
    }
}
