using System;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    /// <summary>Calls the app's sign-in: one at a time, on one SynchronizationContext.</summary>
    internal sealed class SignIn
    {
        private const string Code = "sign-in-failed";

        // A device code's life. A longer wait would block every call for nothing.
        private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

        // For a cancelled sign-in to end. One that ignores its cancellation for longer hangs, and must not block the next.
        private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

        private readonly BearerTokenProvider _bearerToken;
        private readonly Clock _clock;
        private readonly SynchronizationContext _context = SynchronizationContext.Current;
        private Task<bool> _previous = Task.FromResult(true);

        internal SignIn(BearerTokenProvider bearerToken, Clock clock)
        {
            _bearerToken = bearerToken;
            _clock = clock;
        }

        /// <exception cref="ArrTokenException">It failed.</exception>
        internal async Task<string> GetAsync(bool previousRejected, CancellationToken abort)
        {
            var ended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            var previous = Interlocked.Exchange(ref _previous, ended.Task);
            Task<string> call = null;
            using (var limit = CancellationTokenSource.CreateLinkedTokenSource(abort))
            // The app's own: an exception in one of its callbacks must not end up in the limit's timer.
            using (var cancel = CancellationTokenSource.CreateLinkedTokenSource(abort))
            {
                try
                {
                    await WaitAsync(previous, abort).ConfigureAwait(false);
                    _clock.CancelAfter(limit, Longest);
                    call = CallAsync(previousRejected, cancel.Token);
                    return Check(await call.OrCancelled(limit.Token).ConfigureAwait(false));
                }
                catch (Exception) when (abort.IsCancellationRequested)
                {
                    throw new OperationCanceledException(abort);
                }
                catch (Exception) when (limit.IsCancellationRequested)
                {
                    cancel.CancelQuietly();
                    throw new ArrTokenException(Code, "BearerToken took longer than " + Text.Seconds(Longest) + ".");
                }
                catch (Exception error) when (!(error is ArrTokenException))
                {
                    throw new ArrTokenException(Code, "BearerToken failed with " + error.GetType().Name + ".", error)
                    {
                        Retry = NetworkFailure.IsTransient(error) ? Retry.WithBackOff : Retry.Never,
                    };
                }
                finally
                {
                    ((Task)call ?? Task.FromResult(true)).WhenEnded(() => ended.SetResult(true));
                }
            }
        }

        private async Task WaitAsync(Task<bool> previous, CancellationToken abort)
        {
            using (var grace = CancellationTokenSource.CreateLinkedTokenSource(abort))
            {
                _clock.CancelAfter(grace, Grace);
                try
                {
                    await previous.OrCancelled(grace.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (!abort.IsCancellationRequested)
                {
                    // It hangs.
                }
            }
        }

        private Task<string> CallAsync(bool previousRejected, CancellationToken cancel)
        {
            if (_context == null || _context == SynchronizationContext.Current)
                return _bearerToken(previousRejected, cancel);
            var call = new TaskCompletionSource<Task<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
            _context.Post(
                _ =>
                {
                    try
                    {
                        cancel.ThrowIfCancellationRequested();
                        call.SetResult(_bearerToken(previousRejected, cancel));
                    }
                    catch (Exception error)
                    {
                        call.SetException(error);
                    }
                },
                null);
            return call.Task.Unwrap();
        }

        private static string Check(string token)
        {
            if (token == null || !Text.IsVisibleAscii(token))
                throw new ArrTokenException(Code, "BearerToken returned no token, or one with characters that no token has.");
            return token;
        }
    }
}
