using System;
using System.Net.Http;

namespace GetArrToken
{
    /// <summary>A token, and how old it was at the function.</summary>
    internal sealed class TokenAnswer
    {
        internal const string Portal = "Is the address right, or does a captive portal want to be passed first?";

        private TokenAnswer(ArrToken token, TimeSpan age)
        {
            Token = token;
            Age = age;
        }

        internal ArrToken Token { get; }

        internal TimeSpan Age { get; }

        /// <exception cref="ArrTokenException">There is no token in it.</exception>
        internal static TokenAnswer Read(HttpResponseMessage response, string body, Age age)
        {
            var json = Json.Read(body);
            if (json == null)
                throw Invalid(response, "The answer is not JSON. " + Portal);
            var accessToken = Json.Text(json, "AccessToken");
            if (accessToken == null || !Text.IsVisibleAscii(accessToken))
                throw Invalid(response, "There is no token in the answer. Is the address that of a GetArrToken function?");
            var seconds = Json.Number(json, "ExpiresIn");
            var life = seconds == null ? (TimeSpan?)null : TimeSpan.FromSeconds(seconds.Value);
            var token = new ArrToken(accessToken, life, age)
            {
                MsCv = Text.OneLine(Json.Text(json, "MsCv")),
                RequestId = Problem.RequestId(response),
                AccountId = Json.Text(json, "AccountId"),
                AccountDomain = Json.Text(json, "AccountDomain"),
            };
            return new TokenAnswer(token, response.Headers.Age ?? TimeSpan.Zero);
        }

        internal static ArrTokenException Invalid(HttpResponseMessage response, string detail)
        {
            return new ArrTokenException("invalid-answer", detail)
            {
                Status = (int)response.StatusCode,
                RequestId = Problem.RequestId(response),
            };
        }
    }
}
