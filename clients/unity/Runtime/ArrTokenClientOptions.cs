using System;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    /// <summary>How a client asks. All of it is optional; production needs FunctionKey and BearerToken.</summary>
    public sealed class ArrTokenClientOptions
    {
        private static readonly TimeSpan Longest = TimeSpan.FromHours(23);

        /// <summary>Sent as x-functions-key. It can be taken out of an app, so it keeps nobody out.</summary>
        public string FunctionKey { get; set; }

        /// <summary>
        /// Signs the user in, sent as Authorization: Bearer. Called once a request, one at a time, on the thread of the call that makes
        /// it; its time does not count for TotalTimeout, but ends after 15 minutes, a device code's life.
        /// </summary>
        public Func<CancellationToken, Task<string>> BearerToken { get; set; }

        /// <summary>
        /// A held token with no more than this left is replaced. 15 minutes is the least that a function gives out
        /// (ARR_MIN_VALIDITY_SECONDS), so what comes is never due at once.
        /// </summary>
        public TimeSpan RefreshBefore { get; set; } = TimeSpan.FromMinutes(15);

        /// <summary>
        /// For one request with all its retries. A minute: the function may take 11 s (ARR_MAX_WAIT_SECONDS + 1), and
        /// after Invalidate up to 30 s pass before it may fetch another token.
        /// </summary>
        public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(60);

        /// <summary>For development only: http beyond loopback, say from a headset to the local stack on the LAN.</summary>
        public bool AllowInsecureHttp { get; set; }

        internal Clock Clock { get; set; } = Clock.Real;

        /// <summary>From 0 to 1.</summary>
        internal Func<double> Random { get; set; } = NewRandom();

        private static Func<double> NewRandom()
        {
            var random = new Random(Guid.NewGuid().GetHashCode());
            return () =>
            {
                // Requests of one client may fail side by side, and Random is not thread-safe.
                lock (random)
                    return random.NextDouble();
            };
        }

        internal void Check()
        {
            if (RefreshBefore < TimeSpan.Zero || RefreshBefore > Longest)
                throw new ArgumentOutOfRangeException(nameof(RefreshBefore), "From 0 to 23 hours.");
            if (TotalTimeout <= TimeSpan.Zero || TotalTimeout > Longest)
                throw new ArgumentOutOfRangeException(nameof(TotalTimeout), "More than 0, at most 23 hours.");
        }
    }
}
