using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Measures the portfolio once a business day and tells it through the house, as anybody else's <c>credit.portfolio.measured.v1</c>: the house journals it
/// first, and every partition takes it once, by its place in that journal. Who owns the house measures; what of a day is told already its book says, so
/// that a process that starts again, or takes the house over, goes on where the one before ended. In processes that share the journal each has one.
/// From the next full hour on the total of the whole is told again each hour: who stands out by what he owes (EW-27) does not wait for the next morning.
/// </summary>
/// <remarks>
/// On the wall clock only: what runs on the clock of events has one feeder, who tells the figures where they belong among his events.
/// </remarks>
public sealed class PortfolioMeter : IAsyncDisposable
{
    /// <summary>A look costs nothing while the day is told.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    private readonly ExposureEngine _engine;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <summary>What was measured so far of a day or an hour, and where it goes on: a sweep may come in between.</summary>
    private PortfolioSurvey _survey = new();
    private (int Day, long Hour) _of;
    private int _partition, _slot;

    /// <summary>The day that is told, as far as this process knows.</summary>
    private int _told;

    /// <summary>The last hour (since 1970) whose total needs not be told any more; 0 while the house is elsewhere: whoever takes it over begins with the next full hour.</summary>
    private long _hour;

    /// <summary>What this process told last of the whole, and the day on which somebody told others behind it.</summary>
    private PortfolioBaseline? _last;
    private int _leftOn;

    private PortfolioMeter(ExposureEngine engine, TimeProvider time, bool runs)
    {
        (_engine, _time) = (engine, time);
        _running = runs ? Task.Run(RunAsync, CancellationToken.None) : Task.CompletedTask;
    }

    /// <summary>Begins to look, from now on.</summary>
    public static PortfolioMeter Begin(ExposureEngine engine, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return new PortfolioMeter(engine, time ?? TimeProvider.System, runs: true);
    }

    /// <summary>One that looks when it is told.</summary>
    internal static PortfolioMeter At(ExposureEngine engine, TimeProvider time) => new(engine, time, runs: false);

    /// <summary>Measures and tells what of today is not told yet; true when all of it is.</summary>
    /// <exception cref="EngineUnavailableException">A partition does not answer now: the next look goes on.</exception>
    internal async Task<bool> LookAsync(CancellationToken cancel = default)
    {
        var now = _time.GetUtcNow();
        var (today, hour) = (_engine.BusinessDayOf(now), now.ToUnixTimeSeconds() / 3600);
        // A read counts as work of somebody who waits: none while the house is elsewhere.
        if (!_engine.Serves(Book.House))
        {
            _hour = 0;
            return _told >= today;
        }

        if (_hour == 0) _hour = hour;
        if (_told >= today && _hour >= hour) return true;
        var (isReady, index, told, isOurs) = await _engine.ReadAsync(Book.House, book =>
            (!book.EventClock && book.Today == today && book.Context.Policy[Parameter.PortfolioOn] != 0, book.Context.PortfolioIndex, book.Context.Baselines, book.Remembers(PortfolioSurvey.ToldOf(today))), cancel);
        if (!isReady) return false;
        if (IsTold(""))
        {
            // Figures that somebody else tells of a day stand for the rest of it.
            var stands = told.First(b => b.Segment.Length == 0);
            if (_last is { } last && last.AsOn == today && last != stands) _leftOn = today;
            if (_hour < hour && isOurs && _leftOn != today && !(await MeasureAsync((today, hour), cancel) && await TellTotalAsync(stands, now, cancel))) return false;
        }
        else if (!(await MeasureAsync((today, 0), cancel) && await TellAsync(today, index, IsTold, cancel)))
        {
            return false;
        }

        (_told, _hour, _survey, _of) = (today, hour, new PortfolioSurvey(), default);
        return true;

        // Also by somebody else, whose figures of the day stand.
        bool IsTold(string segment) => told.Any(b => b.Segment == segment && b.AsOn >= today);
    }

    /// <summary>Walks over the book in small parts; false where a part is not yet as of the day.</summary>
    private async Task<bool> MeasureAsync((int Day, long Hour) of, CancellationToken cancel)
    {
        if (_of != of) (_of, _survey, _partition, _slot) = (of, new PortfolioSurvey(), 0, 0);
        while (_partition < _engine.Database.Partitions)
        {
            var page = await _engine.AskAsync(_partition, BookQuestions.Survey(_slot), cancel);
            if (page.Part is null || page.Today != of.Day) return false;
            _survey.Add(page.Part);
            _slot = page.Next;
            if (_slot == 0) _partition++;
        }

        return true;
    }

    /// <summary>Tells the facts one by one: a batch would hold other batches up while a partition is read back. False for an empty book, which is looked at again.</summary>
    private async Task<bool> TellAsync(int today, int index, Func<string, bool> isTold, CancellationToken cancel)
    {
        var facts = _survey.Measured(today, index);
        if (facts.Count == 0) _of = default;
        foreach (var fact in facts)
            if (!isTold(fact.Segment)) await TellAsync(fact, cancel);
        return facts.Count > 0;
    }

    /// <summary>Tells the total of the whole with the medians of the morning; nothing where it is what it was.</summary>
    private async Task<bool> TellTotalAsync(PortfolioBaseline morning, DateTimeOffset now, CancellationToken cancel)
    {
        if (_survey.Total(morning, Instant.From(now)) is { } total) await TellAsync(total, cancel);
        return true;
    }

    private async Task TellAsync(PortfolioMeasured fact, CancellationToken cancel)
    {
        // Here and nowhere else: a house that has moved meanwhile is measured where it is.
        var answer = (await _engine.SubmitHereAsync(Book.House, [fact], cancel))[0];
        if (fact.Segment.Length == 0)
            _last = new PortfolioBaseline("", fact.AsOn, fact.Receivables, fact.UncoveredEad, fact.OverdueShareBp, fact.MedianDaysLate, fact.WeeklyOrders, fact.WeeklyOrdersMad);
        if (answer.Outcome.Kind is not (OutcomeKind.Applied or OutcomeKind.Superseded or OutcomeKind.Duplicate))
            _engine.Notices.Enqueue($"the figures of the portfolio ({fact.EventId}) were not taken: {answer.Outcome.Reason} {answer.Outcome.Detail}");
    }

    private async Task RunAsync()
    {
        using var clock = new PeriodicTimer(Every, _time);
        try
        {
            do
            {
                try
                {
                    await LookAsync(_stop.Token);
                }
                catch (Exception away) when (away is EngineUnavailableException or JournalUnavailableException or InvalidDataException)
                {
                    // The next look goes on; a process of an earlier release, which does not know the question, is replaced one day.
                }
            }
            while (await clock.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
