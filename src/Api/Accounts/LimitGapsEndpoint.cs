using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>
/// Limits behind which something is missing, in the whole book. No index holds them: the accounts are looked at in small parts, at most every
/// half minute and once for all who ask the same and see the same segments. Only the first lines are kept, however long the list is.
/// </summary>
internal sealed class LimitGapsNow(ExposureEngine engine, TimeProvider time)
{
    internal const int RowsMost = 500;

    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<(LimitGapKind Kind, string Scope), (Task<Found> Read, long At)> _reads = [];

    /// <param name="Today">The business day, as a day number.</param>
    /// <param name="IsWhole">False while a partition was read back: its customers are missing.</param>
    internal sealed record Found(int Count, IReadOnlyList<LimitGapLine> Lines, int Today, bool IsWhole);

    /// <summary>How many a caller sees, and the first of them.</summary>
    internal Task<Found> GetAsync(LimitGapKind kind, Caller caller, CancellationToken cancel)
    {
        IReadOnlyList<string> segments = [.. caller.Segments.Order(StringComparer.Ordinal)];
        var key = (kind, string.Join('\n', segments));
        lock (_gate)
        {
            foreach (var (old, read) in _reads)
                if (read.Read.IsCompleted && time.GetElapsedTime(read.At) > Kept) _reads.Remove(old);
            if (!_reads.TryGetValue(key, out var known) || known.Read.IsFaulted || known.Read.IsCanceled) _reads[key] = known = (ReadAsync(kind, segments), time.GetTimestamp());
            return known.Read.WaitAsync(cancel);
        }
    }

    private async Task<Found> ReadAsync(LimitGapKind kind, IReadOnlyList<string> segments)
    {
        var (count, lines, today, isWhole) = (0, new List<LimitGapLine>(), 0, true);
        for (var partition = 0; partition < engine.Database.Partitions; partition++)
        {
            try
            {
                for (int? from = 0; from is { } slot;)
                {
                    var page = await engine.AskAsync(partition, BookQuestions.LimitGaps(new LimitGapsAsked(slot, kind, segments, lines.Count == RowsMost ? lines[^1] : null)));
                    if (page.Lines.Count > 0) lines = [.. lines.Concat(page.Lines).Order(LimitGapLine.InFront).Take(RowsMost)];
                    count += page.Count;
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
        return new Found(count, lines, today, isWhole);
    }
}

/// <summary>Limits that nobody has reviewed for twelve months, and limits above what the insurer stands for.</summary>
internal static class LimitGapsEndpoint
{
    internal static void MapLimitGaps(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/limit-gaps", Roles.Readers, $"Limits behind which something is missing: customers without a review for {Book.ReviewMonths} months, and insured limits below the credit limit; how many, and at most {LimitGapsNow.RowsMost} rows, the most at stake in front. Looked up at most every half minute.", async (http, caller) =>
        {
            if (!Desk.TryPage(http.Request.Query["limit"], LimitGapsNow.RowsMost, out var limit, out var bad, LimitGapsNow.RowsMost)) return bad!;
            if (Wrong(http, out var told) is { } wrong) return wrong;
            var found = await desk.LimitGaps.GetAsync(told, caller, http.RequestAborted);
            var shown = found.Lines.Where(l => desk.Engine.TryGetRow(l.Customer, out var row) && Desk.Sees(caller, row)).Take(limit).ToList();
            var names = await desk.Names.OfAsync(shown.Select(l => l.Customer), http.RequestAborted);
            return Results.Json(new
            {
                today = JsonFieldWriter.DateText(found.Today), kind = told.ToString(), isWhole = found.IsWhole, total = found.Count,
                rows = shown.Select(l => new
                {
                    customer = l.Customer, name = names.GetValueOrDefault(l.Customer), limitKind = l.Kind.ToString(), limit = l.Kind == LimitKind.Amount ? Digits(l.Limit) : null,
                    insured = Digits(l.Insured), gross = Digits(l.Gross), currency = l.Currency, reviewedOn = l.ReviewedOn == 0 ? null : JsonFieldWriter.DateText(l.ReviewedOn),
                }),
            });
        }).Asks(("kind", "Unreviewed or Underinsured; Unreviewed without."), ("limit", $"Rows at most, 1 to {LimitGapsNow.RowsMost}; {LimitGapsNow.RowsMost} without. Who wants the count alone asks for one.")).Fails(503).Tells(Shapes.LimitGaps);

    /// <summary>What is wrong about the question, with the kind that it wants.</summary>
    internal static IResult? Wrong(HttpContext http, out LimitGapKind kind)
    {
        var told = http.Request.Query["kind"].ToString() is { Length: > 0 } named ? named : nameof(LimitGapKind.Unreviewed);
        kind = Enum.GetNames<LimitGapKind>().Contains(told) ? Enum.Parse<LimitGapKind>(told) : default;
        return Enum.IsDefined(kind) ? null : Problems.Of(400, "BAD_KIND", "?kind=: expected one of " + string.Join(", ", Enum.GetNames<LimitGapKind>()) + ".");
    }

    private static string Digits(long minor) => minor.ToString(CultureInfo.InvariantCulture);
}
