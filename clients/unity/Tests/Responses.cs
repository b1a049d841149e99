using System.Text;
using Newtonsoft.Json.Linq;

namespace GetArrToken.Tests
{
    /// <summary>Responses of the function and of its platform, as sent over TCP.</summary>
    internal static class Responses
    {
        internal const string RequestId = "3f6c6f5e-0d0e-4c7e-9d55-0a4f6a0c9a51";
        internal const string MsCv = "gKXl1CkeG0mRb6HEtMUmHQ.0";

        internal static string Token(string accessToken, object expiresIn, int age = 0)
        {
            var json = new JObject(
                new JProperty("AccessToken", accessToken),
                new JProperty("MsCv", MsCv),
                new JProperty("ExpiresOn", "2026-11-25T12:00:00Z"),
                new JProperty("ExpiresIn", expiresIn),
                new JProperty("AccountId", "35d830cb-f062-4062-9792-d6316039df56"),
                new JProperty("AccountDomain", "westeurope.mixedreality.azure.com"));
            return Ok(json.ToString(), "Age: " + age + "\r\n");
        }

        internal static string Ok(string body, string headers = "")
        {
            return Response(200, "application/json; charset=utf-8", body, headers);
        }

        internal static string Problem(int status, string code, int? retryAfter = null)
        {
            var json = new JObject(
                new JProperty("status", status),
                new JProperty("detail", "Try again after Retry-After seconds."),
                new JProperty("code", code),
                new JProperty("msCv", MsCv));
            return Response(status, "application/problem+json", json.ToString(), RetryAfter(retryAfter));
        }

        /// <summary>The platform's own: no problem+json.</summary>
        internal static string Plain(int status, int? retryAfter = null)
        {
            return Response(status, "text/plain", "Service Unavailable", RetryAfter(retryAfter));
        }

        internal static string Response(int status, string contentType, string body, string headers = "")
        {
            var length = Encoding.UTF8.GetByteCount(body);
            return "HTTP/1.1 " + status + " Status\r\nContent-Type: " + contentType + "\r\nContent-Length: " + length
                + "\r\nx-ms-request-id: " + RequestId + "\r\n" + headers + "\r\n" + body;
        }

        private static string RetryAfter(int? seconds)
        {
            return seconds == null ? "" : "Retry-After: " + seconds + "\r\n";
        }
    }
}
