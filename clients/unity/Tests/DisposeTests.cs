using System;
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
    }
}
