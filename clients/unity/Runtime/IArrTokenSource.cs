using System;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    /// <summary>The part of <see cref="ArrTokenClient"/> that an app uses. A test can implement it without a network.</summary>
    public interface IArrTokenSource
    {
        /// <summary>The last failed attempt, also while retries still run; null after a success.</summary>
        ArrTokenException LastFailure { get; }

        /// <summary>Returns the cached token while it is usable, otherwise a new one. Concurrent calls share one request.</summary>
        /// <param name="minValidity">The remaining lifetime needed, 0 to 23 hours. If no token lasts that long, the longest-lived one is returned.</param>
        /// <param name="cancellationToken">Cancels this call. The request is aborted when no call waits for it.</param>
        /// <exception cref="ArrTokenException">No token is available.</exception>
        Task<ArrToken> GetTokenAsync(
            TimeSpan? minValidity = null, CancellationToken cancellationToken = default(CancellationToken));

        /// <summary>Reports that ARR rejected this token (401). The next call fetches another one.</summary>
        void Invalidate(ArrToken token);
    }
}
