using System;

namespace GetArrToken
{
    /// <summary>A token for Azure Remote Rendering. ToString does not contain the token itself.</summary>
    public sealed class ArrToken
    {
        private readonly TimeSpan? _lifetime;
        private readonly Age _age;

        /// <summary>For tests of an app; the client makes its own.</summary>
        /// <param name="accessToken">Not checked.</param>
        /// <param name="lifetime">From now on; null if unknown.</param>
        public ArrToken(
            string accessToken, TimeSpan? lifetime = null, string accountId = null, string accountDomain = null,
            string msCv = null, string requestId = null)
            : this(accessToken, lifetime, new Age(Clock.Real))
        {
            AccountId = accountId;
            AccountDomain = accountDomain;
            MsCv = msCv;
            RequestId = requestId;
        }

        internal ArrToken(string accessToken, TimeSpan? lifetime, Age age)
        {
            AccessToken = accessToken;
            _lifetime = lifetime;
            _age = age;
        }

        /// <summary>For SessionConfiguration.AccessToken. It opens the whole account while it lives: do not log it.</summary>
        public string AccessToken { get; }

        /// <summary>Correlation id of the Security Token Service's call that issued the token; null if it sent none.</summary>
        public string MsCv { get; internal set; }

        /// <summary>Finds the function's response in Application Insights.</summary>
        public string RequestId { get; internal set; }

        public string AccountId { get; internal set; }

        public string AccountDomain { get; internal set; }

        /// <summary>The lifetime left now, never negative; null if the function could not read it.</summary>
        public TimeSpan? Remaining
        {
            get
            {
                if (_lifetime == null)
                    return null;
                var left = _lifetime.Value - _age.Now;
                return left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }

        public override string ToString()
        {
            var left = Remaining == null ? "unknown" : Text.Seconds(Remaining.Value);
            return "ArrToken (MS-CV " + (MsCv ?? "-") + ", request id " + (RequestId ?? "-") + ", remaining " + left + ")";
        }
    }
}
