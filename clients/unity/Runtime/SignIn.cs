using System;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    /// <summary>The app's own sign-in, whose failures become the client's.</summary>
    internal static class SignIn
    {
        private const string Code = "sign-in-failed";

        // A device code's life: who waits longer waits for nothing, and every call with them.
        private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

        internal static async Task<string> GetAsync(
            Func<CancellationToken, Task<string>> bearerToken, Clock clock, CancellationToken givenUp)
        {
            string token;
            using (var limit = new TimeLimit(clock, Longest, givenUp))
            // Its own: an exception in one of the app's callbacks must not end up in the limit's timer.
            using (var ends = CancellationTokenSource.CreateLinkedTokenSource(givenUp))
            {
                try
                {
                    token = await bearerToken(ends.Token).OrCancelled(limit.Token).ConfigureAwait(false);
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
