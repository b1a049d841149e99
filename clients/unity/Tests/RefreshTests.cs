using System;
using System.Threading;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>While a token is held that will do, no fault of the function reaches the app.</summary>
    [TestFixture]
    public class RefreshTests : ClientTest
    {
        [SetUp]
        public void HoldATokenThatIsDue()
        {
            Function.WillSend(Answers.Token("t1", 86400));
            Get();
            Time.Advance(Seconds(86400 - 600));
        }

        [Test]
        public void When_a_refresh_fails_the_held_token_is_given()
        {
            Function.WillSend(Answers.Problem(500, "misconfigured"));
            Assert.That(Get(), Is.EqualTo("t1"));
            Assert.That(Function.Requests.Count, Is.EqualTo(2));
        }

        [Test]
        public void After_a_failed_refresh_the_function_is_left_alone_for_30_seconds()
        {
            Function.WillSend(Answers.Problem(500, "misconfigured"));
            Function.WillSend(Answers.Token("t2", 86400));
            Get();
            Time.Advance(Seconds(29));
            Assert.That(Get(), Is.EqualTo("t1"));
            Time.Advance(Seconds(1));
            Assert.That(Get(), Is.EqualTo("t2"));
        }

        [Test]
        public void A_sleep_counts_for_those_30_seconds()
        {
            Function.WillSend(Answers.Problem(500, "misconfigured"));
            Function.WillSend(Answers.Token("t2", 86400));
            Get();
            Time.MoveWall(Seconds(30));
            Assert.That(Get(), Is.EqualTo("t2"));
        }

        [Test]
        public void A_slow_refresh_keeps_nobody_waiting_beyond_5_seconds_and_serves_a_later_call()
        {
            Function.WillHang("", Answers.Token("t2", 86400));
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(2);
            Time.Advance(Seconds(5));
            Assert.That(Result(call).AccessToken, Is.EqualTo("t1"));
            Function.Release();
            Assert.That(SpinWait.SpinUntil(() => Get() == "t2", TimeSpan.FromSeconds(60)), Is.True);
            Assert.That(Function.Requests.Count, Is.EqualTo(2));
        }

        [Test]
        public void Who_needs_more_life_than_can_be_had_gets_the_best_there_is()
        {
            Function.WillSend(Answers.Problem(500, "misconfigured"));
            Assert.That(Result(Client.GetTokenAsync(Seconds(601))).AccessToken, Is.EqualTo("t1"));
            Assert.That(Function.Requests.Count, Is.EqualTo(2));
        }

        [Test]
        public void A_token_that_has_ended_is_not_given_in_place_of_a_failure()
        {
            Time.Advance(Seconds(600));
            Function.WillSend(Answers.Problem(500, "misconfigured"));
            Assert.That(Failure(Client.GetTokenAsync()).Code, Is.EqualTo("misconfigured"));
        }

        [Test]
        public void A_token_that_ends_during_a_failing_refresh_is_not_given()
        {
            Function.WillHang("", Answers.Problem(500, "misconfigured"));
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(2);
            Time.MoveWall(Seconds(600));
            Function.Release();
            Assert.That(Failure(call).Code, Is.EqualTo("misconfigured"));
        }

        [Test]
        public void A_token_that_is_refused_during_a_failing_refresh_is_not_given()
        {
            var held = Result(Client.GetTokenAsync());
            Function.WillHang("", Answers.Problem(500, "misconfigured"));
            Time.Advance(Seconds(30));
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(3);
            Client.Invalidate(held);
            Function.Release();
            Assert.That(Failure(call).Code, Is.EqualTo("misconfigured"));
        }
    }
}
