using System;
using System.Net.Http;
using System.Text;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>The repository's local stack, started by <c>python -m nox -s unity</c>, and its switches.</summary>
    internal sealed class LocalStack : IDisposable
    {
        private readonly HttpClient _http = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };

        private readonly string _origin;

        private LocalStack(string origin, string functionKey)
        {
            _origin = origin;
            FunctionKey = functionKey;
            _http.DefaultRequestHeaders.Add("x-functions-key", functionKey);
        }

        internal string FunctionKey { get; }

        internal Uri Function
        {
            get { return new Uri(_origin + "/api/GetArrToken"); }
        }

        /// <summary>Ignores the test if there is no stack, as in Unity's test runner.</summary>
        internal static LocalStack FromEnvironment()
        {
            var origin = Environment.GetEnvironmentVariable("GETARRTOKEN_STACK");
            if (string.IsNullOrEmpty(origin))
                Assert.Ignore("GETARRTOKEN_STACK does not say where the local stack is.");
            return new LocalStack(origin, Environment.GetEnvironmentVariable("GETARRTOKEN_STACK_KEY"));
        }

        public void Dispose()
        {
            _http.Dispose();
        }

        /// <summary>No faults, and no cached token.</summary>
        internal void StartAnew()
        {
            Send(HttpMethod.Post, "reset", "");
            Restart();
        }

        /// <summary>Restarts the function when its exchange has ended: modules of two starts would mix.</summary>
        internal void Restart()
        {
            _http.GetAsync(Function).GetAwaiter().GetResult().Dispose();
            Send(HttpMethod.Post, "restart", "");
        }

        internal void Put(string path, string json)
        {
            Send(HttpMethod.Put, path, json);
        }

        private void Send(HttpMethod method, string path, string body)
        {
            var request = new HttpRequestMessage(method, _origin + "/local/" + path)
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            };
            using (var response = _http.SendAsync(request).GetAwaiter().GetResult())
                response.EnsureSuccessStatusCode();
        }
    }
}
