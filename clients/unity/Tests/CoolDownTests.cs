using System;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>The client makes no request before the function's Retry-After has passed.</summary>
    [TestFixture]
    public class CoolDownTests : ClientTest
    {
        private const int Day = 86400;

        [Test]
        public void Calls_during_the_Retry_After_get_the_same_failure_without_a_request()
        {
            Function.WillSend(Responses.Problem(503, "sts-throttled", 3600));
            Failure(Client.GetTokenAsync());
            Time.Advance(Seconds(600));
            for (var call = 0; call < 60; call++)
            {
                var failure = Failure(Client.GetTokenAsync());
                Assert.That(failure.Code, Is.EqualTo("sts-throttled"));
                Assert.That(failure.Status, Is.EqualTo(503));
                Assert.That(failure.MsCv, Is.EqualTo(Responses.MsCv));
                Assert.That(failure.RequestId, Is.EqualTo(Responses.RequestId));
                Assert.That(failure.RetryAfter, Is.EqualTo(Seconds(3000)));
            }
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
        }

        [Test]
        public void After_the_Retry_After_a_call_asks_again()
        {
            Function.WillSend(Responses.Problem(503, "sts-throttled", 3600));
            Function.WillSend(Responses.Token("t1", Day));
            Failure(Client.GetTokenAsync());
            Time.Advance(Seconds(3599));
            Failure(Client.GetTokenAsync());
            Time.Advance(Seconds(1));
            Assert.That(Get(), Is.EqualTo("t1"));
        }

        [Test]
        public void A_sleep_of_the_device_counts()
        {
            Function.WillSend(Responses.Problem(503, "sts-throttled", 3600));
            Function.WillSend(Responses.Token("t1", Day));
            Failure(Client.GetTokenAsync());
            Time.MoveWall(Seconds(3600));
            Assert.That(Get(), Is.EqualTo("t1"));
        }

        [Test]
        public void A_Retry_After_of_days_is_kept_for_an_hour()
        {
            Function.WillSend(Responses.Plain(429, 10 * Day));
            Function.WillSend(Responses.Token("t1", Day));
            Failure(Client.GetTokenAsync());
            Time.Advance(Seconds(3599));
            Failure(Client.GetTokenAsync());
            Time.Advance(Seconds(1));
            Assert.That(Get(), Is.EqualTo("t1"));
        }

        [TestCase(500)]
        [TestCase(502)]
        public void A_failure_that_is_not_transient_has_no_cool_down(int status)
        {
            Function.WillSend(Responses.Problem(status, "misconfigured", 3600));
            Function.WillSend(Responses.Token("t2", Day));
            Failure(Client.GetTokenAsync());
            Assert.That(Get(), Is.EqualTo("t2"));
        }

        [Test]
        public void Without_Retry_After_the_next_call_asks_again()
        {
            Options.TotalTimeout = Seconds(0.1);
            Function.WillSend(Responses.Plain(503));
            Function.WillSend(Responses.Token("t2", Day));
            Failure(Client.GetTokenAsync());
            Assert.That(Get(), Is.EqualTo("t2"));
        }

        [Test]
        public void A_usable_cached_token_is_returned_during_the_Retry_After()
        {
            Function.WillSend(Responses.Token("t1", Day));
            Get();
            Time.Advance(Seconds(Day - 800));
            Function.WillSend(Responses.Problem(503, "sts-throttled", 600));
            Assert.That(Get(), Is.EqualTo("t1"));
            Time.Advance(Seconds(599));
            Assert.That(Get(), Is.EqualTo("t1"));
            Assert.That(Get(Seconds(3600)), Is.EqualTo("t1"));
            Assert.That(Function.Requests.Count, Is.EqualTo(2));
            Function.WillSend(Responses.Token("t2", Day));
            Time.Advance(Seconds(1));
            Assert.That(Get(), Is.EqualTo("t2"));
        }

        [Test]
        public void A_rejected_token_is_not_returned_during_the_Retry_After()
        {
            Function.WillSend(Responses.Token("t1", Day));
            var token = Result(Client.GetTokenAsync());
            Time.Advance(Seconds(Day - 800));
            Function.WillSend(Responses.Problem(503, "sts-throttled", 600));
            Get();
            Client.Invalidate(token);
            Assert.That(Failure(Client.GetTokenAsync()).Code, Is.EqualTo("sts-throttled"));
            Assert.That(Function.Requests.Count, Is.EqualTo(2));
        }
    }
}
