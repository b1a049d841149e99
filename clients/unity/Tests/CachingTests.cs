using System;
using System.Linq;
using System.Threading.Tasks;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    [TestFixture]
    public class CachingTests : ClientTest
    {
        private const int Day = 86400;
        private const int Due = Day - 15 * 60;

        [Test]
        public void A_usable_token_is_cached()
        {
            Function.WillSend(Responses.Token("t1", Day));
            Get();
            Time.Advance(Seconds(Due - 1));
            Assert.That(Get(), Is.EqualTo("t1"));
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
        }

        [Test]
        public void A_token_is_replaced_15_minutes_before_it_expires()
        {
            Function.WillSend(Responses.Token("t1", Day));
            Function.WillSend(Responses.Token("t2", Day));
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
            Function.WillSend(Responses.Token("t1", Day));
            Function.WillSend(Responses.Token("t2", Day));
            Get();
            Time.Advance(Seconds(Day - 3601));
            Assert.That(Get(), Is.EqualTo("t1"));
            Time.Advance(Seconds(1));
            Assert.That(Get(), Is.EqualTo("t2"));
        }

        [Test]
        public void A_short_lived_token_is_cached_for_half_of_its_lifetime()
        {
            Function.WillSend(Responses.Token("t1", 600));
            Function.WillSend(Responses.Token("t2", 600));
            Get();
            Time.Advance(Seconds(299));
            Assert.That(Get(), Is.EqualTo("t1"));
            Time.Advance(Seconds(1));
            Assert.That(Get(), Is.EqualTo("t2"));
        }

        [Test]
        public void A_token_of_unknown_lifetime_is_cached_for_30_seconds()
        {
            Function.WillSend(Responses.Token("t1", null));
            Function.WillSend(Responses.Token("t2", null));
            Assert.That(Result(Client.GetTokenAsync()).Remaining, Is.Null);
            Time.Advance(Seconds(29));
            Assert.That(Get(), Is.EqualTo("t1"));
            Assert.That(Get(Seconds(3600)), Is.EqualTo("t1"));
            Time.Advance(Seconds(1));
            Assert.That(Get(), Is.EqualTo("t2"));
            Assert.That(Function.Requests.Count, Is.EqualTo(2));
        }

        [Test]
        public void A_token_of_unknown_lifetime_does_not_hide_a_failure()
        {
            Function.WillSend(Responses.Token("t1", null));
            Get();
            Time.Advance(Seconds(30));
            Function.WillSend(Responses.Problem(500, "misconfigured"));
            Assert.That(Failure(Client.GetTokenAsync()).Code, Is.EqualTo("misconfigured"));
        }

        [Test]
        public void A_token_without_lifetime_is_not_cached()
        {
            Function.WillSend(Responses.Token("t1", 0));
            Function.WillSend(Responses.Token("t2", Day));
            Get();
            Assert.That(Get(), Is.EqualTo("t2"));
        }

        [Test]
        public void A_call_that_needs_more_lifetime_than_is_left_gets_a_new_token()
        {
            Function.WillSend(Responses.Token("t1", 7200));
            Function.WillSend(Responses.Token("t2", Day));
            Get();
            Assert.That(Get(Seconds(7200)), Is.EqualTo("t1"));
            Assert.That(Get(Seconds(7201)), Is.EqualTo("t2"));
            StringAssert.Contains("?minValidity=7201 ", Function.Requests[1]);
        }

        [Test]
        public void If_no_token_lasts_long_enough_the_longest_lived_one_is_returned()
        {
            Function.WillSend(Responses.Token("t1", 7200));
            Assert.That(Get(Seconds(82800)), Is.EqualTo("t1"));
        }

        [Test]
        public void A_shorter_lived_token_does_not_replace_the_cached_one()
        {
            Function.WillSend(Responses.Token("t1", Day));
            Get();
            Time.Advance(Seconds(Day - 600));
            Function.WillSend(Responses.Token("t2", 60));
            Function.WillSend(Responses.Token("t3", Day));
            Assert.That(Get(), Is.EqualTo("t1"));
            Time.Advance(Seconds(29));
            Assert.That(Get(), Is.EqualTo("t1"));
            Assert.That(Function.Requests.Count, Is.EqualTo(2));
            Time.Advance(Seconds(1));
            Assert.That(Get(), Is.EqualTo("t3"));
        }

        [Test]
        public void Concurrent_calls_share_one_request()
        {
            Function.WillHang("", Responses.Token("t1", Day));
            var client = Client;
            var calls = Enumerable.Range(0, 50).Select(_ => Task.Run(() => client.GetTokenAsync())).ToArray();
            Function.WaitForRequests(1);
            Function.Release();
            Assert.That(Result(Task.WhenAll(calls)).Select(token => token.AccessToken).Distinct(), Is.EqualTo(new[] { "t1" }));
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
        }

        [Test]
        public void Concurrent_calls_share_a_failure()
        {
            Function.WillHang("", Responses.Problem(500, "misconfigured"));
            var calls = new[] { Client.GetTokenAsync(), Client.GetTokenAsync() };
            Function.WaitForRequests(1);
            Function.Release();
            Assert.That(Failure(calls[0]).Code, Is.EqualTo("misconfigured"));
            Assert.That(Failure(calls[1]).Code, Is.EqualTo("misconfigured"));
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
        }

        [Test]
        public void A_call_that_needs_more_lifetime_joins_the_request_in_flight_if_its_token_lasts_long_enough()
        {
            var signIns = 0;
            Options.BearerToken = (_, __) => Task.FromResult("user-" + ++signIns);
            Function.WillHang("", Responses.Token("t1", Day));
            var look = Client.GetTokenAsync();
            Function.WaitForRequests(1);
            var session = Client.GetTokenAsync(TimeSpan.FromHours(8));
            Function.Release();
            Assert.That(Result(look).AccessToken, Is.EqualTo("t1"));
            Assert.That(Result(session).AccessToken, Is.EqualTo("t1"));
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
            Assert.That(signIns, Is.EqualTo(1));
        }

        [Test]
        public void A_call_that_needs_more_lifetime_asks_again_only_if_the_token_in_flight_is_too_short()
        {
            Function.WillHang("", Responses.Token("t1", 7200));
            Function.WillSend(Responses.Token("t2", Day));
            var look = Client.GetTokenAsync();
            Function.WaitForRequests(1);
            var session = Client.GetTokenAsync(TimeSpan.FromHours(8));
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
            Function.Release();
            Assert.That(Result(look).AccessToken, Is.EqualTo("t1"));
            Assert.That(Result(session).AccessToken, Is.EqualTo("t2"));
            StringAssert.Contains("?minValidity=28800 ", Function.Requests[1]);
        }

        [Test]
        public void No_call_waits_longer_than_one_attempt_for_a_request_that_hangs()
        {
            Function.WillHang();
            Function.WillSend(Responses.Token("t2", Day));
            var calls = new[] { Client.GetTokenAsync(), Client.GetTokenAsync(TimeSpan.FromHours(8)) };
            Function.WaitForRequests(1);
            Time.Advance(Seconds(25));
            Assert.That(Result(calls[0]).AccessToken, Is.EqualTo("t2"));
            Assert.That(Result(calls[1]).AccessToken, Is.EqualTo("t2"));
            Assert.That(Function.Requests.Count, Is.EqualTo(2));
        }
    }
}
