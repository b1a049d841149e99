using System;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    [TestFixture]
    public class CancellationTests : ClientTest
    {
        private const int Day = 86400;

        private CancellationTokenSource _caller;

        [SetUp]
        public void StartCaller()
        {
            _caller = new CancellationTokenSource();
        }

        [Test]
        public void Who_has_already_cancelled_asks_for_nothing()
        {
            _caller.Cancel();
            AssertCancelled(Client.GetTokenAsync(null, _caller.Token));
            Assert.That(Function.Requests, Is.Empty);
        }

        [Test]
        public void Cancelling_one_call_leaves_the_shared_request_to_the_others()
        {
            Function.WillHang("", Answers.Token("t1", Day));
            var other = Client.GetTokenAsync();
            var call = Client.GetTokenAsync(null, _caller.Token);
            Function.WaitForRequests(1);
            _caller.Cancel();
            AssertCancelled(call);
            Function.Release();
            Assert.That(Result(other).AccessToken, Is.EqualTo("t1"));
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
        }

        [Test]
        public void Cancelling_the_last_call_ends_the_retries()
        {
            Time.HoldsPauses = true;
            var pausing = new ManualResetEventSlim();
            Time.OnPause = pausing.Set;
            Function.WillSend(Answers.Plain(503));
            var call = Client.GetTokenAsync(null, _caller.Token);
            Assert.That(pausing.Wait(TimeSpan.FromSeconds(60)), Is.True);
            _caller.Cancel();
            AssertCancelled(call);
            Assert.That(Time.PauseEnds.IsCancellationRequested, Is.True);
            Function.WillSend(Answers.Token("t2", Day));
            Assert.That(Get(), Is.EqualTo("t2"));
            Assert.That(Function.Requests.Count, Is.EqualTo(2));
        }

        [Test]
        public void Cancelling_the_last_call_cancels_the_sign_in()
        {
            var signIn = new CancellationToken();
            Options.BearerToken = async token =>
            {
                signIn = token;
                await Task.Delay(Timeout.Infinite, token).ConfigureAwait(false);
                return "never";
            };
            var call = Client.GetTokenAsync(null, _caller.Token);
            _caller.Cancel();
            AssertCancelled(call);
            Assert.That(signIn.IsCancellationRequested, Is.True);
        }

        [Test]
        public void Who_calls_while_a_request_is_given_up_makes_another()
        {
            Task<ArrToken> next = null;
            var count = 0;
            Options.BearerToken = token =>
            {
                if (++count > 1)
                    return Task.FromResult("the-user");
                token.Register(() => next = Client.GetTokenAsync());
                return new TaskCompletionSource<string>().Task;
            };
            Function.WillSend(Answers.Token("t1", Day));
            var call = Client.GetTokenAsync(null, _caller.Token);
            _caller.Cancel();
            AssertCancelled(call);
            Assert.That(Result(next).AccessToken, Is.EqualTo("t1"));
        }

        [TestCase("")]
        [TestCase("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"Acc")]
        [TestCase("HTTP/1.1 503 No\r\nContent-Type: application/problem+json\r\nContent-Length: 500\r\n\r\n{\"cod")]
        public void A_function_that_hangs_is_given_up_at_the_total_limit(string sent)
        {
            Function.WillHang(sent);
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(1);
            Time.Advance(Seconds(59));
            Assert.That(call.IsCompleted, Is.False);
            Time.Advance(Seconds(1));
            var failure = Failure(call);
            Assert.That(failure.Code, Is.EqualTo("timeout"));
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
        }

        [Test]
        public void The_time_of_a_sign_in_does_not_count()
        {
            Options.BearerToken = _ =>
            {
                Time.Advance(TimeSpan.FromMinutes(10));
                return Task.FromResult("the-user");
            };
            Function.WillSend(Answers.Token("t1", Day));
            Assert.That(Get(), Is.EqualTo("t1"));
        }
    }
}
