using NUnit.Framework;

namespace GetArrToken.Tests
{
    [TestFixture]
    public class RetryTests : ClientTest
    {
        private const int Day = 86400;

        [TestCase(429)]
        [TestCase(500)]
        [TestCase(502)]
        [TestCase(503)]
        [TestCase(504)]
        public void The_platforms_transient_errors_are_retried_with_back_off(int status)
        {
            Function.WillSend(Responses.Plain(status));
            Function.WillSend(Responses.Token("t1", Day));
            Assert.That(Get(), Is.EqualTo("t1"));
            Assert.That(Time.Pauses, Is.EqualTo(new[] { Seconds(0.5) }));
        }

        [Test]
        public void A_crashed_worker_process_is_retried()
        {
            Function.WillSend("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
            Function.WillSend(Responses.Response(503, "text/plain", "Function host is not running."));
            Function.WillSend(Responses.Token("t1", Day));
            Assert.That(Get(), Is.EqualTo("t1"));
            Assert.That(Time.Pauses, Is.EqualTo(new[] { Seconds(0.5), Seconds(1) }));
        }

        [Test]
        public void JSON_that_is_not_problem_json_is_the_platforms()
        {
            Function.WillSend(Responses.Response(503, "application/json", "{\"code\": \"some-code\"}"));
            Function.WillSend(Responses.Token("t1", Day));
            Assert.That(Get(), Is.EqualTo("t1"));
        }

        [Test]
        public void The_platforms_own_Retry_After_is_kept()
        {
            Function.WillSend(Responses.Plain(429, 20));
            Function.WillSend(Responses.Token("t1", Day));
            Get();
            Assert.That(Time.Pauses, Is.EqualTo(new[] { Seconds(20) }));
        }

        [TestCase(503)]
        [TestCase(504)]
        public void The_functions_transient_errors_are_retried_after_Retry_After(int status)
        {
            Function.WillSend(Responses.Problem(status, "sts-unavailable", 7));
            Function.WillSend(Responses.Token("t1", Day));
            Assert.That(Get(), Is.EqualTo("t1"));
            Assert.That(Time.Pauses, Is.EqualTo(new[] { Seconds(7) }));
        }

        [TestCase(503)]
        [TestCase(504)]
        public void Without_Retry_After_the_functions_errors_are_final(int status)
        {
            Function.WillSend(Responses.Problem(status, "sts-unavailable"));
            Assert.That(Failure(Client.GetTokenAsync()).Status, Is.EqualTo(status));
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
        }

        [TestCase(400)]
        [TestCase(401)]
        [TestCase(403)]
        [TestCase(429)]
        [TestCase(500)]
        [TestCase(502)]
        public void The_functions_other_errors_are_final_even_with_Retry_After(int status)
        {
            Function.WillSend(Responses.Problem(status, "some-code", 7));
            Assert.That(Failure(Client.GetTokenAsync()).Status, Is.EqualTo(status));
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
        }

        [TestCase(400)]
        [TestCase(401)]
        [TestCase(404)]
        [TestCase(403)]
        [TestCase(408)]
        [TestCase(501)]
        public void The_platforms_other_errors_are_final(int status)
        {
            Function.WillSend(Responses.Plain(status, 7));
            Assert.That(Failure(Client.GetTokenAsync()).Code, Is.EqualTo("http-" + status));
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
        }

        [Test]
        public void A_connection_that_breaks_is_retried()
        {
            Function.WillSend("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"AccessTok");
            Function.WillSend(Responses.Token("t1", Day));
            Assert.That(Get(), Is.EqualTo("t1"));
            Assert.That(Time.Pauses, Is.EqualTo(new[] { Seconds(0.5) }));
        }

        [Test]
        public void A_connection_that_closes_without_a_response_is_retried()
        {
            // .NET repeats such a request by itself.
            Function.WillSend("");
            Function.WillSend(Responses.Token("t1", Day));
            Assert.That(Get(), Is.EqualTo("t1"));
        }

        [Test]
        public void Each_attempt_sends_the_same_request()
        {
            Options.FunctionKey = "the-key";
            Function.WillSend(Responses.Plain(503));
            Function.WillSend(Responses.Token("t1", Day));
            Get(Seconds(60));
            Assert.That(Function.Requests[1], Is.EqualTo(Function.Requests[0]));
        }
    }
}
