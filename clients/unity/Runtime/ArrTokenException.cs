using System;
using System.Globalization;
using System.Text;

namespace GetArrToken
{
    /// <summary>No token could be had. Message is one line with all that support asks for, and no secret.</summary>
    public sealed class ArrTokenException : Exception
    {
        internal ArrTokenException(string code, string detail, Exception innerException = null)
            : base(null, innerException)
        {
            Code = code;
            Detail = detail;
        }

        /// <summary>The function's (see its contract), http-STATUS from the platform, or one of the client's own.</summary>
        public string Code { get; }

        /// <summary>The HTTP status; null where there was no answer.</summary>
        public int? Status { get; internal set; }

        /// <summary>What to do next.</summary>
        public string Detail { get; }

        /// <summary>Of the Security Token Service's refusal, where there was one.</summary>
        public string MsCv { get; internal set; }

        /// <summary>Finds the call in Application Insights.</summary>
        public string RequestId { get; internal set; }

        /// <summary>When to try again, where the function said so.</summary>
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
                return text.Append(": ").Append(Detail).ToString();
            }
        }

        /// <summary>What a retry needs to know; decided where the failure is seen.</summary>
        internal Retry Retry { get; set; }
    }

    internal enum Retry
    {
        Never,
        AfterRetryAfter,
        WithBackOff,
    }
}
