using System;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>A client, its clock, and a scripted function.</summary>
    public abstract class ClientTest
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

        private readonly ManualResetEventSlim _pausing = new ManualResetEventSlim();
        private ArrTokenClient _client;
        private SynchronizationContext _context;

        internal ScriptedServer Function { get; private set; }

        internal FakeClock Time { get; private set; }

        internal ArrTokenClientOptions Options { get; private set; }

        /// <summary>Made when it is first used, so that a test can set Options before.</summary>
        internal ArrTokenClient Client
        {
            get { return _client ?? (_client = new ArrTokenClient(Function.Address, Options)); }
        }

        [SetUp]
        public void StartFunction()
        {
            _pausing.Reset();
            // In Unity, the main thread runs the tests. A sign-in that is posted to it would wait for the test to end.
            _context = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(null);
            Function = new ScriptedServer();
            Time = new FakeClock();
            Options = new ArrTokenClientOptions { Clock = Time, Random = () => 1.0 };
        }

        [TearDown]
        public void StopFunction()
        {
            _client?.Dispose();
            _client = null;
            Function.Dispose();
            SynchronizationContext.SetSynchronizationContext(_context);
        }

        internal static T Result<T>(Task<T> task)
        {
            if (Task.WhenAny(task, Task.Delay(Patience)).GetAwaiter().GetResult() != task)
                Assert.Fail("It hangs.");
            return task.GetAwaiter().GetResult();
        }

        internal static ArrTokenException Failure(Task<ArrToken> task)
        {
            return Assert.Throws<ArrTokenException>(() => Result(task));
        }

        internal static void AssertCancelled(Task<ArrToken> task)
        {
            Assert.Catch<OperationCanceledException>(() => Result(task));
        }

        internal static TimeSpan Seconds(double seconds)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        /// <summary>Pauses between attempts then last until they are cancelled.</summary>
        internal void HoldPauses()
        {
            Time.HoldsPauses = true;
            Time.OnPause = _pausing.Set;
        }

        internal void WaitForPause()
        {
            Assert.That(_pausing.Wait(Patience), Is.True);
        }

        internal string Get(TimeSpan? minValidity = null)
        {
            return Result(Client.GetTokenAsync(minValidity)).AccessToken;
        }
    }
}
