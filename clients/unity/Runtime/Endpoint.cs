using System;
using System.Globalization;
using System.Net.Http;
using System.Net.Http.Headers;

namespace GetArrToken
{
    /// <summary>The function's address, and the requests to it.</summary>
    internal sealed class Endpoint
    {
        private static readonly TimeSpan LargestMinValidity = TimeSpan.FromSeconds(82800);

        private readonly Uri _address;
        private readonly string _functionKey;

        internal Endpoint(Uri address, ArrTokenClientOptions options)
        {
            _address = Check(address, options.AllowInsecureHttp);
            _functionKey = options.FunctionKey;
            // Checked here, because HttpClient would put an illegal one into its exception's text.
            if (_functionKey != null && !Text.IsVisibleAscii(_functionKey))
                throw new ArgumentException("FunctionKey is empty, or has characters that no function key has.");
        }

        internal static TimeSpan CheckMinValidity(TimeSpan minValidity)
        {
            if (minValidity < TimeSpan.Zero || minValidity > LargestMinValidity)
                throw new ArgumentOutOfRangeException(nameof(minValidity), "From 0 to 23 hours.");
            return minValidity;
        }

        internal HttpRequestMessage Request(TimeSpan minValidity, bool noCache, string bearerToken)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, Address(minValidity));
            // Requests are hours apart, and a connection does not survive a headset's sleep.
            request.Headers.ConnectionClose = true;
            if (_functionKey != null)
                request.Headers.Add("x-functions-key", _functionKey);
            if (bearerToken != null)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearerToken);
            if (noCache)
                request.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
            return request;
        }

        private Uri Address(TimeSpan minValidity)
        {
            if (minValidity == TimeSpan.Zero)
                return _address;
            var seconds = Math.Ceiling(minValidity.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
            return new UriBuilder(_address) { Query = "minValidity=" + seconds }.Uri;
        }

        private static Uri Check(Uri address, bool allowInsecureHttp)
        {
            if (address == null)
                throw new ArgumentNullException(nameof(address));
            if (!address.IsAbsoluteUri || address.Scheme != "https" && address.Scheme != "http")
                throw new ArgumentException("The endpoint must be an https address.");
            if (address.Scheme == "http" && !address.IsLoopback && !allowInsecureHttp)
                throw new ArgumentException("The endpoint must be https; for development, set AllowInsecureHttp.");
            if (address.Query != "" || address.Fragment != "" || address.UserInfo != "")
                throw new ArgumentException("The endpoint has a query, a fragment or a user; a key belongs into FunctionKey.");
            return address;
        }
    }
}
