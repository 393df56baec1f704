using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>
/// Whose figures have moved most since this morning, within the last hour, or within a day. Each process remembers the exposure and the utilisation of every row
/// at a few moments, in flat arrays (14 bytes a customer and moment, eight moments); a process that began later says since when.
/// </summary>
internal sealed class Movers(Desk desk) : IAsyncDisposable
{
    private const int RowsMost = 50, Hours = 3, Thirds = 4;

    private static readonly TimeSpan Look = TimeSpan.FromMinutes(1), LookSoon = TimeSpan.FromSeconds(1), StartMost = TimeSpan.FromSeconds(30), Between = TimeSpan.FromMinutes(30), Hour = TimeSpan.FromHours(1), Third = TimeSpan.FromHours(8), Day = TimeSpan.FromHours(24);

    private readonly Lock _gate = new();
    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(desk.Engine.Database.TimeZone);
    private readonly List<Sample> _recent = [];

    /// <summary>One every eight hours: so many reach back a day, and eight hours more at most.</summary>
    private readonly List<Sample> _long = [];
    private readonly CancellationTokenSource _stop = new();
    private DateTimeOffset _begun;
    private Sample? _morning;
    private Task _running = Task.CompletedTask;

    /// <summary>What the rows said at a moment; of a partition that did not serve then nothing is known.</summary>
    internal sealed record Sample(DateTimeOffset At, Dictionary<PublishedRows, Past> Parts);

    /// <summary>The rows of one partition by their slots, which are their customers' for ever. −1 for no utilisation.</summary>
    internal sealed class Past(int numbering, bool isOwn)
    {
        internal int Numbering => numbering;

        /// <summary>The partition was here, so that all its customers were known.</summary>
        internal bool IsOwn => isOwn;

        internal long[] Gross = [];
        internal int[] UtilisationBp = [];
        internal Currency[] Currency = [];
    }

    internal static void Map(RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/board/movers", Roles.Readers, "Customers of a board whose exposure, or utilisation, moved most since the start of the business day, within the last hour or within 24 hours, largest first; `since` says what it is compared with.", async (http, caller) =>
        {
            if (!BoardFilter.TryRead(http.Request.Query, caller, out var filter, out var wrong)) return wrong!;
            var (over, by) = (http.Request.Query["over"].ToString(), http.Request.Query["by"].ToString());
            if (over is not ("" or "day" or "hour" or "24h")) return Problems.Of(400, "BAD_SPAN", "?over=: expected day, hour or 24h.");
            if (by is not ("" or "gross" or "utilisation")) return Problems.Of(400, "BAD_FIGURE", "?by=: expected gross or utilisation.");
            if (!Desk.TryPage(http.Request.Query["limit"], 10, out var limit, out var bad, RowsMost)) return bad!;
            var bands = await desk.Bands.GetAsync(http.RequestAborted);
            var sample = desk.Movers.Then(over);
            var moved = sample is null ? [] : MoverScan.Run(desk.Engine, filter, bands, sample, by == "utilisation", limit);
            var found = moved.Select(m => (Moved: m, IsThere: m.Rows.TryGetAt(m.Slot, out var row), Row: row)).Where(m => m.IsThere).ToList();
            var names = await desk.Names.OfAsync(found.Select(f => f.Row.Customer), http.RequestAborted);
            return Results.Json(new
            {
                since = sample?.At.UtcDateTime, by = by == "utilisation" ? by : "gross",
                rows = found.Select(f => new
                {
                    customer = f.Row.Customer, name = names.GetValueOrDefault(f.Row.Customer), band = BoardFilter.NameOf(bands.Of(f.Row.Figures)), currency = f.Row.Figures.Currency.Code,
                    was = Digits(f.Moved.Was), now = Digits(f.Moved.Now), change = Digits(f.Moved.Now - f.Moved.Was),
                    utilisationWas = Known(f.Moved.UtilisationWas), utilisation = Known(f.Moved.Utilisation),
                }),
            });
        }).Asks(("over", "day (since its start; without), hour or 24h."), ("by", "gross or utilisation."), ("limit", $"1 to {RowsMost}; 10 without.")).Asks(BoardFilter.Query).Fails(503).Tells(Shapes.Movers);

    /// <summary>Samples from here on.</summary>
    internal void Begin()
    {
        _begun = desk.Time.GetUtcNow();
        _running = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Takes a sample when one is due: at the start of a business day, every half hour, and every eight hours. That of the morning takes in what was read back when it was taken.</summary>
    internal void SampleIfDue()
    {
        CompleteMorning();
        var now = desk.Time.GetUtcNow();
        bool isMorning, isDue, isThird;
        lock (_gate) (isMorning, isDue, isThird) = (_morning is null || DayOf(_morning.At) != DayOf(now), IsDue(_recent, now, Between), IsDue(_long, now, Third));
        if (!isMorning && !isDue && !isThird) return;
        // A start reads partitions back one after the other: who compares with one moment waits for all of them, a while.
        if (Morning is null && now - _begun < StartMost && IsReadingBack()) return;
        var sample = new Sample(now, []);
        Fill(sample);

        lock (_gate)
        {
            if (isMorning) _morning = sample;
            if (isDue) Keep(_recent, sample, Hours);
            if (isThird) Keep(_long, sample, Thirds);
        }
    }

    private static bool IsDue(List<Sample> kept, DateTimeOffset now, TimeSpan between) => kept.Count == 0 || now - kept[^1].At >= between;

    private static void Keep(List<Sample> kept, Sample sample, int most)
    {
        kept.Add(sample);
        if (kept.Count > most) kept.RemoveAt(0);
    }

    /// <summary>
    /// Partitions that were read back when the sample of the morning was taken, as they are when they serve: nothing has happened to them meanwhile. Without it a
    /// start would leave them out for the rest of the day.
    /// </summary>
    private void CompleteMorning()
    {
        if (Morning is not { } morning || IsWhole(morning)) return;
        var fuller = new Sample(morning.At, new Dictionary<PublishedRows, Past>(morning.Parts));
        if (!Fill(fuller)) return;
        lock (_gate)
        {
            if (_morning == morning) _morning = fuller;
            foreach (var kept in (ReadOnlySpan<List<Sample>>)[_recent, _long])
                if (kept.IndexOf(morning) is >= 0 and var at) kept[at] = fuller;
        }
    }

    private bool IsReadingBack()
    {
        for (var partition = 0; partition < desk.Engine.Published.Count; partition++)
            if (desk.Engine.Owns(partition) && !desk.Engine.Serves(partition)) return true;
        return false;
    }

    private bool IsWhole(Sample sample) => sample.Parts.Count == desk.Engine.Published.Count;

    /// <summary>Adds partitions that a sample has not; false when there is none that can be read.</summary>
    private bool Fill(Sample sample)
    {
        var (partition, found) = (-1, false);
        foreach (var rows in desk.Engine.Published)
        {
            partition++;
            // While it is read back nothing is known of it.
            if (sample.Parts.ContainsKey(rows) || (desk.Engine.Owns(partition) && !desk.Engine.Serves(partition))) continue;
            var scan = new PastScan(new Past(rows.Numbering, desk.Engine.Serves(partition)));
            rows.Scan(ref scan);
            (sample.Parts[rows], found) = (scan.Past, true);
        }

        return found;
    }

    /// <summary>What the rows said this morning, or when this process began.</summary>
    internal Sample? Morning => Then("day");

    /// <summary>The sample of this morning, that of an hour ago, or that of a day ago; the oldest since when the process is younger.</summary>
    internal Sample? Then(string over)
    {
        var now = desk.Time.GetUtcNow();
        lock (_gate) return over switch { "hour" => Before(_recent, now - Hour), "24h" => Before(_long, now - Day), _ => _morning };

        static Sample? Before(List<Sample> kept, DateTimeOffset at) => kept.Count == 0 ? null : kept[Math.Max(0, kept.FindLastIndex(s => s.At <= at))];
    }

    /// <summary>What a row said at every moment that is remembered, oldest first; none where it was not known or had another currency.</summary>
    internal List<(DateTimeOffset At, long Gross)> LineOf(PublishedRows rows, int slot, Currency currency)
    {
        List<Sample> samples;
        lock (_gate) samples = [.. _recent];
        if (Morning is { } morning && !samples.Contains(morning)) samples.Insert(0, morning);
        return [.. samples.Select(s => (s.At, Past: s.Parts.GetValueOrDefault(rows)))
            .Where(s => s.Past is { } past && past.Numbering == rows.Numbering && slot < past.Gross.Length && past.Currency[slot] == currency).Select(s => (s.At, s.Past!.Gross[slot]))];
    }

    private DateTime DayOf(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, _zone).Date;

    private async Task RunAsync()
    {
        using var clock = new PeriodicTimer(Look, desk.Time);
        try
        {
            do
            {
                SampleIfDue();
                clock.Period = Morning is { } morning && IsWhole(morning) ? Look : LookSoon;
            }
            while (await clock.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private static string Digits(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static int? Known(int basisPoints) => basisPoints < 0 ? null : basisPoints;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    /// <summary>Copies the figures of a partition.</summary>
    private struct PastScan(Past past) : IGlanceVisitor
    {
        internal Past Past => past;

        public readonly void Begin(PublishedRows rows)
        {
            past.Gross = new long[rows.Count];
            past.UtilisationBp = new int[rows.Count];
            past.Currency = new Currency[rows.Count];
        }

        public readonly void Visit(in PublishedGlance row)
        {
            if (row.Slot >= past.Gross.Length)
            {
                Array.Resize(ref past.Gross, row.Slot + 64);
                Array.Resize(ref past.UtilisationBp, row.Slot + 64);
                Array.Resize(ref past.Currency, row.Slot + 64);
            }

            (past.Gross[row.Slot], past.UtilisationBp[row.Slot], past.Currency[row.Slot]) = (row.Gross, row.LimitKind == LimitKind.Amount ? row.UtilisationBp : -1, row.Currency);
        }
    }
}

/// <summary>A row that moved, minor units and basis points.</summary>
internal readonly record struct MovedRow(long Size, PublishedRows Rows, int Slot, long Was, long Now, int UtilisationWas, int Utilisation);

/// <summary>One pass over all rows against a sample: keeps those that moved most.</summary>
internal struct MoverScan(BoardFilter filter, Bands bands, ExposureEngine engine, Movers.Sample sample, bool byUtilisation, int most) : IGlanceVisitor
{
    private readonly BoardFilter.Words _words = new(filter, bands, engine);
    private readonly List<MovedRow> _found = new(most + 1);
    private PublishedRows _rows = null!;
    private Movers.Past? _past;

    internal static List<MovedRow> Run(ExposureEngine engine, BoardFilter filter, Bands bands, Movers.Sample sample, bool byUtilisation, int most)
    {
        var scan = new MoverScan(filter, bands, engine, sample, byUtilisation, most);
        foreach (var rows in engine.Published) rows.Scan(ref scan);
        // A partition that came here meanwhile has numbered its rows anew.
        scan._found.RemoveAll(m => sample.Parts[m.Rows].Numbering != m.Rows.Numbering);
        return scan._found;
    }

    public void Begin(PublishedRows rows)
    {
        _rows = rows;
        _past = sample.Parts.GetValueOrDefault(rows) is { } past && past.Numbering == rows.Numbering ? past : null;
        _words.Begin(rows);
    }

    public void Visit(in PublishedGlance row)
    {
        if (_past is null || !filter.Takes(row, bands, _words, _rows)) return;
        // Who was not there then has come since, from nothing. In another currency nothing can be compared.
        var isNew = row.Slot >= _past.Gross.Length || _past.Currency[row.Slot] == Currency.None;
        if (isNew ? !_past.IsOwn : _past.Currency[row.Slot] != row.Currency) return;
        var (was, utilisationWas) = isNew ? (0, 0) : (_past.Gross[row.Slot], _past.UtilisationBp[row.Slot]);
        var utilisation = row.LimitKind == LimitKind.Amount ? row.UtilisationBp : -1;
        if (byUtilisation && (utilisation < 0 || utilisationWas < 0)) return;
        var size = byUtilisation ? Math.Abs((long)utilisation - utilisationWas) : Math.Abs(bands.Rank(row.Gross - was, row.Currency));
        if (size == 0 || (_found.Count == most && size <= _found[^1].Size)) return;
        var at = _found.Count;
        while (at > 0 && _found[at - 1].Size < size) at--;
        _found.Insert(at, new MovedRow(size, _rows, row.Slot, was, row.Gross, utilisationWas, utilisation));
        if (_found.Count > most) _found.RemoveAt(most);
    }
}
