using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>A sign-in that hangs, or throws when it is cancelled.</summary>
    [TestFixture]
    public class SignInTests : ClientTest
    {
        private const int Day = 86400;

        private List<TaskCompletionSource<string>> _signIns;

        [SetUp]
        public void SignInByHand()
        {
            _signIns = new List<TaskCompletionSource<string>>();
            Options.BearerToken = _ =>
            {
                _signIns.Add(new TaskCompletionSource<string>());
                return _signIns[_signIns.Count - 1].Task;
            };
        }

        [Test]
        public void A_sign_in_that_takes_longer_than_a_device_code_lives_is_given_up()
        {
            var call = Client.GetTokenAsync();
            Time.Advance(Seconds(15 * 60 - 1));
            Assert.That(call.IsCompleted, Is.False);
            Time.Advance(Seconds(1));
            Assert.That(Failure(call).Code, Is.EqualTo("sign-in-failed"));
            AssertSignsInAnew(Client.GetTokenAsync(), 2);
        }

        [Test]
        public void A_sign_in_that_hung_during_a_refresh_ends_with_the_last_call_that_waits()
        {
            var first = Client.GetTokenAsync();
            Function.WillSend(Answers.Token("t1", Day));
            _signIns[0].SetResult("the-user");
            Result(first);
            Time.Advance(Seconds(Day - 60));
            var refresh = Client.GetTokenAsync();
            Time.Advance(Seconds(5));
            Assert.That(Result(refresh).AccessToken, Is.EqualTo("t1"));
            Time.Advance(Seconds(55));
            var caller = new CancellationTokenSource();
            var call = Client.GetTokenAsync(null, caller.Token);
            caller.Cancel();
            AssertCancelled(call);
            AssertSignsInAnew(Client.GetTokenAsync(), 3);
        }

        [Test]
        public void What_the_apps_callbacks_throw_when_it_is_cancelled_stays_there()
        {
            Options.BearerToken = token =>
            {
                token.Register(() => { throw new InvalidOperationException("From a callback of the app."); });
                _signIns.Add(new TaskCompletionSource<string>());
                return _signIns[_signIns.Count - 1].Task;
            };
            var caller = new CancellationTokenSource();
            var call = Client.GetTokenAsync(null, caller.Token);
            caller.Cancel();
            AssertCancelled(call);
            var other = Client.GetTokenAsync();
            WaitForSignIns(2);
            Time.Advance(Seconds(15 * 60));
            Assert.That(Failure(other).Code, Is.EqualTo("sign-in-failed"));
        }

        [Test]
        public void Two_requests_side_by_side_sign_in_one_after_the_other()
        {
            var calls = new[] { Client.GetTokenAsync(), Client.GetTokenAsync(Seconds(3600)) };
            Assert.That(_signIns.Count, Is.EqualTo(1));
            Function.WillSend(Answers.Token("t1", Day));
            _signIns[0].SetResult("the-user");
            Assert.That(Result(calls[0]).AccessToken, Is.EqualTo("t1"));
            AssertSignsInAnew(calls[1], 2);
        }

        private void AssertSignsInAnew(Task<ArrToken> call, int count)
        {
            WaitForSignIns(count);
            Function.WillSend(Answers.Token("t2", Day));
            _signIns[_signIns.Count - 1].SetResult("the-user");
            Assert.That(Result(call).AccessToken, Is.EqualTo("t2"));
        }

        /// <summary>After one that was given up, the next starts elsewhere.</summary>
        private void WaitForSignIns(int count)
        {
            Assert.That(SpinWait.SpinUntil(() => _signIns.Count == count, TimeSpan.FromSeconds(60)), Is.True);
        }
    }
}
