using System.Threading.Tasks;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>A token is due, its refresh is slow, and a call for more life makes a request of its own.</summary>
    [TestFixture]
    public class SupersededTests : ClientTest
    {
        private const int Day = 86400;

        [SetUp]
        public void HoldATokenThatIsDue()
        {
            Function.WillSend(Answers.Token("t1", Day));
            Get();
            Time.Advance(Seconds(Day - 600));
        }

        [Test]
        public void The_failure_of_the_earlier_request_does_not_reach_the_app()
        {
            var early = Refresh(Answers.Problem(500, "misconfigured"));
            Function.WillSend(Answers.Token("t2", Day));
            Get(Seconds(3600));
            Function.Release();
            Assert.That(Result(early).AccessToken, Is.EqualTo("t2"));
        }

        [Test]
        public void It_does_not_reach_who_had_no_token_either()
        {
            Time.Advance(Seconds(600));
            var early = Refresh(Answers.Problem(500, "misconfigured"));
            Function.WillSend(Answers.Token("t2", Day));
            Get(Seconds(3600));
            Function.Release();
            Assert.That(Result(early).AccessToken, Is.EqualTo("t2"));
        }

        [Test]
        public void Who_has_waited_5_seconds_for_the_earlier_request_gets_the_other_ones_token()
        {
            var early = Refresh("");
            Function.WillSend(Answers.Token("t2", Day));
            Get(Seconds(3600));
            Time.Advance(Seconds(5));
            Assert.That(Result(early).AccessToken, Is.EqualTo("t2"));
        }

        [Test]
        public void The_token_of_the_earlier_request_is_held_where_the_other_failed()
        {
            var early = Refresh(Answers.Token("t2", Day));
            Function.WillSend(Answers.Problem(500, "misconfigured"));
            Assert.That(Get(Seconds(3600)), Is.EqualTo("t1"));
            Function.Release();
            Result(early);
            Assert.That(Get(), Is.EqualTo("t2"));
            Assert.That(Function.Requests.Count, Is.EqualTo(3));
        }

        [Test]
        public void A_token_of_the_earlier_request_does_not_replace_one_that_lives_longer()
        {
            var early = Refresh(Answers.Token("t2", 7200));
            Function.WillSend(Answers.Token("t3", Day));
            Get(Seconds(3600));
            Function.Release();
            Result(early);
            Assert.That(Get(), Is.EqualTo("t3"));
        }

        [Test]
        public void A_function_that_has_only_worse_is_left_alone_for_30_seconds()
        {
            Function.WillSend(Answers.Token("t2", 60));
            Function.WillSend(Answers.Token("t3", Day));
            Get();
            Assert.That(Get(), Is.EqualTo("t1"));
            Time.Advance(Seconds(30));
            Assert.That(Get(), Is.EqualTo("t3"));
        }

        private Task<ArrToken> Refresh(string answer)
        {
            Function.WillHang("", answer);
            var call = Client.GetTokenAsync();
            Function.WaitForRequests(2);
            return call;
        }
    }
}
