using System;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>Responses without a usable token, and their messages for support.</summary>
    [TestFixture]
    public class ResponseTests : ClientTest
    {
        [Test]
        public void A_problem_has_everything_that_support_asks_for_in_one_line()
        {
            Function.WillSend(Responses.Problem(503, "sts-unavailable", 90));
            var failure = Failure(Client.GetTokenAsync());
            Assert.That(failure.Code, Is.EqualTo("sts-unavailable"));
            Assert.That(failure.Status, Is.EqualTo(503));
            Assert.That(failure.Detail, Is.EqualTo("Try again after Retry-After seconds."));
            Assert.That(failure.MsCv, Is.EqualTo(Responses.MsCv));
            Assert.That(failure.RequestId, Is.EqualTo(Responses.RequestId));
            Assert.That(failure.RetryAfter, Is.EqualTo(Seconds(90)));
            Assert.That(failure.Message, Is.EqualTo(
                "GetArrToken: sts-unavailable (HTTP 503), MS-CV gKXl1CkeG0mRb6HEtMUmHQ.0, request id " + Responses.RequestId
                + ", retry after 90 s: Try again after Retry-After seconds."));
        }

        [Test]
        public void Foreign_text_cannot_break_the_line_or_fill_the_log()
        {
            var problem = "{\"code\": \"a\\nb\", \"detail\": \"c\\r\\nd\\u2028" + new string('x', 9999) + "\"}";
            Function.WillSend(Responses.Response(500, "application/problem+json", problem));
            var message = Failure(Client.GetTokenAsync()).Message;
            Assert.That(message.IndexOfAny(new[] { '\r', '\n', '\u2028' }), Is.EqualTo(-1));
            Assert.That(message.Length, Is.LessThan(1000));
        }

        [TestCase("<html>Please sign in to the hotel's network</html>")]
        [TestCase("")]
        [TestCase("[1]")]
        [TestCase("null")]
        [TestCase("{\"AccessToken\": \"ey")]
        [TestCase("{}")]
        [TestCase("{\"AccessToken\": null}")]
        [TestCase("{\"AccessToken\": 7}")]
        [TestCase("{\"AccessToken\": \"\"}")]
        [TestCase("{\"AccessToken\": \"two words\"}")]
        [TestCase("{\"AccessToken\": {\"AccessToken\": \"ey\"}}")]
        public void A_response_without_a_token_has_a_code_of_its_own(string body)
        {
            Function.WillSend(Responses.Ok(body));
            var failure = Failure(Client.GetTokenAsync());
            Assert.That(failure.Code, Is.EqualTo("invalid-answer"));
            Assert.That(failure.Status, Is.EqualTo(200));
            Assert.That(failure.RequestId, Is.EqualTo(Responses.RequestId));
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
        }

        [Test]
        public void A_response_nested_too_deeply_is_not_read()
        {
            var nested = new string('[', 30000) + new string(']', 30000);
            Function.WillSend(Responses.Ok("{\"AccessToken\": \"t1\", \"x\": " + nested + "}"));
            Assert.That(Failure(Client.GetTokenAsync()).Code, Is.EqualTo("invalid-answer"));
        }

        [Test]
        public void A_response_that_announces_too_many_bytes_is_not_read()
        {
            Function.WillHang("HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n");
            Assert.That(Failure(Client.GetTokenAsync()).Code, Is.EqualTo("invalid-answer"));
        }

        [Test]
        public void A_response_that_has_too_many_bytes_is_not_read_to_its_end()
        {
            Function.WillHang("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"AccessToken\": \"t1\"}" + new string(' ', 65537));
            var failure = Failure(Client.GetTokenAsync());
            Assert.That(failure.Code, Is.EqualTo("invalid-answer"));
            StringAssert.Contains("larger", failure.Detail);
        }

        [Test]
        public void The_largest_response_is_read()
        {
            var start = "{\"AccessToken\": \"t1\"";
            Function.WillSend(Responses.Ok(start + new string(' ', 65536 - start.Length - 1) + "}"));
            Assert.That(Get(), Is.EqualTo("t1"));
        }

        [Test]
        public void A_byte_order_mark_does_not_hide_a_token()
        {
            Function.WillSend(Responses.Ok("\uFEFF{\"AccessToken\": \"t1\"}"));
            Assert.That(Get(), Is.EqualTo("t1"));
        }

        [TestCase("null")]
        [TestCase("\"3600\"")]
        [TestCase("3600.5")]
        [TestCase("-5")]
        [TestCase("2147483648")]
        [TestCase("99999999999999999999999999")]
        [TestCase("{}")]
        public void A_lifetime_that_cannot_be_read_is_unknown(string expiresIn)
        {
            Function.WillSend(Responses.Ok("{\"AccessToken\": \"t1\", \"ExpiresIn\": " + expiresIn + "}"));
            Assert.That(Result(Client.GetTokenAsync()).Remaining, Is.Null);
        }

        [TestCase(301)]
        [TestCase(302)]
        [TestCase(307)]
        [TestCase(308)]
        public void A_redirect_is_not_followed(int status)
        {
            Options.FunctionKey = "the-key";
            Function.WillSend(Responses.Response(status, "text/html", "", "Location: " + Function.Address + "\r\n"));
            var failure = Failure(Client.GetTokenAsync());
            Assert.That(failure.Code, Is.EqualTo("http-" + status));
            StringAssert.Contains("captive portal", failure.Detail);
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
        }

        [TestCase(204)]
        [TestCase(206)]
        public void Another_success_than_200_is_a_failure(int status)
        {
            Function.WillSend(Responses.Response(status, "application/json", ""));
            Assert.That(Failure(Client.GetTokenAsync()).Code, Is.EqualTo("http-" + status));
        }
    }
}
