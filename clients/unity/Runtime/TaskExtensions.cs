using System;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    internal static class TaskExtensions
    {
        /// <summary>Ends the wait on cancellation even if the task ignores it, as some of HttpClient's do.</summary>
        internal static async Task<T> OrCancelled<T>(this Task<T> task, CancellationToken cancellationToken)
        {
            var cancelled = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
            using (cancellationToken.Register(() => cancelled.TrySetCanceled()))
            {
                var first = await Task.WhenAny(task, cancelled.Task).ConfigureAwait(false);
                if (first != task)
                    task.Observe();
                return await first.ConfigureAwait(false);
            }
        }

        /// <summary>Cancels, and ignores exceptions of the app's callbacks.</summary>
        internal static void CancelQuietly(this CancellationTokenSource source)
        {
            try
            {
                source.Cancel();
            }
            catch (AggregateException)
            {
                // Cancel runs all callbacks first.
            }
        }

        internal static void PassTo<T>(this Task<T> task, TaskCompletionSource<T> result)
        {
            task.WhenEnded(() =>
            {
                if (task.IsFaulted)
                    result.TrySetException(task.Exception.InnerExceptions);
                else if (task.IsCanceled)
                    result.TrySetCanceled();
                else
                    result.TrySetResult(task.Result);
            });
        }

        internal static void WhenEnded(this Task task, Action action)
        {
            task.ContinueWith(
                _ => action(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }


        /// <summary>Keeps a failure for which no call waits from TaskScheduler.UnobservedTaskException.</summary>
        private static void Observe(this Task task)
        {
            task.ContinueWith(ended => ended.Exception, TaskScheduler.Default);
        }
    }
}
