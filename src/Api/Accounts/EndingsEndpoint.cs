using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>
/// What ends within ninety days in the whole book. No index holds it: the accounts are looked at in small parts, at most every half minute and
/// once for all who ask.
/// </summary>
internal sealed class EndingsSoon(ExposureEngine engine, TimeProvider time)
{
    internal const int DaysMost = 90;

    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private Task<Found>? _read;
    private long _at;

    /// <param name="Today">The business day, as a day number.</param>
    /// <param name="IsWhole">False while a partition was read back: its customers are missing.</param>
    internal sealed record Found(IReadOnlyList<EndingLine> Lines, int Today, bool IsWhole);

    /// <summary>All of it, the first to end in front.</summary>
    internal Task<Found> GetAsync(CancellationToken cancel)
    {
        lock (_gate)
        {
            if (_read is null || _read.IsFaulted || _read.IsCanceled || (_read.IsCompleted && time.GetElapsedTime(_at) > Kept)) (_read, _at) = (ReadAsync(), time.GetTimestamp());
            return _read.WaitAsync(cancel);
        }
    }

    private async Task<Found> ReadAsync()
    {
        var (lines, today, isWhole) = (new List<EndingLine>(), 0, true);
        for (var partition = 0; partition < engine.Database.Partitions; partition++)
        {
            try
            {
                for (int? from = 0; from is { } slot;)
                {
                    var page = await engine.AskAsync(partition, BookQuestions.Endings(slot, DaysMost));
                    lines.AddRange(page.Lines);
                    from = page.Next == 0 ? null : page.Next;
                    today = page.Today;
                }
            }
            catch (EngineUnavailableException)
            {
                isWhole = false;
            }
        }

        if (today == 0) throw new EngineUnavailableException("No partition answers.");
        return new Found([.. lines.OrderBy(l => l.On).ThenBy(l => l.Customer, StringComparer.Ordinal).ThenBy(l => l.Kind).ThenBy(l => l.Id, StringComparer.Ordinal)], today, isWhole);
    }
}

/// <summary>Limits, covers, promises and reviews that end or are due soon.</summary>
internal static class EndingsEndpoint
{
    private const int RowsMost = 500;

    internal static void MapEndings(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/endings", Roles.Readers, $"Limits, temporary limits, covers, promises and reviews that end or are due within some days, the first in front: counts per kind of all of them, and at most {RowsMost} rows. Looked up at most every half minute.", async (http, caller) =>
        {
            if (Wrong(http, out var days, out var told) is { } wrong) return wrong;
            if (!Desk.TryPage(http.Request.Query["limit"], RowsMost, out var limit, out var bad, RowsMost)) return bad!;
            var found = await desk.Endings.GetAsync(http.RequestAborted);
            var mine = Of(desk, caller, found, days);
            var shown = mine.Where(l => told.Length == 0 || l.Kind.ToString() == told).Take(limit).ToList();
            var names = await desk.Names.OfAsync(shown.Select(l => l.Customer), http.RequestAborted);
            return Results.Json(new
            {
                today = JsonFieldWriter.DateText(found.Today), days, isWhole = found.IsWhole,
                counts = Enum.GetValues<EndingKind>().Select(k => new { kind = k.ToString(), count = mine.Count(l => l.Kind == k) }),
                rows = shown.Select(l => new
                {
                    customer = l.Customer, name = names.GetValueOrDefault(l.Customer), kind = l.Kind.ToString(), id = l.Id, on = JsonFieldWriter.DateText(l.On), daysLeft = l.On - found.Today,
                    amount = l.Amount.ToString(System.Globalization.CultureInfo.InvariantCulture), currency = l.Currency,
                }),
            });
        }).Asks(("days", $"How far ahead, 1 to {EndingsSoon.DaysMost}; 30 without."), ("limit", $"Rows at most, 1 to {RowsMost}; {RowsMost} without. Who wants the counts alone asks for one."), ("kind", Kinds)).Fails(503).Tells(Shapes.Endings);

    internal const string Kinds = "Limit, TemporaryLimit, Cover, Promise or Review.";

    /// <summary>What is wrong about the question, with how far ahead it looks and the kind that it wants; "" for all.</summary>
    internal static IResult? Wrong(HttpContext http, out int days, out string kind)
    {
        kind = http.Request.Query["kind"].ToString();
        if (!Desk.TryPage(http.Request.Query["days"], 30, out days, out var bad, EndingsSoon.DaysMost, "days")) return bad;
        return kind.Length == 0 || Enum.GetNames<EndingKind>().Contains(kind) ? null : Problems.Of(400, "BAD_KIND", "?kind=: expected one of " + string.Join(", ", Enum.GetNames<EndingKind>()) + ".");
    }

    /// <summary>Those that a caller sees within some days.</summary>
    internal static List<EndingLine> Of(Desk desk, Caller caller, EndingsSoon.Found found, int days) =>
        [.. found.Lines.Where(l => l.On <= found.Today + days && desk.Engine.TryGetRow(l.Customer, out var row) && Desk.Sees(caller, row))];
}
