using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Newtonsoft.Json.Linq;

namespace GetArrToken
{
    /// <summary>An answer without a token: the function's application/problem+json, or the platform's own.</summary>
    internal static class Problem
    {
        private static readonly int[] PlatformRetries = { 429, 502, 503, 504 };
        private static readonly int[] FunctionRetries = { 503, 504 };

        internal static async Task<ArrTokenException> ReadAsync(HttpResponseMessage response, CancellationToken limit)
        {
            var json = await ReadJsonAsync(response, limit).ConfigureAwait(false);
            var failure = json == null ? FromPlatform(response) : FromFunction(response, json);
            failure.Status = (int)response.StatusCode;
            failure.RequestId = RequestId(response);
            failure.RetryAfter = response.Headers.RetryAfter?.Delta;
            return failure;
        }

        internal static string RequestId(HttpResponseMessage response)
        {
            IEnumerable<string> values;
            var isThere = response.Headers.TryGetValues("x-ms-request-id", out values);
            return isThere ? Text.OneLine(values.First()) : null;
        }

        private static async Task<JObject> ReadJsonAsync(HttpResponseMessage response, CancellationToken limit)
        {
            if (response.Content?.Headers.ContentType?.MediaType != "application/problem+json")
                return null;
            try
            {
                var json = Json.Read(await Body.ReadAsync(response.Content, limit).ConfigureAwait(false));
                return json == null || Json.Text(json, "code") == null ? null : json;
            }
            catch (InvalidDataException)
            {
                return null;
            }
        }

        private static ArrTokenException FromFunction(HttpResponseMessage response, JObject json)
        {
            return new ArrTokenException(Text.OneLine(Json.Text(json, "code")), Text.OneLine(Json.Text(json, "detail")))
            {
                MsCv = Text.OneLine(Json.Text(json, "msCv")),
                Retry = FunctionRetries.Contains((int)response.StatusCode) ? Retry.AfterRetryAfter : Retry.Never,
            };
        }

        private static ArrTokenException FromPlatform(HttpResponseMessage response)
        {
            var status = (int)response.StatusCode;
            return new ArrTokenException("http-" + status, Advice(status))
            {
                Retry = PlatformRetries.Contains(status) ? Retry.WithBackOff : Retry.Never,
            };
        }

        private static string Advice(int status)
        {
            if (status == 401 || status == 403)
                return "Not from the function itself: check the function key, and the sign-in.";
            if (status == 404)
                return "There is no function at this address.";
            if (status >= 300 && status < 400)
                return "Redirects are not followed. " + TokenAnswer.Portal;
            return "Not from the function itself: the platform, a proxy or a captive portal answered.";
        }
    }
}
