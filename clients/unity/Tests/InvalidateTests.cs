using System;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    [TestFixture]
    public class InvalidateTests : ClientTest
    {
        private const int Day = 86400;
        private const string NoCache = "\r\nCache-Control: no-cache\r\n";

        [Test]
        public void After_a_rejection_the_next_request_says_no_cache_and_later_ones_do_not()
        {
            Reject("t1");
            Function.WillSend(Responses.Token("t2", 60));
            Function.WillSend(Responses.Token("t3", Day));
            Assert.That(Get(), Is.EqualTo("t2"));
            StringAssert.Contains(NoCache, Function.Requests[1]);
            Time.Advance(Seconds(60));
            Get();
            StringAssert.DoesNotContain("no-cache", Function.Requests[2]);
        }

        [TestCase(0, 30)]
        [TestCase(12, 18)]
        [TestCase(29, 1)]
        public void The_same_token_again_is_asked_for_once_more_when_it_is_30_seconds_old(int age, int pause)
        {
            Reject("t1");
            Function.WillSend(Responses.Token("t1", Day, age));
            Function.WillSend(Responses.Token("t2", Day));
            Assert.That(Get(), Is.EqualTo("t2"));
            Assert.That(Time.Pauses, Is.EqualTo(new[] { Seconds(pause) }));
            StringAssert.Contains(NoCache, Function.Requests[2]);
        }

        [Test]
        public void Without_an_Age_the_token_counts_as_just_issued()
        {
            Reject("t1");
            Function.WillSend(Responses.Ok("{\"AccessToken\": \"t1\"}"));
            Function.WillSend(Responses.Token("t2", Day));
            Assert.That(Get(), Is.EqualTo("t2"));
            Assert.That(Time.Pauses, Is.EqualTo(new[] { Seconds(30) }));
        }

        [Test]
        public void A_rejected_token_is_never_returned_again()
        {
            Reject("t1");
            Function.WillSend(Responses.Token("t1", Day));
            Function.WillSend(Responses.Token("t1", Day, 30));
            var failure = Failure(Client.GetTokenAsync());
            Assert.That(failure.Code, Is.EqualTo("token-unchanged"));
            Assert.That(failure.Status, Is.EqualTo(200));
            Assert.That(failure.MsCv, Is.EqualTo(Responses.MsCv));
            Assert.That(Function.Requests.Count, Is.EqualTo(3));
            Function.WillSend(Responses.Token("t2", Day));
            Assert.That(Get(), Is.EqualTo("t2"));
            StringAssert.Contains(NoCache, Function.Requests[3]);
        }

        [Test]
        public void If_30_seconds_are_beyond_the_total_limit_the_failure_has_a_Retry_After()
        {
            Options.TotalTimeout = Seconds(10);
            Reject("t1");
            Function.WillSend(Responses.Token("t1", Day, 5));
            var failure = Failure(Client.GetTokenAsync());
            Assert.That(failure.Code, Is.EqualTo("token-unchanged"));
            Assert.That(failure.RetryAfter, Is.EqualTo(Seconds(25)));
            Assert.That(Time.Pauses, Is.Empty);
        }

        [Test]
        public void A_repeated_rejection_does_not_affect_the_next_token()
        {
            var first = Reject("t1");
            Function.WillSend(Responses.Token("t2", Day));
            Get();
            Client.Invalidate(first);
            Assert.That(Get(), Is.EqualTo("t2"));
        }

        [Test]
        public void A_rejection_that_several_calls_report_makes_one_request()
        {
            var first = Reject("t1");
            Function.WillHang("", Responses.Token("t2", Day));
            var one = Client.GetTokenAsync();
            Function.WaitForRequests(2);
            Client.Invalidate(first);
            var other = Client.GetTokenAsync();
            Function.Release();
            Assert.That(Result(one).AccessToken, Is.EqualTo("t2"));
            Assert.That(Result(other).AccessToken, Is.EqualTo("t2"));
            Assert.That(Function.Requests.Count, Is.EqualTo(2));
        }

        [Test]
        public void A_request_in_flight_does_not_bring_the_rejected_token_back()
        {
            Function.WillSend(Responses.Token("t1", null));
            var first = Result(Client.GetTokenAsync());
            Time.Advance(Seconds(30));
            Function.WillHang("", Responses.Token("t1", Day, 30));
            Function.WillSend(Responses.Token("t2", Day));
            var early = Client.GetTokenAsync();
            Function.WaitForRequests(2);
            Client.Invalidate(first);
            var late = Client.GetTokenAsync();
            Function.Release();
            Assert.That(Result(early).AccessToken, Is.EqualTo("t2"));
            Assert.That(Result(late).AccessToken, Is.EqualTo("t2"));
            Assert.That(Get(), Is.EqualTo("t2"));
            Assert.That(Function.Requests.Count, Is.EqualTo(3));
            StringAssert.Contains(NoCache, Function.Requests[2]);
        }

        [Test]
        public void A_retry_of_a_request_in_flight_says_no_cache_after_a_rejection()
        {
            Function.WillSend(Responses.Token("t1", null));
            var first = Result(Client.GetTokenAsync());
            Time.Advance(Seconds(30));
            Function.WillHang("", Responses.Plain(503));
            Function.WillSend(Responses.Token("t2", Day));
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(2);
            Client.Invalidate(first);
            Function.Release();
            Result(call);
            StringAssert.Contains(NoCache, Function.Requests[2]);
        }

        [Test]
        public void Null_is_not_accepted()
        {
            Assert.Throws<ArgumentNullException>(() => Client.Invalidate(null));
        }

        private ArrToken Reject(string accessToken)
        {
            Function.WillSend(Responses.Token(accessToken, Day));
            var token = Result(Client.GetTokenAsync());
            Client.Invalidate(token);
            return token;
        }
    }
}
