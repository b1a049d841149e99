using System;
using System.Linq;
using System.Threading.Tasks;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    [TestFixture]
    public class HoldingTests : ClientTest
    {
        private const int Day = 86400;
        private const int Due = Day - 15 * 60;

        [Test]
        public void A_good_token_is_held()
        {
            Function.WillSend(Answers.Token("t1", Day));
            Get();
            Time.Advance(Seconds(Due - 1));
            Assert.That(Get(), Is.EqualTo("t1"));
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
        }

        [Test]
        public void A_token_is_replaced_15_minutes_before_it_ends()
        {
            Function.WillSend(Answers.Token("t1", Day));
            Function.WillSend(Answers.Token("t2", Day));
            Get();
            Time.Advance(Seconds(Due));
            Assert.That(Get(), Is.EqualTo("t2"));
            Assert.That(Get(), Is.EqualTo("t2"));
            Assert.That(Function.Requests.Count, Is.EqualTo(2));
        }

        [Test]
        public void RefreshBefore_sets_when()
        {
            Options.RefreshBefore = TimeSpan.FromHours(1);
            Function.WillSend(Answers.Token("t1", Day));
            Function.WillSend(Answers.Token("t2", Day));
            Get();
            Time.Advance(Seconds(Day - 3601));
            Assert.That(Get(), Is.EqualTo("t1"));
            Time.Advance(Seconds(1));
            Assert.That(Get(), Is.EqualTo("t2"));
        }

        [Test]
        public void A_short_lived_token_is_held_for_half_of_its_life()
        {
            Function.WillSend(Answers.Token("t1", 600));
            Function.WillSend(Answers.Token("t2", 600));
            Get();
            Time.Advance(Seconds(299));
            Assert.That(Get(), Is.EqualTo("t1"));
            Time.Advance(Seconds(1));
            Assert.That(Get(), Is.EqualTo("t2"));
        }

        [Test]
        public void A_token_of_unknown_life_is_used_once()
        {
            Function.WillSend(Answers.Token("t1", null));
            Function.WillSend(Answers.Token("t2", null));
            Assert.That(Result(Client.GetTokenAsync()).Remaining, Is.Null);
            Assert.That(Get(), Is.EqualTo("t2"));
        }

        [TestCase(0)]
        [TestCase(-5)]
        public void A_token_without_life_is_not_held(int expiresIn)
        {
            Function.WillSend(Answers.Token("t1", expiresIn));
            Function.WillSend(Answers.Token("t2", Day));
            Get();
            Assert.That(Get(), Is.EqualTo("t2"));
        }

        [Test]
        public void Who_needs_more_life_than_is_left_gets_a_new_token()
        {
            Function.WillSend(Answers.Token("t1", 7200));
            Function.WillSend(Answers.Token("t2", Day));
            Get();
            Assert.That(Get(Seconds(7200)), Is.EqualTo("t1"));
            Assert.That(Get(Seconds(7201)), Is.EqualTo("t2"));
            StringAssert.Contains("?minValidity=7201 ", Function.Requests[1]);
        }

        [Test]
        public void Who_needs_more_life_than_can_be_had_gets_the_best_there_is()
        {
            Function.WillSend(Answers.Token("t1", 7200));
            Assert.That(Get(Seconds(82800)), Is.EqualTo("t1"));
        }

        [Test]
        public void Simultaneous_calls_make_one_request()
        {
            Function.WillHang("", Answers.Token("t1", Day));
            var client = Client;
            var calls = Enumerable.Range(0, 50).Select(_ => Task.Run(() => client.GetTokenAsync())).ToArray();
            Function.WaitForRequests(1);
            Function.Release();
            Assert.That(Result(Task.WhenAll(calls)).Select(token => token.AccessToken).Distinct(), Is.EqualTo(new[] { "t1" }));
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
        }

        [Test]
        public void Simultaneous_calls_share_a_failure()
        {
            Function.WillHang("", Answers.Problem(500, "misconfigured"));
            var calls = new[] { Client.GetTokenAsync(), Client.GetTokenAsync() };
            Function.WaitForRequests(1);
            Function.Release();
            Assert.That(Failure(calls[0]).Code, Is.EqualTo("misconfigured"));
            Assert.That(Failure(calls[1]).Code, Is.EqualTo("misconfigured"));
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
        }

        [Test]
        public void Who_needs_more_life_than_the_request_under_way_asks_for_makes_another()
        {
            Function.WillHang();
            Function.WillSend(Answers.Token("t2", Day));
            Client.GetTokenAsync();
            Function.WaitForRequests(1);
            Assert.That(Get(Seconds(3600)), Is.EqualTo("t2"));
        }

        [Test]
        public void After_a_failure_the_next_call_asks_again()
        {
            Function.WillSend(Answers.Problem(500, "misconfigured"));
            Function.WillSend(Answers.Token("t2", Day));
            Failure(Client.GetTokenAsync());
            Assert.That(Get(), Is.EqualTo("t2"));
        }
    }
}
