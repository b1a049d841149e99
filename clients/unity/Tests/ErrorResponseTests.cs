using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>The Content-Type tells whether an error is the function's own, and so whether it is retried; its text tells what to do.</summary>
    [TestFixture]
    public class ErrorResponseTests : ClientTest
    {
        private const string Type = "application/problem+json";

        [TestCase("Application/Problem+JSON")]
        [TestCase("application/problem+json;")]
        [TestCase("application/problem+json; charset=utf-8")]
        [TestCase("application/problem+json, application/problem+json")]
        [TestCase("application/problem+json\r\nContent-Type: application/problem+json")]
        public void Every_spelling_of_problem_json_is_accepted(string type)
        {
            Function.WillSend(Responses.Response(502, type, "{\"code\": \"some-code\"}"));
            AssertFails("some-code", 502);
        }

        [TestCase("not JSON")]
        [TestCase("")]
        [TestCase("{\"detail\": \"no code\"}")]
        public void Without_a_code_the_status_is_the_code(string body)
        {
            Function.WillSend(Responses.Response(429, Type, body));
            AssertFails("http-429", 429);
        }

        [Test]
        public void Without_a_code_it_is_still_retried_after_Retry_After()
        {
            Function.WillSend(Responses.Response(503, Type, "not JSON", "Retry-After: 7\r\n"));
            Function.WillSend(Responses.Token("t1", 86400));
            Assert.That(Get(), Is.EqualTo("t1"));
            Assert.That(Time.Pauses, Is.EqualTo(new[] { Seconds(7) }));
        }

        [Test]
        public void If_it_is_too_large_the_status_is_the_code()
        {
            Function.WillSend(Responses.Response(502, Type, "{\"code\": \"some-code\"}" + new string(' ', 65537)));
            AssertFails("http-502", 502);
        }

        [Test]
        public void If_it_is_cut_short_the_status_is_the_code()
        {
            Function.WillSend("HTTP/1.1 502 No\r\nContent-Type: " + Type + "\r\nContent-Length: 500\r\n\r\n{\"code\": \"so");
            AssertFails("http-502", 502);
        }

        [Test]
        public void A_byte_order_mark_does_not_hide_its_code()
        {
            Function.WillSend(Responses.Response(502, Type, "\uFEFF{\"code\": \"some-code\"}"));
            AssertFails("some-code", 502);
        }

        [TestCase("{\"code\": \"some-code\"}")]
        [TestCase("{\"code\": \"some-code\", \"detail\": null}")]
        [TestCase("{\"code\": \"some-code\", \"detail\": \"\"}")]
        public void Without_a_detail_the_message_ends_with_its_last_fact(string body)
        {
            Function.WillSend(Responses.Response(502, Type, body));
            Assert.That(Failure(Client.GetTokenAsync()).Message, Is.EqualTo(
                "GetArrToken: some-code (HTTP 502), request id " + Responses.RequestId));
        }

        [TestCase(401, "function key")]
        [TestCase(403, "stopped or over its quota")]
        [TestCase(404, "no function at this address")]
        [TestCase(418, "the platform, a proxy or a captive portal")]
        public void The_detail_of_the_platforms_own_error_says_what_to_check(int status, string advice)
        {
            Function.WillSend(Responses.Plain(status));
            var detail = Failure(Client.GetTokenAsync()).Detail;
            StringAssert.Contains(advice, detail);
            Assert.That(detail.Contains("function key"), Is.EqualTo(status == 401));
        }

        private void AssertFails(string code, int status)
        {
            var failure = Failure(Client.GetTokenAsync());
            Assert.That(failure.Code, Is.EqualTo(code));
            Assert.That(failure.Status, Is.EqualTo(status));
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
        }
    }
}
