using System;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    /// <summary>Signs the user in and returns an access token for the function app.</summary>
    /// <param name="previousRejected">
    /// App Service rejected the token that the previous call returned: return another one, not that one from a cache
    /// (MSAL: WithForceRefresh).
    /// </param>
    /// <param name="cancellationToken">No call needs the token any more: stop, and take down what is shown.</param>
    public delegate Task<string> BearerTokenProvider(bool previousRejected, CancellationToken cancellationToken);

    /// <summary>Everything is optional. Production needs FunctionKey and BearerToken.</summary>
    public sealed class ArrTokenClientOptions
    {
        // The timers' resolution.
        private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
        private static readonly TimeSpan Longest = TimeSpan.FromHours(23);

        /// <summary>Sent as x-functions-key. Anyone can extract it from an app: require sign-in as well.</summary>
        public string FunctionKey { get; set; }

        /// <summary>
        /// Its token is sent as Authorization: Bearer. Called once a request, and again if App Service rejects the token; one call
        /// at a time, on the SynchronizationContext on which the client was made. A failed network is retried as the function's.
        /// Its time does not count for TotalTimeout, but is limited to 15 minutes, a device code's life.
        /// </summary>
        public BearerTokenProvider BearerToken { get; set; }

        /// <summary>
        /// A cached token with no more than this left is replaced. 15 minutes is the least that a function returns
        /// (ARR_MIN_VALIDITY_SECONDS), so a new token is never due at once.
        /// </summary>
        public TimeSpan RefreshBefore { get; set; } = TimeSpan.FromMinutes(15);

        /// <summary>
        /// For one attempt; then the next one starts. 25 s: the function may take 11 s (ARR_MAX_WAIT_SECONDS + 1) and the platform
        /// some seconds more to start it. Two attempts fit into TotalTimeout.
        /// </summary>
        public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(25);

        /// <summary>
        /// For one request with all its attempts. 60 s: after Invalidate, up to 30 s pass before the function may fetch another token.
        /// </summary>
        public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(60);

        /// <summary>For development only: http beyond loopback, for example from a headset to the local stack on the LAN.</summary>
        public bool AllowInsecureHttp { get; set; }

        /// <summary>
        /// For a proxy, a private CA or a test; it stays the app's to dispose. It must not follow redirects, which would carry key and
        /// token elsewhere, and should not keep cookies. Null: one of the client's own.
        /// </summary>
        public HttpMessageHandler HttpMessageHandler { get; set; }

        internal Clock Clock { get; set; } = Clock.Real;

        /// <summary>Returns 0 to 1. Null: each client has its own, because Random is not thread-safe.</summary>
        internal Func<double> Random { get; set; }

        internal void Check()
        {
            CheckTime(RefreshBefore, TimeSpan.Zero, nameof(RefreshBefore));
            CheckTime(AttemptTimeout, Shortest, nameof(AttemptTimeout));
            CheckTime(TotalTimeout, Shortest, nameof(TotalTimeout));
            var handler = HttpMessageHandler;
            while (handler is DelegatingHandler outer)
                handler = outer.InnerHandler;
            if (handler is HttpClientHandler inner && inner.AllowAutoRedirect)
                throw new ArgumentException("HttpMessageHandler follows redirects: set AllowAutoRedirect to false.");
        }

        private static void CheckTime(TimeSpan time, TimeSpan least, string name)
        {
            if (time < least || time > Longest)
                throw new ArgumentOutOfRangeException(name, "From " + least + " to " + Longest + ".");
        }
    }
}
