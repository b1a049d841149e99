using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    /// <summary>One request to the function, and the calls that wait for it.</summary>
    internal sealed class SharedRequest
    {
        // Continuations run elsewhere: a waiting call must not run inside the request's own last step.
        private readonly TaskCompletionSource<ArrToken> _outcome =
            new TaskCompletionSource<ArrToken>(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly CancellationTokenSource _givenUp = new CancellationTokenSource();
        private int _waiting;
        private int _started;

        internal SharedRequest(TimeSpan minValidity, bool mustBeNew, ICollection<string> refused)
        {
            MinValidity = minValidity;
            MustBeNew = mustBeNew;
            Refused = refused;
        }

        internal TimeSpan MinValidity { get; }

        internal bool MustBeNew { get; }

        /// <summary>The tokens that ARR had refused when it was made.</summary>
        internal ICollection<string> Refused { get; }

        internal Task<ArrToken> Outcome
        {
            get { return _outcome.Task; }
        }

        internal CancellationToken GivenUp
        {
            get { return _givenUp.Token; }
        }

        /// <summary>Under the client's lock, as Leave.</summary>
        internal void Join()
        {
            _waiting++;
        }

        /// <summary>True when that was the last.</summary>
        internal bool Leave()
        {
            _waiting--;
            return _waiting == 0;
        }

        internal void GiveUp()
        {
            _givenUp.CancelQuietly();
        }

        /// <summary>Outside of the lock, because it calls the app's sign-in; who comes second finds it started.</summary>
        internal void StartOnce(Func<SharedRequest, Task<ArrToken>> run)
        {
            if (Interlocked.Exchange(ref _started, 1) == 0)
                run(this).PassTo(_outcome);
        }
    }
}
