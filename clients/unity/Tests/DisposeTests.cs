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
        public void Dispose_cancels_the_waiting_calls()
        {
            Function.WillHang();
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(1);
            Client.Dispose();
            AssertCancelled(call);
            Assert.Throws<ObjectDisposedException>(() => Get());
        }

        [Test]
        public void No_sign_in_outlives_the_client()
        {
            var signIns = new List<CancellationToken>();
            Options.BearerToken = (_, token) =>
            {
                signIns.Add(token);
                token.Register(() => { throw new InvalidOperationException("From one of the app's callbacks."); });
                return new TaskCompletionSource<string>().Task;
            };
            var call = Client.GetTokenAsync();
            Client.Dispose();
            AssertCancelled(call);
            Assert.That(signIns.Single().IsCancellationRequested, Is.True);
        }
    }
}
