using System;
using System.Threading.Tasks;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    [TestFixture]
    public class OptionsTests : ClientTest
    {
        [TestCase("https://app.azurewebsites.net/api/GetArrToken")]
        [TestCase("http://localhost:7071/api/GetArrToken")]
        [TestCase("http://127.0.0.1:7071/api/GetArrToken")]
        [TestCase("http://[::1]:7071/api/GetArrToken")]
        public void Https_and_loopback_are_accepted(string endpoint)
        {
            new ArrTokenClient(new Uri(endpoint)).Dispose();
        }

        [TestCase("http://app.azurewebsites.net/api/GetArrToken")]
        [TestCase("http://192.168.1.20:7071/api/GetArrToken")]
        [TestCase("ftp://localhost/api/GetArrToken")]
        [TestCase("file:///api/GetArrToken")]
        [TestCase("https://app.azurewebsites.net/api/GetArrToken?code=the-secret")]
        [TestCase("https://user:the-secret@app.azurewebsites.net/api/GetArrToken")]
        [TestCase("https://app.azurewebsites.net/api/GetArrToken#the-secret")]
        public void Other_endpoints_are_rejected_and_not_printed(string endpoint)
        {
            var error = Assert.Throws<ArgumentException>(() => new ArrTokenClient(new Uri(endpoint)));
            StringAssert.DoesNotContain("the-secret", error.ToString());
        }

        [Test]
        public void An_endpoint_must_be_absolute()
        {
            Assert.Throws<ArgumentNullException>(() => new ArrTokenClient(null));
            Assert.Throws<ArgumentException>(() => new ArrTokenClient(new Uri("/api/GetArrToken", UriKind.Relative)));
        }

        [Test]
        public void Http_beyond_loopback_needs_AllowInsecureHttp()
        {
            var options = new ArrTokenClientOptions { AllowInsecureHttp = true };
            new ArrTokenClient(new Uri("http://192.168.1.20:7071/api/GetArrToken"), options).Dispose();
        }

        [TestCase("")]
        [TestCase("the-secret\r\nHost: elsewhere")]
        [TestCase("the-secret ")]
        [TestCase("the-secret\u00e9")]
        public void A_function_key_that_cannot_be_sent_is_rejected_and_not_printed(string key)
        {
            Options.FunctionKey = key;
            var error = Assert.Throws<ArgumentException>(() => Get());
            StringAssert.DoesNotContain("the-secret", error.ToString());
        }

        [TestCase(-1.0)]
        [TestCase(82800.001)]
        public void A_minValidity_out_of_range_is_rejected(double seconds)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Get(Seconds(seconds)));
            Assert.That(Function.Requests, Is.Empty);
        }

        [TestCase(-1, 25, 60)]
        [TestCase(82801, 25, 60)]
        [TestCase(900, 0, 60)]
        [TestCase(900, 82801, 60)]
        [TestCase(900, 25, 0)]
        [TestCase(900, 25, 82801)]
        public void Times_out_of_range_are_rejected(int refreshBefore, int attemptTimeout, int totalTimeout)
        {
            Options.RefreshBefore = Seconds(refreshBefore);
            Options.AttemptTimeout = Seconds(attemptTimeout);
            Options.TotalTimeout = Seconds(totalTimeout);
            Assert.Throws<ArgumentOutOfRangeException>(() => Get());
        }

        [Test]
        public void A_sign_in_that_fails_has_a_code_of_its_own()
        {
            Options.BearerToken = (_, __) => { throw new InvalidOperationException("The user said no."); };
            var failure = Failure(Client.GetTokenAsync());
            Assert.That(failure.Code, Is.EqualTo("sign-in-failed"));
            Assert.That(failure.InnerException, Is.InstanceOf<InvalidOperationException>());
            Assert.That(Function.Requests, Is.Empty);
        }

        [TestCase(null)]
        [TestCase("")]
        [TestCase("the-secret\r\nHost: elsewhere")]
        public void A_bearer_token_that_cannot_be_sent_is_rejected_and_not_printed(string token)
        {
            Options.BearerToken = (_, __) => Task.FromResult(token);
            var failure = Failure(Client.GetTokenAsync());
            Assert.That(failure.Code, Is.EqualTo("sign-in-failed"));
            StringAssert.DoesNotContain("the-secret", failure.ToString());
        }

        [Test]
        public void Each_request_signs_in_anew()
        {
            var count = 0;
            Options.BearerToken = (_, __) => Task.FromResult("user-" + ++count);
            Function.WillSend(Responses.Token("t1", null));
            Function.WillSend(Responses.Token("t2", null));
            Get();
            Time.Advance(Seconds(30));
            Get();
            StringAssert.Contains("Bearer user-2\r\n", Function.Requests[1]);
        }
    }
}
