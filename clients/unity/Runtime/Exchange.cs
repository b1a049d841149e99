using System;
using System.Net;
using System.Threading;
using System.Threading.Tasks;

namespace GetArrToken
{
    /// <summary>How one shared request gets its token: sign-in, retries, and a second question after a refusal.</summary>
    internal sealed class Exchange : IDisposable
    {
        // The function takes a token younger than this for new, whatever it is asked.
        private static readonly TimeSpan CountsAsNew = TimeSpan.FromSeconds(30);

        private readonly Endpoint _endpoint;
        private readonly Connection _connection;
        private readonly RetryPolicy _retries;
        private readonly Clock _clock;
        private readonly TimeSpan _totalTimeout;
        private readonly SignIn _signIn;

        internal Exchange(Endpoint endpoint, ArrTokenClientOptions options)
        {
            _endpoint = endpoint;
            _clock = options.Clock;
            _connection = new Connection(_clock);
            _retries = new RetryPolicy(options.Random);
            _totalTimeout = options.TotalTimeout;
            _signIn = options.BearerToken == null ? null : new SignIn(options.BearerToken, _clock);
        }

        public void Dispose()
        {
            _connection.Dispose();
        }

        /// <exception cref="ArrTokenException">No token could be had.</exception>
        internal async Task<ArrToken> RunAsync(SharedRequest request, CancellationToken givenUp)
        {
            var bearerToken = _signIn == null ? null : await _signIn.GetAsync(givenUp).ConfigureAwait(false);
            using (var limit = new TimeLimit(_clock, _totalTimeout, givenUp))
            {
                try
                {
                    return await GetAsync(request, bearerToken, limit).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (!givenUp.IsCancellationRequested)
                {
                    const string detail = "No answer in time. Is the network up, and the address right?";
                    throw limit.LastFailure ?? new ArrTokenException("timeout", detail);
                }
            }
        }

        private async Task<ArrToken> GetAsync(SharedRequest request, string bearerToken, TimeLimit limit)
        {
            for (var again = false; ; again = true)
            {
                var mustBeNew = request.MustBeNew || again;
                var answer = await AskAsync(request.MinValidity, mustBeNew, bearerToken, limit).ConfigureAwait(false);
                if (!request.Refused.Contains(answer.Token.AccessToken))
                    return answer.Token;
                var pause = CountsAsNew - answer.Age;
                if (again && pause <= TimeSpan.Zero)
                    throw Unchanged(answer.Token, null);
                if (pause >= limit.Left)
                    throw Unchanged(answer.Token, pause);
                limit.LastFailure = Unchanged(answer.Token, null);
                if (pause > TimeSpan.Zero)
                    await _clock.Delay(pause, limit.Token).ConfigureAwait(false);
            }
        }

        private async Task<TokenAnswer> AskAsync(
            TimeSpan minValidity, bool mustBeNew, string bearerToken, TimeLimit limit)
        {
            for (var failures = 1; ; failures++)
            {
                TimeSpan pause;
                try
                {
                    var message = _endpoint.Request(minValidity, mustBeNew, bearerToken);
                    return await _connection.AskAsync(message, limit.Token).ConfigureAwait(false);
                }
                catch (ArrTokenException failure)
                {
                    var next = _retries.PauseAfter(failure, failures);
                    if (next == null || next.Value >= limit.Left)
                        throw;
                    limit.LastFailure = failure;
                    pause = next.Value;
                }
                await _clock.Delay(pause, limit.Token).ConfigureAwait(false);
            }
        }

        private static ArrTokenException Unchanged(ArrToken token, TimeSpan? retryAfter)
        {
            const string detail = "The function still gives the token that was refused. Did ARR refuse it for another reason?";
            return new ArrTokenException("token-unchanged", detail)
            {
                Status = (int)HttpStatusCode.OK,
                MsCv = token.MsCv,
                RequestId = token.RequestId,
                RetryAfter = retryAfter,
            };
        }
    }
}
