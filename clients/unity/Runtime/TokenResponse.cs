using System;
using System.Net.Http;

namespace GetArrToken
{
    /// <summary>A token, and how old it was at the function.</summary>
    internal sealed class TokenResponse
    {
        internal const string UnchangedCode = "token-unchanged";
        internal const string Portal = "Is the address right, or does a captive portal ask for a sign-in first?";

        // The function treats a token of a lower age as new, also with no-cache.
        private static readonly TimeSpan CountsAsNew = TimeSpan.FromSeconds(30);

        private readonly TimeSpan _age;

        private TokenResponse(ArrToken token, TimeSpan age)
        {
            Token = token;
            _age = age;
        }

        internal ArrToken Token { get; }

        /// <exception cref="ArrTokenException">There is no token in it.</exception>
        internal static TokenResponse Parse(HttpResponseMessage response, string body, Age age)
        {
            var json = Json.Read(body);
            if (json == null)
                throw Invalid(response, "The response is not JSON. " + Portal);
            var accessToken = Json.Text(json, "AccessToken");
            if (accessToken == null || !Text.IsVisibleAscii(accessToken))
                throw Invalid(response, "The response has no token. Is this the address of a GetArrToken function?");
            var seconds = Json.Number(json, "ExpiresIn");
            var token = new ArrToken(accessToken, seconds == null ? (TimeSpan?)null : TimeSpan.FromSeconds(seconds.Value), age)
            {
                MsCv = Text.OneLine(Json.Text(json, "MsCv")),
                RequestId = ErrorResponse.RequestId(response),
                AccountId = Json.Text(json, "AccountId"),
                AccountDomain = Json.Text(json, "AccountDomain"),
            };
            return new TokenResponse(token, response.Headers.Age ?? TimeSpan.Zero);
        }

        internal static ArrTokenException Invalid(HttpResponseMessage response, string detail)
        {
            return new ArrTokenException("invalid-answer", detail)
            {
                Status = (int)response.StatusCode,
                RequestId = ErrorResponse.RequestId(response),
            };
        }

        /// <summary>The token is one that ARR rejected: ask again when the function may fetch another.</summary>
        /// <param name="isFinal">Do not ask again if the function may already have fetched another.</param>
        internal ArrTokenException Unchanged(bool isFinal)
        {
            const string detail = "The function still returns the token that ARR rejected. Did ARR reject it for another reason?";
            var pause = CountsAsNew > _age ? CountsAsNew - _age : TimeSpan.Zero;
            isFinal = isFinal && pause == TimeSpan.Zero;
            return new ArrTokenException(UnchangedCode, detail)
            {
                Status = 200,
                MsCv = Token.MsCv,
                RequestId = Token.RequestId,
                RetryAfter = isFinal ? (TimeSpan?)null : pause,
                Retry = isFinal ? Retry.Never : Retry.AfterRetryAfter,
            };
        }
    }
}
