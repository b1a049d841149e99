using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    /// <summary>Time, which tests can move.</summary>
    internal abstract class Clock
    {
        internal static readonly Clock Real = new SystemClock();

        /// <summary>Is never set back; may stop while the device sleeps.</summary>
        internal abstract TimeSpan Monotonic { get; }

        /// <summary>Runs while the device sleeps; may be wrong, and may be set.</summary>
        internal abstract DateTime UtcNow { get; }

        internal abstract Task Delay(TimeSpan time, CancellationToken cancellationToken);

        internal abstract void CancelAfter(CancellationTokenSource source, TimeSpan time);

        private sealed class SystemClock : Clock
        {
            private readonly Stopwatch _watch = Stopwatch.StartNew();

            internal override TimeSpan Monotonic => _watch.Elapsed;

            internal override DateTime UtcNow => DateTime.UtcNow;

            internal override Task Delay(TimeSpan time, CancellationToken cancellationToken)
            {
                return Task.Delay(time, cancellationToken);
            }

            internal override void CancelAfter(CancellationTokenSource source, TimeSpan time)
            {
                source.CancelAfter(time);
            }
        }
    }
}
