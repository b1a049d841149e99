using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Http;
using System.Security.Authentication;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>Sign-ins that fail, hang, or ignore their cancellation.</summary>
    [TestFixture]
    public class SignInTests : ClientTest
    {
        private const int Day = 86400;

        private List<TaskCompletionSource<string>> _signIns;
        private List<CancellationToken> _cancellations;
        private bool _ignoresCancellation;

        [SetUp]
        public void SignInByHand()
        {
            _ignoresCancellation = false;
            _signIns = new List<TaskCompletionSource<string>>();
            _cancellations = new List<CancellationToken>();
            Options.BearerToken = (_, cancellation) =>
            {
                var signIn = new TaskCompletionSource<string>();
                if (!_ignoresCancellation)
                    cancellation.Register(() => signIn.TrySetCanceled());
                _cancellations.Add(cancellation);
                _signIns.Add(signIn);
                return signIn.Task;
            };
        }

        [Test]
        public void A_sign_in_that_takes_longer_than_a_device_code_lives_is_cancelled()
        {
            var call = Client.GetTokenAsync();
            Time.Advance(Seconds(15 * 60 - 1));
            Assert.That(call.IsCompleted, Is.False);
            Time.Advance(Seconds(1));
            Assert.That(Failure(call).Code, Is.EqualTo("sign-in-failed"));
            Assert.That(_cancellations[0].IsCancellationRequested, Is.True);
            AssertSignsInAnew(Client.GetTokenAsync(), 2);
        }

        [Test]
        public void A_sign_in_that_hangs_in_a_refresh_does_not_block_a_call_without_a_usable_token()
        {
            LeaveASignInBehind();
            Time.Advance(Seconds(541));
            var call = Client.GetTokenAsync();
            Assert.That(_cancellations[1].IsCancellationRequested, Is.True);
            AssertSignsInAnew(call, 3);
        }

        [Test]
        public void A_sign_in_that_hangs_in_a_refresh_stays_while_the_cached_token_is_usable()
        {
            LeaveASignInBehind();
            Time.Advance(Seconds(60));
            var call = Client.GetTokenAsync();
            Assert.That(_signIns.Count, Is.EqualTo(2));
            Function.WillSend(Responses.Token("t2", Day));
            _signIns[1].SetResult("the-user");
            Assert.That(Result(call).AccessToken, Is.EqualTo("t2"));
        }

        [Test]
        public void A_sign_in_that_ignores_its_cancellation_does_not_overlap_with_the_next()
        {
            _ignoresCancellation = true;
            var next = CancelASignIn();
            Assert.That(_signIns.Count, Is.EqualTo(1));
            _signIns[0].SetResult("too late");
            AssertSignsInAnew(next, 2);
            StringAssert.Contains("Bearer the-user\r\n", Function.Requests[0]);
        }

        [Test]
        public void A_sign_in_that_never_ends_blocks_the_next_for_10_seconds_only()
        {
            _ignoresCancellation = true;
            var next = CancelASignIn();
            Time.Advance(Seconds(9));
            Assert.That(_signIns.Count, Is.EqualTo(1));
            Time.Advance(Seconds(1));
            AssertSignsInAnew(next, 2);
        }

        [Test]
        public void A_call_that_needs_more_lifetime_shares_the_sign_in()
        {
            var calls = new[] { Client.GetTokenAsync(), Client.GetTokenAsync(Seconds(3600)) };
            Function.WillSend(Responses.Token("t1", Day));
            _signIns[0].SetResult("the-user");
            Assert.That(Result(calls[0]).AccessToken, Is.EqualTo("t1"));
            Assert.That(Result(calls[1]).AccessToken, Is.EqualTo("t1"));
            Assert.That(_signIns.Count, Is.EqualTo(1));
        }

        [Test]
        public void Exceptions_of_the_apps_cancellation_callbacks_do_not_reach_the_client()
        {
            Options.BearerToken = (_, token) =>
            {
                token.Register(() => { throw new InvalidOperationException("From one of the app's callbacks."); });
                _signIns.Add(new TaskCompletionSource<string>());
                return _signIns[_signIns.Count - 1].Task;
            };
            var call = Client.GetTokenAsync();
            Time.Advance(Seconds(15 * 60));
            Assert.That(Failure(call).Code, Is.EqualTo("sign-in-failed"));
        }

        [Test]
        public void A_sign_in_without_network_is_retried_with_back_off()
        {
            var count = 0;
            Options.BearerToken = (_, __) =>
            {
                if (++count < 3)
                    throw new InvalidOperationException("MSAL", new HttpRequestException("No such host is known."));
                return Task.FromResult("the-user");
            };
            Function.WillSend(Responses.Token("t1", Day));
            Assert.That(Get(), Is.EqualTo("t1"));
            Assert.That(Time.Pauses, Is.EqualTo(new[] { Seconds(0.5), Seconds(1) }));
        }

        [Test]
        public void A_sign_in_that_stays_without_network_fails_after_60_seconds()
        {
            Options.BearerToken = (_, __) =>
            {
                Time.Advance(Seconds(20));
                throw new HttpRequestException("No such host is known.");
            };
            var failure = Failure(Client.GetTokenAsync());
            Assert.That(failure.Code, Is.EqualTo("sign-in-failed"));
            Assert.That(Time.Pauses.Count, Is.EqualTo(2));
            Assert.That(Client.LastFailure, Is.SameAs(failure));
        }

        [Test]
        public void A_sign_in_that_fails_otherwise_is_not_retried()
        {
            AssertFinal(new InvalidOperationException("The user said no."));
            AssertFinal(new HttpRequestException("SSL", new AuthenticationException("The remote certificate is invalid.")));
            AssertFinal(new OperationCanceledException());
        }

        private void AssertFinal(Exception error)
        {
            using (var client = new ArrTokenClient(Function.Address, new ArrTokenClientOptions
            {
                Clock = Time,
                BearerToken = (_, __) => { throw error; },
            }))
            {
                var failure = Failure(client.GetTokenAsync());
                Assert.That(failure.Code, Is.EqualTo("sign-in-failed"));
                Assert.That(failure.InnerException, Is.SameAs(error));
                Assert.That(Time.Pauses, Is.Empty);
            }
        }

        private void LeaveASignInBehind()
        {
            var first = Client.GetTokenAsync();
            Function.WillSend(Responses.Token("t1", Day));
            _signIns[0].SetResult("the-user");
            Result(first);
            Time.Advance(Seconds(Day - 605));
            var refresh = Client.GetTokenAsync();
            Time.Advance(Seconds(5));
            Assert.That(Result(refresh).AccessToken, Is.EqualTo("t1"));
        }

        /// <summary>Cancels the only call that waits for the first sign-in, and makes another call.</summary>
        private Task<ArrToken> CancelASignIn()
        {
            var caller = new CancellationTokenSource();
            var call = Client.GetTokenAsync(null, caller.Token);
            caller.Cancel();
            Assert.Catch<OperationCanceledException>(() => Result(call));
            return Client.GetTokenAsync();
        }

        private void AssertSignsInAnew(Task<ArrToken> call, int count)
        {
            Assert.That(SpinWait.SpinUntil(() => _signIns.Count == count, TimeSpan.FromSeconds(60)), Is.True);
            Function.WillSend(Responses.Token("t2", Day));
            _signIns[count - 1].SetResult("the-user");
            Assert.That(Result(call).AccessToken, Is.EqualTo("t2"));
        }
    }
}
