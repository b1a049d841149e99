using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>A token that ARR rejected stays rejected, whichever worker of the function returns it again.</summary>
    [TestFixture]
    public class RejectionTests : ClientTest
    {
        private const int Day = 86400;

        [Test]
        public void An_earlier_rejection_is_remembered_after_a_later_one()
        {
            Reject("t1");
            Reject("t2");
            Function.WillSend(Responses.Token("t1", Day, 600));
            Function.WillSend(Responses.Token("t3", Day));
            Assert.That(Get(), Is.EqualTo("t3"));
        }

        [Test]
        public void A_rejection_is_remembered_after_another_token()
        {
            Reject("t1");
            Function.WillSend(Responses.Token("t2", 60));
            Get();
            Time.Advance(Seconds(60));
            Function.WillSend(Responses.Token("t1", Day, 600));
            Function.WillSend(Responses.Token("t3", Day));
            Assert.That(Get(), Is.EqualTo("t3"));
            StringAssert.DoesNotContain("no-cache", Function.Requests[2]);
            StringAssert.Contains("no-cache", Function.Requests[3]);
        }

        [Test]
        public void A_late_rejection_is_remembered()
        {
            Function.WillSend(Responses.Token("t1", 600));
            var first = Result(Client.GetTokenAsync());
            Function.WillSend(Responses.Token("t2", 7200));
            Get(Seconds(3600));
            Client.Invalidate(first);
            Assert.That(Get(), Is.EqualTo("t2"));
            Time.Advance(Seconds(7200));
            Function.WillSend(Responses.Token("t1", 600, 600));
            Function.WillSend(Responses.Token("t3", Day));
            Assert.That(Get(), Is.EqualTo("t3"));
        }

        [Test]
        public void If_the_same_token_is_still_too_young_after_the_pause_the_client_waits_again()
        {
            Reject("t1");
            Function.WillSend(Responses.Token("t1", Day));
            Function.WillSend(Responses.Token("t1", Day, 29));
            Function.WillSend(Responses.Token("t2", Day));
            Assert.That(Get(), Is.EqualTo("t2"));
            Assert.That(Time.Pauses, Is.EqualTo(new[] { Seconds(30), Seconds(1) }));
        }

        private void Reject(string accessToken)
        {
            Function.WillSend(Responses.Token(accessToken, Day));
            Client.Invalidate(Result(Client.GetTokenAsync()));
        }
    }
}
