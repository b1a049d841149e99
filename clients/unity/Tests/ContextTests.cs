using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>Unity's main thread runs what is posted to it; an app that waits there for a token blocks it.</summary>
    [TestFixture]
    public class ContextTests : ClientTest
    {
        private SynchronizationContext _own;

        [SetUp]
        public void BlockTheMainThread()
        {
            _own = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(new Blocked());
        }

        [TearDown]
        public void FreeTheMainThread()
        {
            SynchronizationContext.SetSynchronizationContext(_own);
        }

        [Test]
        public void A_blocked_main_thread_does_not_keep_a_token_from_coming()
        {
            Options.BearerToken = _ => Task.Run(() => "the-user");
            Function.WillSend(Answers.Plain(503));
            Function.WillSend(Answers.Token("t1", 60));
            Assert.That(Get(), Is.EqualTo("t1"));
            Client.Invalidate(Result(Client.GetTokenAsync()));
            Function.WillSend(Answers.Token("t1", 60));
            Function.WillSend(Answers.Token("t2", 60));
            Assert.That(Get(), Is.EqualTo("t2"));
        }

        private sealed class Blocked : SynchronizationContext
        {
            public override void Post(SendOrPostCallback callback, object state)
            {
            }
        }
    }
}
