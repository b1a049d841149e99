using System;
using System.Linq;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>The client's pauses between attempts, and its last attempt.</summary>
    [TestFixture]
    public class BackOffTests : ClientTest
    {
        private const int Day = 86400;

        [Test]
        public void If_nothing_listens_it_is_retried_until_the_total_limit()
        {
            Function.Dispose();
            var failure = Failure(Client.GetTokenAsync());
            Assert.That(failure.Code, Is.EqualTo("connection-failed"));
            Assert.That(failure.Status, Is.Null);
            Assert.That(Time.Pauses.Select(pause => pause.TotalSeconds), Is.EqualTo(new[] { 0.5, 1, 2, 4, 8, 8, 8, 8, 8, 8 }));
        }

        [Test]
        public void No_back_off_is_longer_than_8_seconds()
        {
            Options.TotalTimeout = Seconds(1000);
            Function.Dispose();
            Failure(Client.GetTokenAsync());
            Assert.That(Time.Pauses.Skip(4).Distinct(), Is.EqualTo(new[] { Seconds(8) }));
        }

        [Test]
        public void Half_of_each_back_off_is_jitter()
        {
            Options.Random = () => 0.0;
            Function.WillSend(Responses.Plain(503));
            Function.WillSend(Responses.Plain(503));
            Function.WillSend(Responses.Token("t1", Day));
            Get();
            Assert.That(Time.Pauses, Is.EqualTo(new[] { Seconds(0.25), Seconds(0.5) }));
        }

        [TestCase(60)]
        [TestCase(3600)]
        public void A_Retry_After_beyond_the_total_limit_fails_at_once(int retryAfter)
        {
            Function.WillSend(Responses.Problem(503, "sts-throttled", retryAfter));
            Assert.That(Failure(Client.GetTokenAsync()).RetryAfter, Is.EqualTo(Seconds(retryAfter)));
            Assert.That(Time.Pauses, Is.Empty);
        }

        [Test]
        public void The_total_limit_spans_all_retries()
        {
            Options.TotalTimeout = Seconds(10);
            foreach (var response in Enumerable.Repeat(Responses.Problem(503, "sts-unavailable", 4), 9))
                Function.WillSend(response);
            Assert.That(Failure(Client.GetTokenAsync()).Code, Is.EqualTo("sts-unavailable"));
            Assert.That(Function.Requests.Count, Is.EqualTo(3));
        }

        [Test]
        public void A_Retry_After_of_zero_does_not_cause_a_flood()
        {
            Function.WillSend(Responses.Problem(503, "sts-unavailable", 0));
            Function.WillSend(Responses.Token("t1", Day));
            Get();
            Assert.That(Time.Pauses, Is.EqualTo(new[] { Seconds(0.5) }));
        }

        [Test]
        public void A_repeated_Retry_After_of_zero_is_backed_off_from()
        {
            for (var count = 0; count < 3; count++)
                Function.WillSend(Responses.Problem(503, "sts-unavailable", 0));
            Function.WillSend(Responses.Token("t1", Day));
            Get();
            Assert.That(Time.Pauses, Is.EqualTo(new[] { Seconds(0.5), Seconds(1), Seconds(2) }));
        }

        [TestCase("Wed, 21 Oct 2015 07:28:09 GMT", 9)]
        [TestCase("Wed, 21 Oct 2015 07:27:00 GMT", 0.5)]
        public void A_Retry_After_that_is_a_date_is_compared_with_the_senders_clock(string date, double pause)
        {
            var headers = "Date: Wed, 21 Oct 2015 07:28:00 GMT\r\nRetry-After: " + date + "\r\n";
            Function.WillSend(Responses.Response(503, "application/problem+json", "{\"code\": \"sts-unavailable\"}", headers));
            Function.WillSend(Responses.Token("t1", Day));
            Get();
            Assert.That(Time.Pauses, Is.EqualTo(new[] { Seconds(pause) }));
        }

        [Test]
        public void A_Retry_After_in_the_past_is_zero()
        {
            const string headers = "Date: Wed, 21 Oct 2015 07:28:00 GMT\r\nRetry-After: Wed, 21 Oct 2015 07:27:00 GMT\r\n";
            Function.WillSend(Responses.Response(501, "text/plain", "", headers));
            Assert.That(Failure(Client.GetTokenAsync()).RetryAfter, Is.EqualTo(TimeSpan.Zero));
        }

        [Test]
        public void An_attempt_cut_short_after_a_rejected_token_reports_the_rejected_token()
        {
            Options.TotalTimeout = Seconds(50);
            Function.WillSend(Responses.Token("t1", Day));
            Client.Invalidate(Result(Client.GetTokenAsync()));
            Function.WillSend(Responses.Token("t1", Day));
            Function.WillHang();
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(3);
            Time.Advance(Seconds(20));
            Assert.That(Failure(call).Code, Is.EqualTo("token-unchanged"));
        }
    }
}
