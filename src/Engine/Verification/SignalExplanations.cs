using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>What was compared with what when a signal was raised.</summary>
/// <param name="Observed">In the unit of the indicator, see <see cref="SignalUnits"/>.</param>
/// <param name="Threshold">In the same unit; 0 where a kind of event is enough.</param>
/// <param name="RuleVersion">Version of the policy whose thresholds were crossed.</param>
/// <param name="Clears">What would clear it, in English.</param>
/// <param name="BaselineCount">Observations of the own baseline; 0 without one.</param>
/// <param name="BaselineMedian">Their median.</param>
/// <param name="BaselineMad">Their median absolute deviation.</param>
/// <param name="Step">The step that was told; a signal that has calmed in part since stands on a lower one.</param>
/// <param name="Severity">Of that step.</param>
/// <param name="Moved">EW-30: what the rate moved, in minor units of the limit's currency; 0 in all others, and in signals of the first rules.</param>
public sealed record SignalCondition(long Observed, long Threshold, long RuleVersion, string Clears, int BaselineCount, long BaselineMedian, long BaselineMad, int Step, Severity Severity, long Moved);

/// <summary>A standing signal, down to the events that made it.</summary>
/// <param name="Signal">As it stands.</param>
/// <param name="Condition"><c>null</c> when it was told in a digest alone, after a new version of the rules or while it crossed to and fro.</param>
/// <param name="Events">At most ten, in the order of the journal.</param>
/// <param name="IsCut">Older events may belong to it whose frames were pruned.</param>
public sealed record SignalExplanation(SignalLine Signal, SignalCondition? Condition, IReadOnlyList<SourceEvent> Events, bool IsCut);

/// <summary>
/// Explains standing signals from what is stored: the row that told each, and the entries of the customer up to it. Worked out on demand, so that a check
/// pays nothing for it.
/// </summary>
public static class SignalExplanations
{
    private const int RowsPage = 1_000;

    /// <summary>Explains the signals of a customer.</summary>
    /// <param name="reader">The journal.</param>
    /// <param name="partition">Of the customer.</param>
    /// <param name="detail">The customer with the signals that stand, now or as of the past.</param>
    /// <param name="cancel">Ends the reading.</param>
    public static async Task<IReadOnlyList<SignalExplanation>> OfAsync(IJournalReader reader, int partition, AccountDetail detail, CancellationToken cancel)
    {
        var standing = detail.Signals;
        if (standing.Count == 0) return [];
        var conditions = await ConditionsAsync(reader, partition, detail.Customer, [.. standing.Select(s => s.SignalId)], cancel);
        var sources = standing.Select(s => (Signal: s, At: EntryPosition.TryParse(s.RaisedAt, out var at) ? at : default, Found: new SignalSources(s.Indicator, s.About, s.RaisedOn), Raising: new List<SourceEvent>())).ToList();
        var from = await reader.BaseAsync(partition, cancel);
        var above = from?.Seq ?? 0;
        var own = await CustomerEntries.OfAsync(reader, partition, new Dictionary<string, (long, int)> { [detail.Customer] = (detail.NewestSeq, detail.NewestIndex) }, above, cancel);
        foreach (var (at, entry) in own[detail.Customer])
        {
            foreach (var (_, raised, found, raising) in sources)
            {
                if ((at.Seq, at.Index).CompareTo((raised.Seq, raised.Index)) > 0) continue;
                if (entry.Outcome == OutcomeKind.Applied) found.Take(entry.Fact, at);
                if (at == raised && entry.Fact.EventId.Length > 0) raising.Add(EventOf(at, entry));
            }
        }

        // A rate or a measured portfolio is no entry of the customer, and yet the one that raised it.
        foreach (var frame in sources.Where(s => s.Raising.Count == 0 && s.At.Seq > above).GroupBy(s => s.At.Seq))
        {
            var entries = await CustomerEntries.FrameAsync(reader, partition, frame.Key, cancel);
            foreach (var (_, raised, _, raising) in frame)
                if (raised.Index < entries.Count && entries[raised.Index].Fact.EventId.Length > 0) raising.Add(EventOf(raised, entries[raised.Index]));
        }

        return [.. sources.Select(s => new SignalExplanation(s.Signal, conditions.GetValueOrDefault(s.Signal.SignalId), With(s.Found.Events(), s.Raising), from is not null))];
    }

    private static SourceEvent EventOf(EntryPosition at, Entry entry) =>
        new(at, entry.Fact.EventId, entry.Fact.Source, FactCatalogue.WireTypeOf(entry.Fact), entry.Fact.Time, entry.Fact.Document);

    /// <summary>The entry that raised it is one of them; it takes the place of the oldest when there are ten already.</summary>
    private static IReadOnlyList<SourceEvent> With(IReadOnlyList<SourceEvent> events, List<SourceEvent> raising)
    {
        if (raising.Count == 0 || events.Any(e => e.At == raising[0].At)) return events;
        return [.. events.Skip(Math.Max(0, events.Count + 1 - SignalSources.Most)), raising[0]];
    }

    private static async Task<Dictionary<string, SignalCondition>> ConditionsAsync(IJournalReader reader, int partition, string customer, HashSet<string> wanted, CancellationToken cancel)
    {
        var conditions = new Dictionary<string, SignalCondition>(StringComparer.Ordinal);
        var query = new RowQuery { Table = RowTable.Signal, Customer = customer, Partition = partition, Kind = SignalChanged.Raised, Limit = RowsPage };
        while (conditions.Count < wanted.Count)
        {
            var page = await reader.RowsAsync(query, cancel);
            foreach (var row in page)
                if (wanted.Contains(row.Subject) && !conditions.ContainsKey(row.Subject)) conditions[row.Subject] = ConditionOf(row);
            if (page.Count < RowsPage) break;
            query = query with { After = new RowCursor(page[^1].At, page[^1].Partition, page[^1].Seq, page[^1].Index, page[^1].Ordinal) };
        }

        return conditions;
    }

    private static SignalCondition ConditionOf(JournalRow row)
    {
        using var json = JsonDocument.Parse(row.Json());
        var told = json.RootElement;
        return new SignalCondition(Number("value"), Number("threshold"), Number("version"), told.TryGetProperty("clears", out var clears) ? clears.GetString()! : "", (int)Number("baselineCount"), Number("baselineMedian"), Number("baselineMad"),
            (int)Number("step"), Enum.Parse<Severity>(told.GetProperty("severity").GetString()!), Number("moved"));

        long Number(string name) => !told.TryGetProperty(name, out var value) ? 0
            : value.ValueKind == JsonValueKind.String ? long.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetInt64();
    }
}
