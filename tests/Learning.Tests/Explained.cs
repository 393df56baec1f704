using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Learning.Tests;

/// <summary>A score explains itself: parts sum to it, and what it is made of was known on the morning of the issue.</summary>
public sealed class Explained
{
    private static readonly LedgerWalk Walked = Books.Walk(Books.Facts(Books.Small(7)));
    private static readonly LateModel Model = LateModel.Fit(Walked.Cases, 5, Walked.Today + 1, null, new Growing { TreesMost = 40 })!;
    private static readonly IReadOnlyList<CardAtHand> Cards = [new(Model.Card, "a", false), new(Model.OnsetCard, "b", false)];
    private static readonly CustomerScores Book = new(Walked);
    private static readonly List<CustomerScore> Scores = [.. Walked.Cases.Select(c => c.Customer).Distinct().Select(c => Book.Of(c, Cards))];

    [Fact]
    public void Points_of_factors_sum_to_the_score_and_one_card_speaks_for_each_invoice()
    {
        var open = Scores.SelectMany(s => s.Open).ToList();
        Assert.Equal(Walked.Cases.Count(c => c.SettledOn == 0), open.Count);
        foreach (var invoice in open)
        {
            var told = Walked.Cases.Single(c => c.Document == invoice.Document);
            var score = Assert.Single(invoice.Scores);
            var card = told.IsOnset(5) ? Model.OnsetCard : Model.Card;
            Assert.Equal((card.Target, card.Score(told.Factors), card.Chance(card.Score(told.Factors))), (score.Target, score.Points, score.ChancePpm));
            Assert.Equal(score.Points, score.Base + score.Factors.Sum(f => f.Points));
            Assert.Equal(score.Factors.Select(f => Math.Abs(f.Points)).OrderDescending(), score.Factors.Select(f => Math.Abs(f.Points)));
            Assert.All(score.Factors, f => Assert.Equal(told.Factors[PaymentFactors.IndexOf(f.Factor)], f.Value ?? PaymentFactors.Missing));
        }

        Assert.Contains(open, o => o.Scores[0].Target == "onset5");
        Assert.Contains(open, o => o.Scores[0].Target == "late5");
    }

    [Fact]
    public void Only_what_was_known_on_the_morning_of_the_issue_is_named()
    {
        var (payments, others) = (0, 0);
        foreach (var score in Scores)
        {
            var own = Walked.Cases.Where(c => c.Customer == score.Customer).ToDictionary(c => c.Document);
            foreach (var invoice in score.Open)
            {
                Assert.All(invoice.Payments, d => Assert.InRange(own[d].SettledOn, 1, invoice.IssuedOn.DayNumber - 1));
                Assert.All(invoice.OpenThen, d => Assert.True(own[d].IssuedOn < invoice.IssuedOn.DayNumber && (own[d].SettledOn == 0 || own[d].SettledOn >= invoice.IssuedOn.DayNumber)));
                Assert.InRange(invoice.Payments.Count, 0, 10);
                payments += invoice.Payments.Count;
                others += invoice.OpenThen.Count;
            }
        }

        Assert.True(payments > 50 && others > 50);
    }

    [Fact]
    public void Share_without_a_card_is_that_of_the_specification()
    {
        var all = Walked.Book.All;
        foreach (var score in Scores)
        {
            // Of the whole book: the share of all, with two customers of 20 % before the first.
            var paid = Walked.Cases.Where(c => c.Customer == score.Customer && c.SettledOn > 0).ToList();
            Assert.Equal(paid.Count, score.Paid);
            foreach (var share in score.Shares)
            {
                Assert.Equal(paid.Count(c => c.SettledOn - c.DueOn > share.Days), share.Late);
                Assert.Equal((share.Late + 3 * share.BookPpm / 1e6) / (paid.Count + 3), share.Ppm / 1e6, 6);
                Assert.Equal(((share.Days == 5 ? all.Above5 : all.Above15) + 0.4) / (all.Count + 2), share.BookPpm / 1e6, 6);
                var last = paid.OrderBy(c => c.SettledOn).ThenBy(c => c.DueOn).ThenBy(c => c.IssuedOn).TakeLast(20).ToList();
                Assert.Equal(paid.Count >= 5 && last.TrueForAll(c => c.SettledOn - c.DueOn <= share.Days), share.IsClean);
            }
        }
    }

    [Fact]
    public void Day_of_payment_stands_in_its_interval_and_neither_lies_in_the_past()
    {
        var (today, open) = (DateOnly.FromDayNumber(Walked.Today + 1), Scores.SelectMany(s => s.Open).ToList());
        foreach (var e in open.Select(o => o.Expected))
        {
            Assert.True(e.From <= e.On && e.On <= e.Until);
            Assert.Equal(e.FirstOn < today, e.IsRenewed || e.IsOver);
            if (e.IsOver) Assert.Equal((e.FirstOn, false), (e.On, e.IsRenewed));
            else Assert.True(e.From >= today);
            if (!e.IsRenewed) Assert.Equal(e.FirstOn, e.On);
        }

        Assert.Contains(open, o => o.Expected.IsRenewed);
        Assert.Contains(open, o => o.Expected is { IsRenewed: false, IsOver: false });

        // A book that is too small for an interval says the usual delay and claims nothing.
        var walk = Books.Walk(Books.Facts(Books.Small(7)).Take(60));
        var score = walk.Cases.Select(c => new CustomerScores(walk).Of(c.Customer, [])).First(s => s.Open.Count > 0);
        Assert.Null(score.Open[0].Expected.From);
        Assert.Empty(score.Open[0].Scores);
        Assert.Equal(walk.Cases.Single(c => c.Document == score.Open[0].Document) is var told ? told.DueOn + told.Usual.Median : 0, score.Open[0].Expected.On.DayNumber);
    }

    /// <summary>Who was never invoiced is as the book is, and an empty book says nothing of its own.</summary>
    [Fact]
    public void Customer_without_an_invoice_has_the_share_of_the_book()
    {
        var nobody = Book.Of("nobody", Cards);
        Assert.False(nobody.HasInvoices);
        Assert.Empty(nobody.Open);
        Assert.All(nobody.Shares, s => Assert.Equal((s.BookPpm, 0, false), (s.Ppm, s.Late, s.IsClean)));
        Assert.All(Scores, s => Assert.True(s.HasInvoices));
        var empty = new CustomerScores(new LedgerWalk()).Of("nobody", Cards);
        Assert.Equal((null, 200_000, 200_000), (empty.AsOf, empty.Shares[0].Ppm, empty.Shares[1].Ppm));
    }

    [Fact]
    public void Shadow_scores_beside_the_card_in_use_and_changes_nothing_of_it()
    {
        IReadOnlyList<CardAtHand> both = [new(Model.OnsetCard, "s", true), .. Cards, new(Model.Card, "s", true)];
        foreach (var alone in Scores)
        {
            var beside = Book.Of(alone.Customer, both);
            foreach (var (invoice, pair) in alone.Open.Zip(beside.Open))
            {
                Assert.Equal([false, true], pair.Scores.Select(s => s.IsShadow));
                Assert.Equal((invoice.Scores[0].Version, invoice.Scores[0].Points, invoice.Scores[0].ChancePpm), (pair.Scores[0].Version, pair.Scores[0].Points, pair.Scores[0].ChancePpm));
                Assert.Equal((invoice.Expected, invoice.Scores[0].Target), (pair.Expected, pair.Scores[1].Target));
            }

            Assert.Equal(alone.Shares, beside.Shares);
        }
    }
}
