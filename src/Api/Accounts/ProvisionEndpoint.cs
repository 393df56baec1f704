using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>The provision and the expected loss as they go out; amounts are digits of minor units of the base currency.</summary>
public static class ProvisionReport
{
    /// <summary>Names of the buckets, as the ageing of a customer has them.</summary>
    public static IReadOnlyList<string> Buckets { get; } = ["notDue", "days1To30", "days31To60", "days61To90", "days91To180", "daysAbove180"];

    /// <summary>One line.</summary>
    /// <param name="hasGrade">False where no grade says how likely a default is: there is no expected loss then.</param>
    public static object Of(ProvisionLine line, bool hasGrade)
    {
        ArgumentNullException.ThrowIfNull(line);
        return new
        {
            line.Customers, gross = Digits(line.TotalGross()), covered = Digits(line.TotalCovered()), net = Digits(line.TotalGross() - line.TotalCovered()), provision = Digits(line.TotalProvision()),
            buckets = Cells(line), specific = Specific(line), over30 = Digits(line.Over30()), over90 = Digits(line.Over90()), netRisk = Digits(line.NetRisk), expectedLoss = hasGrade ? Digits(line.ExpectedLoss) : null,
        };
    }

    /// <summary>A book, or a part of it.</summary>
    /// <param name="isWhole">False while a partition was read back: its customers are missing.</param>
    public static object Of(ProvisionMatrix matrix, int today, string currency, IReadOnlyList<int> ratesPpm, bool isWhole)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        return new
        {
            asOfDay = today == 0 ? null : JsonFieldWriter.DateText(today), currency, isWhole, rates = ratesPpm.Select((rate, bucket) => new { bucket = Buckets[bucket], ratePpm = rate }), whole = Of(matrix.Whole(), hasGrade: true),
            grades = matrix.InOrder().Select(g => new
            {
                grade = g.Grade, g.Line.Customers, gross = Digits(g.Line.TotalGross()), covered = Digits(g.Line.TotalCovered()), net = Digits(g.Line.TotalGross() - g.Line.TotalCovered()), provision = Digits(g.Line.TotalProvision()),
                buckets = Cells(g.Line), specific = Specific(g.Line), over30 = Digits(g.Line.Over30()), over90 = Digits(g.Line.Over90()), netRisk = Digits(g.Line.NetRisk), expectedLoss = g.Grade.Length == 0 ? null : Digits(g.Line.ExpectedLoss),
            }),
        };
    }

    private static IEnumerable<object> Cells(ProvisionLine line) => Buckets.Select((name, b) => new { bucket = name, gross = Digits(line.Gross[b]), covered = Digits(line.Covered[b]), net = Digits(line.Net(b)), provision = Digits(line.Provision[b]) });

    private static object Specific(ProvisionLine line) => new { gross = Digits(line.SpecificGross), covered = Digits(line.SpecificCovered), net = Digits(line.SpecificGross - line.SpecificCovered), provision = Digits(line.SpecificProvision) };

    private static string Digits(Int128 value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>
/// The provision of the book. Of now it is added up in small parts, at most every half minute and once for all who see the same segments; of the past it is
/// read from the journal of all partitions, for one who asks after the other.
/// </summary>
internal sealed class ProvisionNow(ExposureEngine engine, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (Task<Found> Read, long At)> _reads = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _past = new(1, 1);

    /// <param name="Today">The business day, as a day number.</param>
    /// <param name="IsWhole">False while a partition was read back: its customers are missing.</param>
    internal sealed record Found(ProvisionMatrix Matrix, int Today, IReadOnlyList<int> RatesPpm, bool IsWhole);

    internal Task<Found> GetAsync(Caller caller, CancellationToken cancel)
    {
        IReadOnlyList<string> segments = [.. caller.Segments.Order(StringComparer.Ordinal)];
        var key = string.Join('\n', segments);
        lock (_gate)
        {
            foreach (var (old, read) in _reads)
                if (read.Read.IsCompleted && time.GetElapsedTime(read.At) > Kept) _reads.Remove(old);
            if (!_reads.TryGetValue(key, out var known) || known.Read.IsFaulted || known.Read.IsCanceled) _reads[key] = known = (ReadAsync(segments), time.GetTimestamp());
            return known.Read.WaitAsync(cancel);
        }
    }

    /// <exception cref="PrunedException">The moment lies before the base.</exception>
    internal async Task<Found> AtAsync(Caller caller, PastBound until, CancellationToken cancel)
    {
        await _past.WaitAsync(cancel);
        try
        {
            var found = new Found(new ProvisionMatrix(), 0, [], IsWhole: true);
            for (var partition = 0; partition < engine.Database.Partitions; partition++)
            {
                var book = await AsOf.BookAsync(engine.Reader, engine.Database, partition, until, cancel);
                found.Matrix.Add(book.ProvisionOf(0, int.MaxValue, caller.Segments));
                found = found with { Today = Math.Max(found.Today, book.Today), RatesPpm = ProvisionMatrix.RatesOf(book.Context.Policy) };
            }

            return found;
        }
        finally
        {
            _past.Release();
        }
    }

    public void Dispose() => _past.Dispose();

    private async Task<Found> ReadAsync(IReadOnlyList<string> segments)
    {
        var found = new Found(new ProvisionMatrix(), 0, [], IsWhole: true);
        for (var partition = 0; partition < engine.Database.Partitions; partition++)
        {
            try
            {
                var part = new ProvisionMatrix();
                ProvisionPage page;
                var from = 0;
                do
                {
                    page = await engine.AskAsync(partition, BookQuestions.Provision(new ProvisionAsked(from, segments)));
                    part.Add(page.Part);
                    from = page.Next;
                }
                while (from != 0);

                found.Matrix.Add(part);
                found = found with { Today = page.Today, RatesPpm = page.RatesPpm };
            }
            catch (EngineUnavailableException)
            {
                found = found with { IsWhole = false };
            }
        }

        if (found.Today == 0) throw new EngineUnavailableException("No partition answers.");
        return found;
    }
}

internal static class ProvisionEndpoint
{
    internal static void MapProvision(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/portfolio/provision", Roles.Readers,
            "What the book may lose, now or as of the past: receivables by bucket of the ageing and by grade, with the cover that stands for them and the lifetime provision on the rest, insolvent and legal cases apart, and the expected loss of a year. Of the segments that the caller sees.", async (http, caller) =>
            {
                ProvisionNow.Found found;
                if (http.Request.Query.ContainsKey("at"))
                {
                    if (AsOf.Until(http.Request.Query["at"], null) is not { } until) return Problems.Of(400, "BAD_TIME", "Give ?at= (RFC 3339).");
                    found = await desk.Provisions.AtAsync(caller, until, http.RequestAborted);
                }
                else
                {
                    found = await desk.Provisions.GetAsync(caller, http.RequestAborted);
                }

                return Results.Json(ProvisionReport.Of(found.Matrix, found.Today, desk.Engine.Database.BaseCurrency, found.RatesPpm, found.IsWhole));
            }).Asks(("at", "A past instant, RFC 3339, by arrival.")).Fails(410, 503).Tells(Shapes.Provision);
}
