using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Measures the portfolio once a business day and tells it through the house, as anybody else's <c>credit.portfolio.measured.v1</c>: the house journals it
/// first, and every partition takes it once, by its place in that journal. Who owns the house measures; what of a day is told already its book says, so
/// that a process that starts again, or takes the house over, goes on where the one before ended. In processes that share the journal each has one.
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

    /// <summary>What was measured so far of a day, and where it goes on: a sweep may come in between.</summary>
    private PortfolioSurvey _survey = new();
    private int _day, _partition, _slot;

    /// <summary>The day that is told, as far as this process knows.</summary>
    private int _told;

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
        var today = _engine.BusinessDayOf(_time.GetUtcNow());
        if (_told >= today) return true;
        // A read counts as work of somebody who waits: none while the house is elsewhere.
        if (!_engine.Serves(Book.House)) return false;
        var (isReady, index, told) = await _engine.ReadAsync(Book.House, book =>
            (!book.EventClock && book.Today == today && book.Context.Policy[Parameter.PortfolioOn] != 0, book.Context.PortfolioIndex, book.Context.Baselines), cancel);
        if (!isReady) return false;
        if (IsTold("") || (await MeasureAsync(today, cancel) && await TellAsync(today, index, IsTold, cancel)))
        {
            (_told, _survey, _day) = (today, new PortfolioSurvey(), 0);
            return true;
        }

        return false;

        // Also by somebody else, whose figures of the day stand.
        bool IsTold(string segment) => told.Any(b => b.Segment == segment && b.AsOn >= today);
    }

    /// <summary>Walks over the book in small parts; false where a part is not yet as of the day.</summary>
    private async Task<bool> MeasureAsync(int today, CancellationToken cancel)
    {
        if (_day != today) (_day, _survey, _partition, _slot) = (today, new PortfolioSurvey(), 0, 0);
        while (_partition < _engine.Database.Partitions)
        {
            var page = await _engine.AskAsync(_partition, BookQuestions.Survey(_slot), cancel);
            if (page.Part is null || page.Today != today) return false;
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
        if (facts.Count == 0) _day = 0;
        foreach (var fact in facts)
        {
            if (isTold(fact.Segment)) continue;
            // Here and nowhere else: a house that has moved meanwhile is measured where it is.
            var answer = (await _engine.SubmitHereAsync(Book.House, [fact], cancel))[0];
            if (answer.Outcome.Kind is not (OutcomeKind.Applied or OutcomeKind.Superseded or OutcomeKind.Duplicate))
                _engine.Notices.Enqueue($"the figures of the portfolio ({fact.EventId}) were not taken: {answer.Outcome.Reason} {answer.Outcome.Detail}");
        }

        return facts.Count > 0;
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
