using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Domain.Tests.Groups;

/// <summary>The order of wants, and the sums over a lender's children, against lists that are walked.</summary>
public sealed class WantTrees
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 20)]
    [InlineData(3, 200)]
    [InlineData(4, 200)]
    public void The_next_want_and_the_sum_before_a_key_are_those_of_a_list(int seed, int most)
    {
        var (dice, tree, list) = (new Random(seed), new WantTree(), new List<(LeaseGiven Child, ReleaseKey Key, Int128 Missing, bool IsRefused)>());
        for (var step = 0; step < 4_000; step++)
        {
            if (list.Count > 0 && (list.Count >= most || dice.Next(3) == 0))
            {
                var (child, key, _, _) = list[dice.Next(list.Count)];
                tree.Remove(child, key);
                list.RemoveAll(w => w.Child == child);
            }
            else
            {
                var child = new LeaseGiven { Child = "C" + step };
                child.Key = new ReleaseKey(dice.Next(2) == 0, dice.Next(3), dice.Next(3), default, dice.Next(2) == 0 ? "" : "O" + dice.Next(5));
                var want = (child, child.Key, (Int128)(1 + dice.Next(100)), dice.Next(4) > 0);
                tree.Add(child, child.Key, want.Item3, want.Item4);
                list.Add(want);
            }

            list.Sort((a, b) => a.Key.CompareTo(b.Key) is not 0 and var order ? order : string.CompareOrdinal(a.Child.Child, b.Child.Child));
            Assert.Equal(list.Count == 0, tree.IsEmpty);
            var pool = dice.Next(60);
            var at = list.Count == 0 ? -1 : dice.Next(-1, list.Count);
            var expected = list.Skip(at + 1).Where(w => !w.IsRefused || w.Missing <= pool).Select(w => w.Child).FirstOrDefault();
            Assert.Same(expected, tree.Next(at < 0 ? null : list[at].Child, pool));
            var before = new ReleaseKey(dice.Next(2) == 0, dice.Next(3), dice.Next(3), default, "");
            Assert.Equal(list.Where(w => !w.IsRefused && w.Key.CompareTo(before) < 0).Aggregate((Int128)0, (sum, w) => sum + w.Missing), tree.OpenBefore(before));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Sums_over_the_children_are_those_of_a_walk(int seed)
    {
        var (dice, index, children) = (new Random(seed), new LeaseIndex(), new List<LeaseGiven>());
        for (var step = 0; step < 5_000; step++)
        {
            if (children.Count < 30 && dice.Next(20) == 0)
            {
                children.Add(new LeaseGiven { Child = "C" + step, Place = children.Count });
                index.Add(children[^1]);
            }

            if (children.Count == 0) continue;
            var one = children[dice.Next(children.Count)];
            switch (dice.Next(8))
            {
                case 0: one.Granted += dice.Next(50); break;
                case 1: one.Returned += Math.Min(one.Slice, dice.Next(50)); break;
                case 2: (one.Want, one.WantNumber, one.Key) = (dice.Next(100), one.WantNumber + 1, new ReleaseKey(false, dice.Next(4), 0, default, "O")); break;
                case 3: (one.Refused, one.Reach, one.Least) = (dice.Next(2) == 0 ? one.WantNumber : dice.Next(3), dice.Next(60), dice.Next(80)); break;
                case 4: one.Recall = dice.Next(2) == 0 ? 0 : ++one.LastRecall; break;
                case 5: one.Answered = one.LastRecall - dice.Next(2); break;
                case 6: (one.Leaving, one.Outside) = (dice.Next(5) == 0, dice.Next(5) == 0); break;
                default: one.Use = dice.Next(100); break;
            }

            index.Note(one);
            Assert.Equal((children.Sum(c => c.Slice), children.Sum(c => c.Use)), ((long)index.Lent, (long)index.Use));
            Assert.Equal((children.Count(c => !c.Leaving), children.Count(c => c.Granted + c.Forced > 0)), (index.Members, index.EverLent));
            Assert.Equal(children.Where(c => c.Refused != 0).ToHashSet(), index.Refused.ToHashSet());
            Assert.Equal(children.Where(c => c is { Recall: 0, Slice: > 0, Outside: false }).ToHashSet(), index.Recallable.ToHashSet());
            Assert.Equal(children.Exists(c => c.IsAwaited && c != one), index.IsAwaited(one));
            Assert.Equal(children.Exists(c => c.IsAwaited), index.IsAwaited(null));
            Assert.Equal(!children.Exists(c => c.Asks), index.Wants.IsEmpty);
            var waiting = children.Where(c => c.Refused != 0 && c.Least != 0 && !c.Leaving).ToList();
            Assert.Equal(waiting.Count > 0, index.HasWaiting(out var gap));
            Assert.Equal(waiting.Count == 0 ? 0 : waiting.Min(c => c.Least - c.Slice), (long)gap);
            var most = dice.Next(40) - 10;
            var lifts = waiting.Where(c => c.Least > c.Reach && c.Least - c.Slice <= most).ToList();
            Assert.Equal(lifts.Count > 0, index.NextToLift(most) is >= 0 and var place && lifts.Contains(children[place]));
            Assert.Same(one, index.Find(one.Child));
        }
    }
}
