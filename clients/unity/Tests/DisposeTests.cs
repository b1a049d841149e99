using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    [TestFixture]
    public class DisposeTests : ClientTest
    {
        [Test]
        public void Dispose_cancels_the_calls_that_wait()
        {
            Function.WillHang();
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(1);
            Client.Dispose();
            AssertCancelled(call);
            Assert.Throws<ObjectDisposedException>(() => Get());
        }

        [Test]
        public void Dispose_cancels_also_those_that_wait_for_what_a_refusal_left_behind()
        {
            Function.WillSend(Answers.Token("t1", null));
            var refused = Result(Client.GetTokenAsync());
            Function.WillHang();
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(2);
            Client.Invalidate(refused);
            Client.Dispose();
            AssertCancelled(call);
        }

        [Test]
        public void Dispose_cancels_also_those_that_a_call_for_more_life_left_behind()
        {
            Function.WillHang();
            Function.WillHang();
            var calls = new[] { Client.GetTokenAsync(), Client.GetTokenAsync(Seconds(3600)) };
            Function.WaitForRequests(2);
            Client.Dispose();
            AssertCancelled(calls[0]);
            AssertCancelled(calls[1]);
        }

        [Test]
        public void No_sign_in_outlives_the_client()
        {
            var signIns = new List<CancellationToken>();
            Options.BearerToken = token =>
            {
                signIns.Add(token);
                token.Register(() => { throw new InvalidOperationException("From a callback of the app."); });
                return new TaskCompletionSource<string>().Task;
            };
            var call = Client.GetTokenAsync();
            Client.Dispose();
            AssertCancelled(call);
            Assert.That(signIns.Single().IsCancellationRequested, Is.True);
        }
    }
}
