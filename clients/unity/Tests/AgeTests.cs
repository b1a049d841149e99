using System;
using NUnit.Framework;

namespace GetArrToken.Tests
{
    /// <summary>A token's age after a headset sleeps, or with a wrong clock.</summary>
    [TestFixture]
    public class AgeTests
    {
        private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

        private FakeClock _time;
        private Age _age;

        [SetUp]
        public void Start()
        {
            _time = new FakeClock();
            _age = new Age(_time);
        }

        [Test]
        public void Sleep_counts_though_the_monotonic_clock_stops()
        {
            _time.MoveWall(TimeSpan.FromDays(2));
            Assert.That(_age.Now, Is.EqualTo(TimeSpan.FromDays(2)));
        }

        [Test]
        public void A_wall_clock_that_is_set_back_does_not_shorten_it()
        {
            _time.Advance(Hour);
            _time.MoveWall(-TimeSpan.FromDays(1));
            Assert.That(_age.Now, Is.EqualTo(Hour));
        }

        [Test]
        public void A_wall_clock_that_is_set_forward_and_back_does_not_shorten_it()
        {
            _time.MoveWall(Hour);
            Assert.That(_age.Now, Is.EqualTo(Hour));
            _time.MoveWall(-Hour);
            Assert.That(_age.Now, Is.EqualTo(Hour));
        }

        [Test]
        public void It_never_decreases_not_even_by_a_second()
        {
            _time.MoveWall(TimeSpan.FromSeconds(1));
            Assert.That(_age.Now, Is.EqualTo(TimeSpan.FromSeconds(1)));
            _time.MoveWall(-TimeSpan.FromSeconds(1));
            Assert.That(_age.Now, Is.EqualTo(TimeSpan.FromSeconds(1)));
        }

        [Test]
        public void Sleep_counts_also_after_the_wall_clock_was_set_back()
        {
            _time.Advance(Hour);
            _time.MoveWall(-TimeSpan.FromDays(1));
            Assert.That(_age.Now, Is.EqualTo(Hour));
            _time.MoveWall(Hour);
            Assert.That(_age.Now, Is.EqualTo(Hour + Hour));
        }

        [Test]
        public void Time_awake_counts_also_after_a_sleep_and_a_wall_clock_set_back()
        {
            _time.MoveWall(Hour);
            Assert.That(_age.Now, Is.EqualTo(Hour));
            _time.MoveWall(-TimeSpan.FromDays(1));
            _time.Advance(Hour);
            Assert.That(_age.Now, Is.EqualTo(Hour + Hour));
        }

        [Test]
        public void Clocks_that_tick_unevenly_do_not_add_up()
        {
            // Windows' wall clock moves in steps of 15.6 ms; an app may ask in each of its frames.
            for (var frame = 1; frame <= 10000; frame++)
            {
                _time.MoveWall(TimeSpan.FromMilliseconds(frame % 2 == 0 ? 20 : -20));
                _time.Advance(TimeSpan.FromMilliseconds(16));
                Assert.That(_age.Now, Is.LessThan(TimeSpan.FromMilliseconds(16 * frame + 100)));
            }
        }

        [TestCase(1)]
        [TestCase(2)]
        [TestCase(3)]
        public void It_is_never_less_than_the_time_that_passed(int seed)
        {
            var random = new Random(seed);
            var passed = TimeSpan.Zero;
            for (var step = 0; step < 2000; step++)
            {
                var time = TimeSpan.FromSeconds(random.Next(10, 10000));
                var happening = random.Next(3);
                if (happening == 0)
                    _time.Advance(time);
                else
                    _time.MoveWall(happening == 1 ? time : -time);
                passed += happening == 2 ? TimeSpan.Zero : time;
                Assert.That(_age.Now, Is.GreaterThanOrEqualTo(passed));
            }
        }
    }
}
