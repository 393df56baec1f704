using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>The places where documents are kept, against the plainest thing that could work.</summary>
public sealed class Storage
{
    [Fact]
    public void Index_finds_what_was_added_and_not_removed()
    {
        // Few hashes, so that runs of collisions form, wrap around, and are broken up again.
        var steps = Gen.ListOf(Gen.Zip(Gen.Choose(0, 40), Gen.Choose(1, 60)));
        Prop.ForAll(steps.ToArbitrary(), told =>
        {
            var (index, known) = (new DocumentIndex(), new HashSet<(uint Hash, int Slot)>());
            foreach (var (place, slot) in told)
            {
                // Neighbouring places at the end of the table, and some that share one.
                var hash = KeyAt(place);
                if (known.Add((hash, slot)))
                {
                    index.Add(hash, slot);
                }
                else
                {
                    known.Remove((hash, slot));
                    index.Remove(hash, slot);
                }
            }

            return index.Count == known.Count && told.All(step => Holds(index, KeyAt(step.Item1), step.Item2) == known.Contains((KeyAt(step.Item1), step.Item2)));
        }).QuickCheckThrowOnFailure();
    }

    private static uint KeyAt(int place) => uint.MaxValue - (uint)(place / 2) * 8;

    /// <summary>Ids whose hashes agree in the bits that are kept, told apart by their kind.</summary>
    [Fact]
    public void Candidate_is_always_of_the_kind_that_was_asked_for()
    {
        var seen = new Dictionary<uint, int>();
        for (var n = 0; n < 200_000; n++)
        {
            var order = DocumentIndex.Hash(1, DocumentKind.Order, "N" + n);
            var item = DocumentIndex.Hash(1, DocumentKind.Item, "N" + n);
            Assert.Equal(((byte)DocumentKind.Order, (byte)DocumentKind.Item), ((byte)(order & 7), (byte)(item & 7)));
            seen[order >> 3] = n;
        }

        // Hashes of so many ids do collide: the text decides.
        Assert.True(seen.Count < 200_000);
    }

    private static bool Holds(DocumentIndex index, uint hash, int slot)
    {
        for (var probe = -1; index.Next(hash, ref probe) is var found && found != 0;)
            if (found == slot) return true;
        return false;
    }

    [Fact]
    public void Text_that_is_given_back_makes_room_for_another_and_never_changes_a_third()
    {
        Prop.ForAll(Gen.ListOf(Gen.Choose(1, 12)).ToArbitrary(), lengths =>
        {
            var (heap, kept) = (new TextHeap(), new List<(int Reference, string Text)>());
            var number = 0;
            foreach (var length in lengths)
            {
                if (length % 3 == 0 && kept.Count > 0)
                {
                    heap.Free(kept[length % kept.Count].Reference);
                    kept.RemoveAt(length % kept.Count);
                    continue;
                }

                var text = new string((char)('A' + number++ % 26), length);
                kept.Add((heap.Add(text), text));
            }

            return kept.TrueForAll(k => heap.Get(k.Reference) == k.Text) && kept.Select(k => k.Reference).Distinct().Count() == kept.Count;
        }).QuickCheckThrowOnFailure();
    }

    /// <summary>Due dates and amounts of items; a negative amount takes the item with that number out again.</summary>
    [Fact]
    public void Tree_of_items_answers_as_a_sorted_list_does()
    {
        var steps = Gen.ListOf(Gen.Zip(Gen.Choose(0, 25), Gen.Choose(-20, 60)));
        Prop.ForAll(Gen.Zip(steps, Gen.Zip(Gen.Choose(0, 150), Gen.Choose(1, 60))).ToArbitrary(), told =>
        {
            var (list, (setOff, minimum)) = told;
            var (items, texts, root) = (new Slab<ItemRecord>(), new TextHeap(), 0);
            var tree = new ItemTree(items, texts);
            var naive = new List<(int Due, string Id, long Open, int Slot)>();
            foreach (var (due, amount) in list)
            {
                if (amount < 0)
                {
                    if (naive.Count == 0) continue;
                    var gone = naive[-amount % naive.Count];
                    tree.Take(ref root, gone.Slot);
                    naive.Remove(gone);
                    continue;
                }

                var slot = items.Take();
                // Ids fall while slots rise, so that an order by slot would be seen.
                var id = $"I{1_000 - slot}";
                (items[slot].Id, items[slot].DueOn) = (texts.Add(id), due);
                tree.Put(ref root, slot, amount);
                naive.Add((due, id, amount, slot));
            }

            naive.Sort((a, b) => a.Due != b.Due ? a.Due.CompareTo(b.Due) : string.CompareOrdinal(a.Id, b.Id));
            var between = new List<int>();
            tree.DueBetween(root, 5, 12, between);
            return tree.Total(root) == naive.Sum(n => n.Open)
                && tree.DueBefore(root, 10) == naive.Where(n => n.Due < 10).Sum(n => n.Open)
                && tree.FirstDueAfter(root, 7) == naive.Where(n => n.Due > 7).Select(n => (int?)n.Due).FirstOrDefault()
                && between.SequenceEqual(naive.Where(n => n.Due is >= 5 and <= 12).Select(n => n.Slot))
                && tree.OldestDue(root, setOff, minimum) == Oldest(naive, setOff, minimum);
        }).QuickCheckThrowOnFailure();
    }

    private static int? Oldest(List<(int Due, string Id, long Open, int Slot)> items, long setOff, long minimum)
    {
        foreach (var item in items)
        {
            var open = item.Open - Math.Min(setOff, item.Open);
            setOff -= item.Open - open;
            if (open >= minimum) return item.Due;
        }

        return null;
    }
}
