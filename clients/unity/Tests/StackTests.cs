using System;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>Against the repository's local stack: the real function, whose upstream services fail on command.</summary>
    [TestFixture]
    public class StackTests
    {
        private LocalStack _stack;
        private FakeClock _time;
        private ArrTokenClientOptions _options;
        private ArrTokenClient _client;

        private ArrTokenClient Client
        {
            get { return _client ?? (_client = new ArrTokenClient(_stack.Function, _options)); }
        }

        [SetUp]
        public void StartStack()
        {
            _stack = LocalStack.FromEnvironment();
            _stack.StartAnew();
            _time = new FakeClock();
            _options = new ArrTokenClientOptions { Clock = _time, FunctionKey = _stack.FunctionKey };
        }

        [TearDown]
        public void Stop()
        {
            _client?.Dispose();
            _client = null;
            _stack?.Dispose();
        }

        [Test]
        public void A_token_has_everything_that_ARR_and_support_need()
        {
            var token = Token();
            StringAssert.StartsWith("eyJ", token.AccessToken);
            Assert.That(token.Remaining, Is.GreaterThan(TimeSpan.FromHours(23)).And.LessThanOrEqualTo(TimeSpan.FromHours(24)));
            Assert.That(token.AccountId, Is.EqualTo("35d830cb-f062-4062-9792-d6316039df56"));
            Assert.That(token.AccountDomain, Is.EqualTo("westeurope.mixedreality.azure.com"));
            Assert.That(token.MsCv, Is.Not.Null.And.Not.Empty);
            Assert.That(token.RequestId, Is.Not.Null.And.Not.Empty);
        }

        [TestCase(null)]
        [TestCase("another-key")]
        public void Without_the_function_key_the_platform_rejects_the_request(string key)
        {
            _options.FunctionKey = key;
            Assert.That(Failure().Code, Is.EqualTo("http-401"));
            Assert.That(_time.Pauses, Is.Empty);
        }

        [Test]
        public void A_wrong_clock_of_the_STS_does_not_change_the_lifetime()
        {
            _stack.Put("sts", "{\"clock_offset\": 7200}");
            _stack.Restart();
            Assert.That(Token().Remaining, Is.GreaterThan(TimeSpan.FromHours(23)).And.LessThanOrEqualTo(TimeSpan.FromHours(24)));
        }

        [Test]
        public void If_no_token_lasts_long_enough_the_longest_lived_one_is_returned()
        {
            _stack.Put("sts", "{\"lifetime\": 600}");
            _stack.Restart();
            Assert.That(Token(TimeSpan.FromHours(1)).Remaining, Is.LessThanOrEqualTo(TimeSpan.FromSeconds(600)));
        }

        [Test]
        public void A_lifetime_that_cannot_be_read_is_unknown()
        {
            Fail("sts", "{\"status\": 200, \"body\": \"{\\\"AccessToken\\\": \\\"opaque\\\"}\"}");
            Assert.That(Token().Remaining, Is.Null);
        }

        [Test]
        public void If_the_STS_is_down_the_client_waits_as_long_as_the_function_says()
        {
            Fail("sts", "{\"status\": 503}");
            _time.OnPause = _stack.StartAnew;
            StringAssert.StartsWith("eyJ", Token().AccessToken);
            Assert.That(_time.Pauses[0], Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(1)));
        }

        [Test]
        public void If_the_STS_stays_down_the_failure_has_everything_that_support_asks_for()
        {
            Fail("sts", "{\"status\": 429, \"headers\": {\"Retry-After\": \"600\"}}");
            var failure = Failure();
            Assert.That(failure.Code, Is.EqualTo("sts-throttled"));
            Assert.That(failure.Status, Is.EqualTo(503));
            Assert.That(failure.RetryAfter, Is.GreaterThan(TimeSpan.FromSeconds(500)));
            Assert.That(failure.MsCv, Is.Not.Null);
            Assert.That(failure.RequestId, Is.Not.Null);
            Assert.That(_time.Pauses, Is.Empty);
        }

        [TestCase("key-vault", "{\"drop\": \"before\"}", "key-vault-unavailable")]
        [TestCase("identity", "{\"status\": 500}", "identity-unavailable")]
        [TestCase("sts", "{\"delay\": 1000}", "upstream-timeout")]
        public void A_transient_fault_is_retried_until_the_total_limit(string service, string fault, string code)
        {
            Fail(service, fault);
            _options.TotalTimeout = TimeSpan.FromSeconds(2);
            Assert.That(Failure().Code, Is.EqualTo(code));
        }

        [TestCase("identity", "{\"status\": 400}", "identity-not-assigned")]
        [TestCase("key-vault", "{\"status\": 404}", "account-key-unavailable")]
        [TestCase("sts", "{\"status\": 401}", "account-key-rejected")]
        [TestCase("sts", "{\"body\": \"<html>\"}", "sts-invalid-response")]
        public void A_fault_that_only_an_operator_can_fix_is_reported_at_once(string service, string fault, string code)
        {
            Fail(service, fault);
            Assert.That(Failure().Code, Is.EqualTo(code));
            Assert.That(_time.Pauses, Is.Empty);
        }

        [Test]
        public void A_rejected_token_is_replaced_when_the_function_may_fetch_another()
        {
            var rejected = Token();
            Client.Invalidate(rejected);
            _time.OnPause = _stack.Restart;
            Assert.That(Token().AccessToken, Is.Not.EqualTo(rejected.AccessToken));
            Assert.That(_time.Pauses[0], Is.GreaterThan(TimeSpan.Zero).And.LessThanOrEqualTo(TimeSpan.FromSeconds(30)));
        }

        private void Fail(string service, string fault)
        {
            _stack.Put("faults/" + service, fault);
            _stack.Restart();
        }

        private ArrToken Token(TimeSpan? minValidity = null)
        {
            return ClientTest.Result(Client.GetTokenAsync(minValidity));
        }

        private ArrTokenException Failure()
        {
            return ClientTest.Failure(Client.GetTokenAsync());
        }
    }
}
