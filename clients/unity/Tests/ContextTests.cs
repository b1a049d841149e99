using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>Unity's main thread is a SynchronizationContext: the sign-in may show something only there.</summary>
    [TestFixture]
    public class ContextTests : ClientTest
    {
        private const int Day = 86400;

        [Test]
        public void A_blocked_main_thread_does_not_keep_a_token_from_coming()
        {
            SynchronizationContext.SetSynchronizationContext(new Blocked());
            Options.BearerToken = (_, __) => Task.Run(() => "the-user");
            Function.WillSend(Responses.Plain(503));
            Function.WillSend(Responses.Token("t1", 60));
            Assert.That(Get(), Is.EqualTo("t1"));
            Client.Invalidate(Result(Client.GetTokenAsync()));
            Function.WillSend(Responses.Token("t1", 60));
            Function.WillSend(Responses.Token("t2", 60));
            Assert.That(Get(), Is.EqualTo("t2"));
        }

        [Test]
        public void The_sign_in_always_runs_on_the_context_on_which_the_client_was_made()
        {
            using (var main = new MainThread())
            {
                var contexts = new ConcurrentQueue<SynchronizationContext>();
                Options.BearerToken = (_, __) =>
                {
                    contexts.Enqueue(SynchronizationContext.Current);
                    return Task.FromResult("the-user");
                };
                SynchronizationContext.SetSynchronizationContext(main);
                var client = Client;
                SynchronizationContext.SetSynchronizationContext(null);

                // From a thread of the pool, after App Service's 401, and after a rejection in flight.
                Function.WillSend(Responses.Plain(401));
                Function.WillSend(Responses.Token("t1", null));
                var rejected = Result(Task.Run(() => client.GetTokenAsync()));
                Time.Advance(Seconds(30));
                Function.WillHang("", Responses.Token("t1", Day));
                Function.WillSend(Responses.Token("t2", Day));
                var call = Task.Run(() => client.GetTokenAsync());
                Function.WaitForRequests(3);
                client.Invalidate(rejected);
                Function.Release();
                Assert.That(Result(call).AccessToken, Is.EqualTo("t2"));
                Assert.That(contexts, Is.EqualTo(new[] { main, main, main }));
            }
        }

        private sealed class Blocked : SynchronizationContext
        {
            public override void Post(SendOrPostCallback callback, object state)
            {
            }
        }

        private sealed class MainThread : SynchronizationContext, IDisposable
        {
            private readonly BlockingCollection<Action> _posted = new BlockingCollection<Action>();

            internal MainThread()
            {
                Task.Factory.StartNew(Run, TaskCreationOptions.LongRunning);
            }

            public override void Post(SendOrPostCallback callback, object state)
            {
                _posted.Add(() => callback(state));
            }

            public void Dispose()
            {
                _posted.CompleteAdding();
            }

            private void Run()
            {
                SetSynchronizationContext(this);
                foreach (var action in _posted.GetConsumingEnumerable())
                    action();
            }
        }
    }
}
