using System.Collections.Generic;
using System.Threading.Tasks;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>App Service Authentication rejects the user's token: 401 without problem+json.</summary>
    [TestFixture]
    public class RejectedBearerTests : ClientTest
    {
        private const int Day = 86400;

        private List<bool> _signIns;

        [SetUp]
        public void CountSignIns()
        {
            _signIns = new List<bool>();
            Options.BearerToken = (previousRejected, _) =>
            {
                _signIns.Add(previousRejected);
                return Task.FromResult("user-" + _signIns.Count);
            };
        }

        [Test]
        public void The_sign_in_learns_of_it_and_is_asked_once_more()
        {
            Function.WillSend(Responses.Plain(401));
            Function.WillSend(Responses.Token("t1", Day));
            Assert.That(Get(), Is.EqualTo("t1"));
            Assert.That(_signIns, Is.EqualTo(new[] { false, true }));
            StringAssert.Contains("Bearer user-2\r\n", Function.Requests[1]);
            Assert.That(Time.Pauses, Is.Empty);
        }

        [Test]
        public void A_second_401_is_final()
        {
            Function.WillSend(Responses.Plain(401));
            Function.WillSend(Responses.Plain(401));
            Assert.That(Failure(Client.GetTokenAsync()).Code, Is.EqualTo("http-401"));
            Assert.That(_signIns, Is.EqualTo(new[] { false, true }));
            Assert.That(Function.Requests.Count, Is.EqualTo(2));
        }

        [Test]
        public void The_next_request_starts_as_usual()
        {
            Function.WillSend(Responses.Plain(401));
            Function.WillSend(Responses.Token("t1", 60));
            Function.WillSend(Responses.Token("t2", Day));
            Get();
            Time.Advance(Seconds(60));
            Assert.That(Get(), Is.EqualTo("t2"));
            Assert.That(_signIns, Is.EqualTo(new[] { false, true, false }));
        }

        [Test]
        public void A_401_of_the_function_itself_is_final()
        {
            Function.WillSend(Responses.Problem(401, "unauthenticated"));
            Assert.That(Failure(Client.GetTokenAsync()).Code, Is.EqualTo("unauthenticated"));
            Assert.That(_signIns, Is.EqualTo(new[] { false }));
        }

        [Test]
        public void Without_a_sign_in_a_401_is_final()
        {
            Options.BearerToken = null;
            Function.WillSend(Responses.Plain(401));
            Assert.That(Failure(Client.GetTokenAsync()).Code, Is.EqualTo("http-401"));
            Assert.That(Function.Requests.Count, Is.EqualTo(1));
        }
    }
}
