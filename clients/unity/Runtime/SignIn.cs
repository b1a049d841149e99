using System;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    /// <summary>The app's own sign-in, whose failures become the client's.</summary>
    internal static class SignIn
    {
        private const string Code = "sign-in-failed";

        internal static async Task<string> GetAsync(Func<CancellationToken, Task<string>> bearerToken, CancellationToken givenUp)
        {
            string token;
            try
            {
                token = await bearerToken(givenUp).OrCancelled(givenUp).ConfigureAwait(false);
            }
            catch (Exception error) when (!givenUp.IsCancellationRequested)
            {
                throw new ArrTokenException(Code, "BearerToken failed with " + error.GetType().Name + ".", error);
            }
            if (token == null || !Text.IsVisibleAscii(token))
                throw new ArrTokenException(Code, "BearerToken gave no token, or one that can't be sent.");
            return token;
        }
    }
}
