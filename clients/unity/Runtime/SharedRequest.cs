using System;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    /// <summary>The request in flight, which all waiting calls share.</summary>
    internal sealed class SharedRequest
    {
        // Continuations run elsewhere: a waiting call must not run inside the request's own last step.
        private readonly TaskCompletionSource<ArrToken> _result =
            new TaskCompletionSource<ArrToken>(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly CancellationTokenSource _aborted = new CancellationTokenSource();
        private int _started;

        /// <summary>ARR rejected a token: the next attempt asks for a newer one. May become true in flight.</summary>
        internal volatile bool NoCache;

        internal volatile bool IsSigningIn;

        internal SharedRequest(TimeSpan minValidity, bool noCache)
        {
            MinValidity = minValidity;
            NoCache = noCache;
        }

        internal TimeSpan MinValidity { get; }

        /// <summary>The number of waiting calls. Guarded by the cache's lock.</summary>
        internal int Waiting { get; set; }

        internal Task<ArrToken> Result => _result.Task;

        internal CancellationToken Aborted => _aborted.Token;

        internal void Abort()
        {
            _aborted.CancelQuietly();
        }

        /// <summary>Call it outside of the cache's lock, because it calls the app's sign-in.</summary>
        internal void StartOnce(Func<SharedRequest, Task<ArrToken>> run)
        {
            if (Interlocked.Exchange(ref _started, 1) == 0)
                run(this).PassTo(_result);
        }
    }
}
