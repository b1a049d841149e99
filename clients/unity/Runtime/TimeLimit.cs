using System;
using System.Threading;

namespace GetArrToken
{
    /// <summary>The time that one request with all its retries may take, and why it has no token by now.</summary>
    internal sealed class TimeLimit : IDisposable
    {
        private readonly Clock _clock;
        private readonly TimeSpan _end;
        private readonly CancellationTokenSource _source;

        internal TimeLimit(Clock clock, TimeSpan time, CancellationToken givenUp)
        {
            _clock = clock;
            _end = clock.Monotonic + time;
            _source = CancellationTokenSource.CreateLinkedTokenSource(givenUp);
            clock.CancelAfter(_source, time);
        }

        internal CancellationToken Token
        {
            get { return _source.Token; }
        }

        internal TimeSpan Left
        {
            get { return _end - _clock.Monotonic; }
        }

        /// <summary>Tells more than that the time is over; null before the first failure.</summary>
        internal ArrTokenException LastFailure { get; set; }

        public void Dispose()
        {
            _source.Dispose();
        }
    }
}
