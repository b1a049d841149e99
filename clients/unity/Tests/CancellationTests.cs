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
        public void A_call_that_is_already_cancelled_makes_no_request()
        {
            _caller.Cancel();
            AssertCancelled(Client.GetTokenAsync(null, _caller.Token), _caller.Token);
            Assert.That(Function.Requests, Is.Empty);
        }

        [Test]
        public void Cancelling_one_call_leaves_the_shared_request_to_the_others()
        {
            Function.WillHang("", Responses.Token("t1", Day));
            var other = Client.GetTokenAsync();
            var call = Client.GetTokenAsync(null, _caller.Token);
            Function.WaitForRequests(1);
            _caller.Cancel();
            AssertCancelled(call, _caller.Token);
            Function.Release();
            Assert.That(Result(other).AccessToken, Is.EqualTo("t1"));
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
        }

        [Test]
        public void The_exception_carries_the_callers_own_cancellation_token()
        {
            Function.WillHang();
            var call = Client.GetTokenAsync(null, _caller.Token);
            Function.WaitForRequests(1);
            _caller.Cancel();
            var error = Assert.Catch<OperationCanceledException>(() => Result(call));
            Assert.That(error.CancellationToken, Is.EqualTo(_caller.Token));
            Assert.That(call.IsCanceled, Is.True);
        }

        [Test]
        public void Cancelling_the_last_call_ends_the_retries()
        {
            HoldPauses();
            Function.WillSend(Responses.Plain(503));
            var call = Client.GetTokenAsync(null, _caller.Token);
            WaitForPause();
            _caller.Cancel();
            AssertCancelled(call, _caller.Token);
            Assert.That(Time.PauseEnds.IsCancellationRequested, Is.True);
            Function.WillSend(Responses.Token("t2", Day));
            Assert.That(Get(), Is.EqualTo("t2"));
            Assert.That(Function.Requests.Count, Is.EqualTo(2));
        }

        [Test]
        public void Cancelling_the_last_call_cancels_the_sign_in()
        {
            var signIn = new CancellationToken();
            Options.BearerToken = async (_, token) =>
            {
                signIn = token;
                await Task.Delay(Timeout.Infinite, token).ConfigureAwait(false);
                return "never";
            };
            var call = Client.GetTokenAsync(null, _caller.Token);
            _caller.Cancel();
            AssertCancelled(call, _caller.Token);
            Assert.That(signIn.IsCancellationRequested, Is.True);
        }

        [Test]
        public void A_call_made_while_a_request_is_aborted_makes_another_request()
        {
            Task<ArrToken> next = null;
            var count = 0;
            Options.BearerToken = (_, token) =>
            {
                if (++count > 1)
                    return Task.FromResult("the-user");
                var signIn = new TaskCompletionSource<string>();
                token.Register(() =>
                {
                    next = Client.GetTokenAsync();
                    signIn.SetCanceled();
                });
                return signIn.Task;
            };
            Function.WillSend(Responses.Token("t1", Day));
            var call = Client.GetTokenAsync(null, _caller.Token);
            _caller.Cancel();
            AssertCancelled(call, _caller.Token);
            Assert.That(Result(next).AccessToken, Is.EqualTo("t1"));
        }

        [Test]
        public void The_time_of_a_successful_sign_in_does_not_count()
        {
            Options.BearerToken = (_, __) =>
            {
                Time.Advance(TimeSpan.FromMinutes(10));
                return Task.FromResult("the-user");
            };
            Function.WillSend(Responses.Token("t1", Day));
            Assert.That(Get(), Is.EqualTo("t1"));
        }

        private static void AssertCancelled(Task<ArrToken> call, CancellationToken caller)
        {
            var error = Assert.Catch<OperationCanceledException>(() => Result(call));
            Assert.That(error.CancellationToken, Is.EqualTo(caller));
        }
    }
}
