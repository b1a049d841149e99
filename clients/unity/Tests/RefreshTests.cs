using System;
using System.Threading;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>While the cached token is usable, no fault of the function reaches the app.</summary>
    [TestFixture]
    public class RefreshTests : ClientTest
    {
        [SetUp]
        public void CacheATokenThatIsDue()
        {
            Function.WillSend(Responses.Token("t1", 86400));
            Get();
            Time.Advance(Seconds(86400 - 600));
        }

        [Test]
        public void If_a_refresh_fails_the_cached_token_is_returned()
        {
            Function.WillSend(Responses.Problem(500, "misconfigured"));
            Assert.That(Get(), Is.EqualTo("t1"));
            Assert.That(Function.Requests.Count, Is.EqualTo(2));
        }

        [Test]
        public void After_a_failed_refresh_no_call_makes_a_request_for_30_seconds()
        {
            Function.WillSend(Responses.Problem(500, "misconfigured"));
            Function.WillSend(Responses.Token("t2", 86400));
            Get();
            Time.Advance(Seconds(29));
            Assert.That(Get(), Is.EqualTo("t1"));
            Time.Advance(Seconds(1));
            Assert.That(Get(), Is.EqualTo("t2"));
        }

        [Test]
        public void A_sleep_counts_for_those_30_seconds()
        {
            Function.WillSend(Responses.Problem(500, "misconfigured"));
            Function.WillSend(Responses.Token("t2", 86400));
            Get();
            Time.MoveWall(Seconds(30));
            Assert.That(Get(), Is.EqualTo("t2"));
        }

        [Test]
        public void A_call_waits_5_seconds_for_a_slow_refresh_which_then_serves_a_later_call()
        {
            Function.WillHang("", Responses.Token("t2", 86400));
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(2);
            Time.Advance(Seconds(5));
            Assert.That(Result(call).AccessToken, Is.EqualTo("t1"));
            Assert.That(Get(), Is.EqualTo("t1"));
            Function.Release();
            Assert.That(SpinWait.SpinUntil(() => Get() == "t2", TimeSpan.FromSeconds(60)), Is.True);
            Assert.That(Function.Requests.Count, Is.EqualTo(2));
        }

        [Test]
        public void If_a_request_for_more_lifetime_fails_the_cached_token_is_returned()
        {
            Function.WillSend(Responses.Problem(500, "misconfigured"));
            Assert.That(Result(Client.GetTokenAsync(Seconds(601))).AccessToken, Is.EqualTo("t1"));
            Assert.That(Function.Requests.Count, Is.EqualTo(2));
        }

        [Test]
        public void A_token_with_a_minute_left_is_returned_in_place_of_a_failure()
        {
            Time.Advance(Seconds(540));
            Function.WillSend(Responses.Plain(401));
            Assert.That(Get(), Is.EqualTo("t1"));
        }

        [TestCase(0)]
        [TestCase(1)]
        public void With_less_than_a_minute_left_the_caller_gets_the_failure(int needed)
        {
            Time.Advance(Seconds(541));
            Function.WillSend(Responses.Plain(401));
            Assert.That(Failure(Client.GetTokenAsync(Seconds(needed))).Code, Is.EqualTo("http-401"));
        }

        [Test]
        public void With_less_than_a_minute_left_a_call_waits_for_a_slow_refresh()
        {
            Time.Advance(Seconds(541));
            Function.WillHang("", Responses.Token("t2", 86400));
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(2);
            Time.Advance(Seconds(5));
            Assert.That(call.IsCompleted, Is.False);
            Function.Release();
            Assert.That(Result(call).AccessToken, Is.EqualTo("t2"));
        }

        [Test]
        public void An_expired_token_is_not_returned_in_place_of_a_failure()
        {
            Time.Advance(Seconds(600));
            Function.WillSend(Responses.Problem(500, "misconfigured"));
            Assert.That(Failure(Client.GetTokenAsync()).Code, Is.EqualTo("misconfigured"));
        }

        [Test]
        public void A_token_that_expires_during_a_failing_refresh_is_not_returned()
        {
            Function.WillHang("", Responses.Problem(500, "misconfigured"));
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(2);
            Time.MoveWall(Seconds(600));
            Function.Release();
            Assert.That(Failure(call).Code, Is.EqualTo("misconfigured"));
        }

        [Test]
        public void A_token_that_is_rejected_during_a_failing_refresh_is_not_returned()
        {
            var cached = Result(Client.GetTokenAsync());
            Function.WillHang("", Responses.Problem(500, "misconfigured"));
            Time.Advance(Seconds(30));
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(3);
            Client.Invalidate(cached);
            Function.Release();
            Assert.That(Failure(call).Code, Is.EqualTo("misconfigured"));
        }
    }
}
