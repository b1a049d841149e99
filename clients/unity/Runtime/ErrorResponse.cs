using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Newtonsoft.Json.Linq;

namespace GetArrToken
{
    /// <summary>A response without a token: the function's application/problem+json, or the platform's own.</summary>
    internal static class ErrorResponse
    {
        // With the status, if the response names no code.
        private const string Code = "http-";

        // The Functions host sends 500 to all requests in flight when its worker process crashes; the next one works.
        private static readonly int[] PlatformRetries = { 429, 500, 502, 503, 504 };
        private static readonly int[] FunctionRetries = { 503, 504 };

        internal static async Task<ArrTokenException> ReadAsync(HttpResponseMessage response, CancellationToken limit)
        {
            var status = (int)response.StatusCode;
            var isProblem = IsProblem(response.Content);
            var failure = isProblem
                ? FromFunction(status, await ReadJsonAsync(response, limit).ConfigureAwait(false))
                : new ArrTokenException(Code + status, Advice(status));
            failure.Retry = RetryOf(status, isProblem);
            failure.IsBearerRejected = status == 401 && !isProblem;
            failure.Status = status;
            failure.RequestId = RequestId(response);
            failure.RetryAfter = RetryAfter(response);
            return failure;
        }

        internal static string RequestId(HttpResponseMessage response)
        {
            return response.Headers.TryGetValues("x-ms-request-id", out var values) ? Text.OneLine(values.First()) : null;
        }

        private static TimeSpan? RetryAfter(HttpResponseMessage response)
        {
            var after = response.Headers.RetryAfter;
            // A date is compared with the sender's clock: the device's may be wrong.
            var time = after?.Delta ?? after?.Date - response.Headers.Date;
            return time < TimeSpan.Zero ? TimeSpan.Zero : time;
        }

        /// <summary>Reads the header as it came: one that HttpClient can't parse is still the function's.</summary>
        private static bool IsProblem(HttpContent content)
        {
            if (content == null || !content.Headers.TryGetValues("Content-Type", out var values))
                return false;
            var type = values.First().Split(';', ',')[0].Trim();
            return type.Equals("application/problem+json", StringComparison.OrdinalIgnoreCase);
        }

        /// <summary>Returns null if it can't be read.</summary>
        private static async Task<JObject> ReadJsonAsync(HttpResponseMessage response, CancellationToken limit)
        {
            try
            {
                return Json.Read(await HttpTransport.ReadBodyAsync(response.Content, limit).ConfigureAwait(false));
            }
            catch (Exception) when (!limit.IsCancellationRequested)
            {
                return null; // the status says enough
            }
        }

        private static ArrTokenException FromFunction(int status, JObject json)
        {
            if (json == null)
                return new ArrTokenException(Code + status, "The function's explanation can't be read.");
            var code = Text.OneLine(Json.Text(json, "code")) ?? Code + status;
            return new ArrTokenException(code, Text.OneLine(Json.Text(json, "detail")))
            {
                MsCv = Text.OneLine(Json.Text(json, "msCv")),
            };
        }

        private static Retry RetryOf(int status, bool isProblem)
        {
            if (isProblem)
                return FunctionRetries.Contains(status) ? Retry.AfterRetryAfter : Retry.Never;
            return PlatformRetries.Contains(status) ? Retry.WithBackOff : Retry.Never;
        }

        private static string Advice(int status)
        {
            if (status == 401)
                return "Not from the function itself: check the function key, and the sign-in.";
            if (status == 403)
                return "Not from the function itself: the app is stopped or over its quota, or it does not admit this network or user.";
            if (status == 404)
                return "There is no function at this address.";
            if (status >= 300 && status < 400)
                return "Redirects are not followed. " + TokenResponse.Portal;
            return "Not from the function itself: the platform, a proxy or a captive portal responded.";
        }
    }
}
