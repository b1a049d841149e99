using System;

namespace GetArrToken
{
    /// <summary>A token for Azure Remote Rendering. It prints without the token itself.</summary>
    public sealed class ArrToken
    {
        private readonly TimeSpan? _life;
        private readonly Age _age;

        internal ArrToken(string accessToken, TimeSpan? life, Age age)
        {
            AccessToken = accessToken;
            _life = life;
            _age = age;
        }

        /// <summary>For SessionConfiguration.AccessToken. Whoever has it has the account for its life: don't log it.</summary>
        public string AccessToken { get; }

        /// <summary>Names the call of the Security Token Service that issued it; null if it named none.</summary>
        public string MsCv { get; internal set; }

        /// <summary>Finds the function's answer in Application Insights.</summary>
        public string RequestId { get; internal set; }

        public string AccountId { get; internal set; }

        public string AccountDomain { get; internal set; }

        /// <summary>The life that is left by now, never below zero; null where the function could not read it.</summary>
        public TimeSpan? Remaining
        {
            get
            {
                if (_life == null)
                    return null;
                var left = _life.Value - _age.Now;
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
