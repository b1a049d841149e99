using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>Whose answer it is, and so whether it is tried again, is said by its header, whatever its body is like.</summary>
    [TestFixture]
    public class ProblemTests : ClientTest
    {
        private const string Type = "application/problem+json";

        [TestCase("Application/Problem+JSON")]
        [TestCase("application/problem+json;")]
        [TestCase("application/problem+json; charset=utf-8")]
        [TestCase("application/problem+json, application/problem+json")]
        [TestCase("application/problem+json\r\nContent-Type: application/problem+json")]
        public void However_its_type_is_written_it_is_the_functions(string type)
        {
            Function.WillSend(Answers.Answer(502, type, "{\"code\": \"some-code\"}"));
            AssertFails("some-code", 502);
        }

        [TestCase("not JSON")]
        [TestCase("")]
        [TestCase("{\"detail\": \"no code\"}")]
        public void Without_a_code_it_is_named_by_its_status(string body)
        {
            Function.WillSend(Answers.Answer(429, Type, body));
            AssertFails("http-429", 429);
        }

        [Test]
        public void Without_a_code_it_is_tried_again_after_Retry_After_all_the_same()
        {
            Function.WillSend(Answers.Answer(503, Type, "not JSON", "Retry-After: 7\r\n"));
            Function.WillSend(Answers.Token("t1", 86400));
            Assert.That(Get(), Is.EqualTo("t1"));
            Assert.That(Time.Pauses, Is.EqualTo(new[] { Seconds(7) }));
        }

        [Test]
        public void Too_large_it_is_named_by_its_status()
        {
            Function.WillSend(Answers.Answer(502, Type, "{\"code\": \"some-code\"}" + new string(' ', 65537)));
            AssertFails("http-502", 502);
        }

        [Test]
        public void Cut_short_it_is_named_by_its_status()
        {
            Function.WillSend("HTTP/1.1 502 No\r\nContent-Type: " + Type + "\r\nContent-Length: 500\r\n\r\n{\"code\": \"so");
            AssertFails("http-502", 502);
        }

        [Test]
        public void A_byte_order_mark_does_not_hide_its_code()
        {
            Function.WillSend(Answers.Answer(502, Type, "\uFEFF{\"code\": \"some-code\"}"));
            AssertFails("some-code", 502);
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
