using System;
using System.Globalization;
using System.Text;

namespace GetArrToken
{
    /// <summary>No token is available. Message is one line with everything that support asks for, and no secret.</summary>
    public sealed class ArrTokenException : Exception
    {
        public ArrTokenException(string code, string detail = null, Exception innerException = null)
            : base(null, innerException)
        {
            Code = code;
            Detail = detail;
        }

        /// <summary>The function's (see its contract), http-STATUS from the platform, or one of the client's own.</summary>
        public string Code { get; }

        /// <summary>The HTTP status; null if there was no response.</summary>
        public int? Status { get; internal set; }

        /// <summary>The next step for the user or the operator; may be null.</summary>
        public string Detail { get; }

        /// <summary>Correlation id of the Security Token Service's refusal, if it sent one.</summary>
        public string MsCv { get; internal set; }

        /// <summary>Finds the call in Application Insights.</summary>
        public string RequestId { get; internal set; }

        /// <summary>The time until the next try, if the response has one.</summary>
        public TimeSpan? RetryAfter { get; internal set; }

        public override string Message
        {
            get
            {
                var text = new StringBuilder("GetArrToken: ").Append(Code);
                if (Status != null)
                    text.Append(" (HTTP ").Append(Status.Value.ToString(CultureInfo.InvariantCulture)).Append(')');
                if (MsCv != null)
                    text.Append(", MS-CV ").Append(MsCv);
                if (RequestId != null)
                    text.Append(", request id ").Append(RequestId);
                if (RetryAfter != null)
                    text.Append(", retry after ").Append(Text.Seconds(RetryAfter.Value));
                if (!string.IsNullOrEmpty(Detail))
                    text.Append(": ").Append(Detail);
                return text.ToString();
            }
        }

        /// <summary>Decided where the failure is seen.</summary>
        internal Retry Retry { get; set; }

        /// <summary>App Service did not accept the user's token.</summary>
        internal bool IsBearerRejected { get; set; }

        /// <summary>The same failure for a later call, with the Retry-After that is left by then.</summary>
        internal ArrTokenException WithRetryAfter(TimeSpan left)
        {
            var failure = (ArrTokenException)MemberwiseClone();
            failure.RetryAfter = left;
            return failure;
        }
    }

    internal enum Retry
    {
        Never,
        AfterRetryAfter,
        WithBackOff,
    }
}
