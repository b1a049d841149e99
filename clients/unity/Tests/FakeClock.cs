using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken.Tests
{
    /// <summary>Time stands still unless a test moves it; a pause ends at once and moves it by its length.</summary>
    internal sealed class FakeClock : Clock
    {
        private readonly object _gate = new object();
        private readonly List<KeyValuePair<TimeSpan, CancellationTokenSource>> _limits =
            new List<KeyValuePair<TimeSpan, CancellationTokenSource>>();

        private TimeSpan _monotonic = TimeSpan.FromHours(1);
        private DateTime _utcNow = new DateTime(2026, 11, 24, 12, 0, 0, DateTimeKind.Utc);

        internal List<TimeSpan> Pauses { get; } = new List<TimeSpan>();

        /// <summary>Called in each pause, before the clock moves.</summary>
        internal Action OnPause { get; set; } = () => { };

        /// <summary>The cancellation token of the last pause.</summary>
        internal CancellationToken PauseEnds { get; private set; }

        /// <summary>Pauses then last until they are cancelled.</summary>
        internal bool HoldsPauses { get; set; }

        internal override TimeSpan Monotonic
        {
            get
            {
                lock (_gate)
                    return _monotonic;
            }
        }

        internal override DateTime UtcNow
        {
            get
            {
                lock (_gate)
                    return _utcNow;
            }
        }

        internal void Advance(TimeSpan time)
        {
            var due = new List<CancellationTokenSource>();
            lock (_gate)
            {
                _monotonic += time;
                _utcNow += time;
                foreach (var limit in _limits)
                {
                    if (limit.Key <= _monotonic)
                        due.Add(limit.Value);
                }
                _limits.RemoveAll(limit => limit.Key <= _monotonic);
            }
            due.ForEach(Cancel);
        }

        /// <summary>Moves the wall clock alone: the device slept, or a user set it.</summary>
        internal void MoveWall(TimeSpan time)
        {
            lock (_gate)
                _utcNow += time;
        }

        internal override Task Delay(TimeSpan time, CancellationToken cancellationToken)
        {
            lock (_gate)
                Pauses.Add(time);
            PauseEnds = cancellationToken;
            OnPause();
            if (HoldsPauses)
                return Task.Delay(Timeout.Infinite, cancellationToken);
            Advance(time);
            cancellationToken.ThrowIfCancellationRequested();
            return Task.FromResult(true);
        }

        internal override void CancelAfter(CancellationTokenSource source, TimeSpan time)
        {
            lock (_gate)
                _limits.Add(new KeyValuePair<TimeSpan, CancellationTokenSource>(_monotonic + time, source));
        }

        private static void Cancel(CancellationTokenSource source)
        {
            try
            {
                source.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The operation that it limited has ended.
            }
        }
    }
}
