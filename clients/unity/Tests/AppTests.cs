using System;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>Tests of an app itself, and calls through a proxy.</summary>
    [TestFixture]
    public class AppTests : ClientTest
    {
        [Test]
        public void An_app_can_fake_the_client()
        {
            IArrTokenSource source = new FakeSource();
            Assert.That(Result(source.GetTokenAsync(TimeSpan.FromHours(8))).AccessToken, Is.EqualTo("fake"));
        }

        [Test]
        public void A_token_can_be_constructed()
        {
            var token = new ArrToken("t1", TimeSpan.FromHours(1), "account", "domain", "cv.0", "request");
            Assert.That(token.AccessToken, Is.EqualTo("t1"));
            Assert.That(token.Remaining, Is.GreaterThan(TimeSpan.FromMinutes(59)).And.LessThanOrEqualTo(TimeSpan.FromHours(1)));
            Assert.That(token.AccountId, Is.EqualTo("account"));
            Assert.That(token.AccountDomain, Is.EqualTo("domain"));
            Assert.That(token.MsCv, Is.EqualTo("cv.0"));
            Assert.That(token.RequestId, Is.EqualTo("request"));
            Assert.That(new ArrToken("t1").Remaining, Is.Null);
        }

        [Test]
        public void Requests_go_through_the_apps_own_handler()
        {
            HttpRequestMessage request = null;
            Options.FunctionKey = "the-key";
            var handler = new StubHandler(sent =>
            {
                request = sent;
                return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("{\"AccessToken\": \"t1\"}") };
            });
            Options.HttpMessageHandler = handler;
            Assert.That(Get(), Is.EqualTo("t1"));
            Assert.That(request.RequestUri, Is.EqualTo(Function.Address));
            Assert.That(request.Headers.GetValues("x-functions-key"), Is.EqualTo(new[] { "the-key" }));
            Client.Dispose();
            Assert.That(handler.IsDisposed, Is.False);
        }

        [Test]
        public void A_handler_that_follows_redirects_is_not_accepted()
        {
            Options.HttpMessageHandler = new StubChain { InnerHandler = new HttpClientHandler() };
            Assert.Throws<ArgumentException>(() => Get());
            Options.HttpMessageHandler = new StubChain { InnerHandler = new HttpClientHandler { AllowAutoRedirect = false } };
            Function.WillSend(Responses.Token("t1", 3600));
            Assert.That(Get(), Is.EqualTo("t1"));
        }

        private sealed class StubChain : DelegatingHandler
        {
        }

        private sealed class FakeSource : IArrTokenSource
        {
            public ArrTokenException LastFailure => new ArrTokenException("sts-unavailable", "Try again later.");

            public Task<ArrToken> GetTokenAsync(TimeSpan? minValidity, CancellationToken cancellationToken)
            {
                return Task.FromResult(new ArrToken("fake", minValidity));
            }

            public void Invalidate(ArrToken token)
            {
            }
        }
    }
}
