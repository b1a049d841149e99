using System;
using System.Threading;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>The limit of one attempt, and the failures that an app sees before the last attempt.</summary>
    [TestFixture]
    public class AttemptTests : ClientTest
    {
        private const int Day = 86400;

        [TestCase("")]
        [TestCase("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"Acc")]
        [TestCase("HTTP/1.1 503 No\r\nContent-Type: application/problem+json\r\nContent-Length: 500\r\n\r\n{\"cod")]
        public void An_attempt_that_hangs_is_retried_after_25_seconds(string sent)
        {
            Function.WillHang(sent);
            Function.WillSend(Responses.Token("t2", Day));
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(1);
            Time.Advance(Seconds(24));
            Assert.That(call.IsCompleted, Is.False);
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
            Time.Advance(Seconds(1));
            Assert.That(Result(call).AccessToken, Is.EqualTo("t2"));
            Assert.That(Time.Pauses, Is.EqualTo(new[] { Seconds(0.5) }));
        }

        [Test]
        public void AttemptTimeout_sets_the_limit()
        {
            Options.AttemptTimeout = Seconds(5);
            Function.WillHang();
            Function.WillSend(Responses.Token("t2", Day));
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(1);
            Time.Advance(Seconds(5));
            Assert.That(Result(call).AccessToken, Is.EqualTo("t2"));
        }

        [Test]
        public void If_all_attempts_hang_the_call_ends_with_timeout_after_60_seconds()
        {
            for (var count = 0; count < 3; count++)
                Function.WillHang();
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(1);
            Time.Advance(Seconds(25));
            Function.WaitForRequests(2);
            Time.Advance(Seconds(25));
            Function.WaitForRequests(3);
            // Pauses of 0.5 s and 1 s have passed.
            Time.Advance(Seconds(8.4));
            Assert.That(call.IsCompleted, Is.False);
            Time.Advance(Seconds(0.1));
            var failure = Failure(call);
            Assert.That(failure.Code, Is.EqualTo("timeout"));
            Assert.That(failure.Status, Is.Null);
        }

        [Test]
        public void An_earlier_failure_is_reported_if_the_total_limit_cuts_an_attempt_short()
        {
            Function.WillSend(Responses.Problem(503, "sts-unavailable", 40));
            Function.WillHang();
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(2);
            Time.Advance(Seconds(20));
            var failure = Failure(call);
            Assert.That(failure.Code, Is.EqualTo("sts-unavailable"));
            Assert.That(failure.MsCv, Is.EqualTo(Responses.MsCv));
        }

        [Test]
        public void LastFailure_is_set_while_retries_still_run()
        {
            HoldPauses();
            Function.Dispose();
            Assert.That(Client.LastFailure, Is.Null);
            var call = Client.GetTokenAsync();
            WaitForPause();
            Assert.That(call.IsCompleted, Is.False);
            Assert.That(Client.LastFailure.Code, Is.EqualTo("connection-failed"));
        }

        [Test]
        public void LastFailure_names_an_attempt_that_hangs()
        {
            HoldPauses();
            Function.WillHang();
            Client.GetTokenAsync();
            Function.WaitForRequests(1);
            Time.Advance(Seconds(25));
            WaitForPause();
            Assert.That(Client.LastFailure.Code, Is.EqualTo("timeout"));
        }

        [Test]
        public void LastFailure_is_the_final_failure_too()
        {
            Function.WillSend(Responses.Problem(500, "misconfigured"));
            Assert.That(Client.LastFailure, Is.SameAs(null));
            var failure = Failure(Client.GetTokenAsync());
            Assert.That(Client.LastFailure, Is.SameAs(failure));
        }

        [Test]
        public void LastFailure_is_null_after_a_success()
        {
            Function.WillSend(Responses.Plain(503));
            Function.WillSend(Responses.Token("t1", Day));
            Get();
            Assert.That(Client.LastFailure, Is.Null);
        }

        [Test]
        public void LastFailure_is_set_by_a_failed_refresh_that_the_app_does_not_notice()
        {
            Function.WillSend(Responses.Token("t1", Day));
            Get();
            Time.Advance(Seconds(Day - 600));
            Function.WillSend(Responses.Problem(500, "misconfigured"));
            Assert.That(Get(), Is.EqualTo("t1"));
            Assert.That(Client.LastFailure.Code, Is.EqualTo("misconfigured"));
        }
    }
}
