using System;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    /// <summary>The app's own sign-in, whose failures become the client's.</summary>
    internal sealed class SignIn
    {
        private const string Code = "sign-in-failed";

        // A device code's life: who waits longer waits for nothing, and every call with them.
        private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

        private readonly SemaphoreSlim _turn = new SemaphoreSlim(1);
        private readonly Func<CancellationToken, Task<string>> _bearerToken;
        private readonly Clock _clock;

        internal SignIn(Func<CancellationToken, Task<string>> bearerToken, Clock clock)
        {
            _bearerToken = bearerToken;
            _clock = clock;
        }

        /// <summary>One at a time: the next one finds the user signed in, who sees a single device code.</summary>
        internal async Task<string> GetAsync(CancellationToken givenUp)
        {
            // Back on the thread of the call, where the sign-in may show something.
            await _turn.WaitAsync(givenUp).ConfigureAwait(true);
            try
            {
                return await AskAsync(givenUp).ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }

        private async Task<string> AskAsync(CancellationToken givenUp)
        {
            string token;
            using (var limit = new TimeLimit(_clock, Longest, givenUp))
            // Its own: an exception in one of the app's callbacks must not end up in the limit's timer.
            using (var ends = CancellationTokenSource.CreateLinkedTokenSource(givenUp))
            {
                try
                {
                    token = await _bearerToken(ends.Token).OrCancelled(limit.Token).ConfigureAwait(false);
                }
                catch (Exception) when (limit.Token.IsCancellationRequested && !givenUp.IsCancellationRequested)
                {
                    ends.CancelQuietly();
                    throw new ArrTokenException(Code, "BearerToken took longer than " + Text.Seconds(Longest) + ".");
                }
                catch (Exception error) when (!givenUp.IsCancellationRequested)
                {
                    throw new ArrTokenException(Code, "BearerToken failed with " + error.GetType().Name + ".", error);
                }
            }
            if (token == null || !Text.IsVisibleAscii(token))
                throw new ArrTokenException(Code, "BearerToken gave no token, or one that can't be sent.");
            return token;
        }
    }
}
