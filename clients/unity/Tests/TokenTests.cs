using System;
using System.Threading.Tasks;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    [TestFixture]
    public class TokenTests : ClientTest
    {
        [Test]
        public void A_token_has_everything_that_ARR_and_support_need()
        {
            Function.WillSend(Responses.Token("t1", 85140));
            var token = Result(Client.GetTokenAsync());
            Assert.That(token.AccessToken, Is.EqualTo("t1"));
            Assert.That(token.MsCv, Is.EqualTo(Responses.MsCv));
            Assert.That(token.RequestId, Is.EqualTo(Responses.RequestId));
            Assert.That(token.AccountId, Is.EqualTo("35d830cb-f062-4062-9792-d6316039df56"));
            Assert.That(token.AccountDomain, Is.EqualTo("westeurope.mixedreality.azure.com"));
            Assert.That(token.Remaining, Is.EqualTo(Seconds(85140)));
        }

        [Test]
        public void ToString_has_the_state_but_not_the_token()
        {
            Function.WillSend(Responses.Token("secret-token", 85140));
            var text = Result(Client.GetTokenAsync()).ToString();
            Assert.That(text, Is.EqualTo(
                "ArrToken (MS-CV " + Responses.MsCv + ", request id " + Responses.RequestId + ", remaining 85140 s)"));
        }

        [Test]
        public void A_token_that_looks_like_a_date_is_not_changed()
        {
            Function.WillSend(Responses.Token("2026-11-24T12:00:00.0+01:00", 3600));
            Assert.That(Get(), Is.EqualTo("2026-11-24T12:00:00.0+01:00"));
        }

        [Test]
        public void Remaining_decreases_to_zero()
        {
            Function.WillSend(Responses.Token("t1", 100));
            var token = Result(Client.GetTokenAsync());
            Time.Advance(Seconds(40));
            Assert.That(token.Remaining, Is.EqualTo(Seconds(60)));
            Time.Advance(Seconds(400));
            Assert.That(token.Remaining, Is.EqualTo(TimeSpan.Zero));
        }

        [Test]
        public void The_time_until_the_response_reduces_the_lifetime()
        {
            Function.WillHang("", Responses.Token("t1", 100));
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(1);
            Time.Advance(Seconds(8));
            Function.Release();
            Assert.That(Result(call).Remaining, Is.EqualTo(Seconds(92)));
        }

        [Test]
        public void Key_and_bearer_token_are_sent_in_headers()
        {
            Options.FunctionKey = "the-key";
            Options.BearerToken = (_, __) => Task.FromResult("the-user");
            Function.WillSend(Responses.Token("t1", 3600));
            Get();
            var request = Function.Requests[0];
            StringAssert.StartsWith("GET /api/GetArrToken HTTP/1.1\r\n", request);
            StringAssert.Contains("\r\nx-functions-key: the-key\r\n", request);
            StringAssert.Contains("\r\nAuthorization: Bearer the-user\r\n", request);
        }

        [Test]
        public void Without_options_no_such_header_is_sent()
        {
            Function.WillSend(Responses.Token("t1", 3600));
            Get();
            StringAssert.DoesNotContain("x-functions-key", Function.Requests[0]);
            StringAssert.DoesNotContain("Authorization", Function.Requests[0]);
            StringAssert.DoesNotContain("Cache-Control", Function.Requests[0]);
        }

        [TestCase(3600.0, "3600")]
        [TestCase(0.001, "1")]
        [TestCase(1.5, "2")]
        [TestCase(82800.0, "82800")]
        public void MinValidity_is_sent_in_whole_seconds_rounded_up(double seconds, string asked)
        {
            Function.WillSend(Responses.Token("t1", 86000));
            Get(Seconds(seconds));
            StringAssert.StartsWith("GET /api/GetArrToken?minValidity=" + asked + " HTTP", Function.Requests[0]);
        }

        [Test]
        public void Cookies_are_not_sent_back()
        {
            Function.WillSend(Responses.Ok("{\"AccessToken\": \"t1\"}", "Set-Cookie: ARRAffinity=1; Path=/\r\n"));
            Function.WillSend(Responses.Token("t2", 3600));
            Get();
            Time.Advance(Seconds(30));
            Get();
            StringAssert.DoesNotContain("Cookie", Function.Requests[1]);
        }

        [Test]
        public void The_connection_is_closed()
        {
            Function.WillSend(Responses.Token("t1", 3600));
            Get();
            StringAssert.Contains("\r\nconnection: close\r\n", Function.Requests[0].ToLowerInvariant());
        }
    }
}
