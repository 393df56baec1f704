using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Domain.Tests.Catalogue;

/// <summary>Every standing signal is explained down to the events that made it.</summary>
public sealed class Sources
{
    private static IReadOnlyList<SourceEvent> Of(Scene scene, string indicator)
    {
        var line = scene.Desk.Detail.Signals.Single(s => s.Indicator == indicator);
        Assert.True(EntryPosition.TryParse(line.RaisedAt, out var raised));
        var sources = new SignalSources(indicator, line.About, line.RaisedOn);
        foreach (var (fact, at) in scene.Desk.Applied.Where(a => a.At.Seq <= raised.Seq && a.Fact.Customer == Desk.Customer)) sources.Take(fact, at);
        return sources.Events();
    }

    /// <summary>A computed score is no event; all others have some.</summary>
    public static TheoryData<string> WithEvents => [.. Enumerable.Range(1, 42).Where(n => n is not (14 or 19)).Select(n => $"EW-{n:00}")];

    [Theory]
    [MemberData(nameof(WithEvents))]
    public void It_names_the_events_that_made_it_in_the_order_of_the_journal(string indicator)
    {
        var scene = Scenes.Of(indicator);
        scene.Open();
        var before = scene.Desk.LastEntry.Seq;
        scene.Fires();
        var events = Of(scene, indicator);
        Assert.InRange(events.Count, 1, SignalSources.Most);
        Assert.Equal(events.OrderBy(e => e.At.Seq), events);
        Assert.All(events, e => Assert.True(e.EventId.Length > 0 && e.Type.StartsWith("credit.", StringComparison.Ordinal) && e.Time.Micros > 0));
        // What fired it is among them; a portfolio or a rate that did is told by its entry, silence and a review that was not done by what was last.
        if (indicator is not ("EW-18" or "EW-25" or "EW-27" or "EW-30")) Assert.Contains(events, e => e.At.Seq > before);
    }

    [Fact]
    public void Overdue_signal_names_the_open_invoices_that_are_late_and_no_paid_one()
    {
        var desk = new Desk(limit: 1_000_000_000);
        foreach (var (id, due) in (ReadOnlySpan<(string, int)>)[("paid", -40), ("late", -20), ("later", -17), ("new", 30)])
            desk.Tell(new InvoicePosted { InvoiceId = id, Amount = 50_000, Currency = Desk.Eur, IssuedOn = desk.Book.Today - 60, DueOn = desk.Book.Today + due });
        desk.Pay("P", 50_000);
        desk.Allocate("A", "P", "paid", 50_000);
        var sources = new SignalSources("EW-05", "", desk.Book.Today);
        foreach (var (fact, at) in desk.Applied) sources.Take(fact, at);
        Assert.Equal(["late", "later"], sources.Events().Select(e => e.Document));
    }

    [Fact]
    public void At_most_ten_events_and_of_late_payments_the_last_three()
    {
        var scene = new LateInARowScene();
        scene.Open();
        scene.Fires();
        Assert.Equal(3, Of(scene, "EW-21").Count);
        var surge = new SlowerScene();
        surge.Open();
        surge.Fires();
        Assert.Equal(SignalSources.Most, Of(surge, "EW-20").Count);
    }

    [Fact]
    public void Id_of_a_standing_signal_is_the_one_under_which_it_was_told()
    {
        foreach (var indicator in (string[])["EW-01", "EW-05", "EW-21", "EW-42"])
        {
            var scene = Scenes.Of(indicator);
            scene.Open();
            scene.Fires();
            Assert.Equal(scene.Desk.Signals(indicator).Single().SignalId, scene.Desk.Detail.Signals.Single(s => s.Indicator == indicator).SignalId);
        }
    }
}
