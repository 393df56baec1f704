using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Simulation;

/// <summary>The signals of a run: none twice, none ended that was not raised, none lost; and which indicators were met at all.</summary>
internal static class Signalled
{
    /// <summary>Those that no story of some weeks and a few customers without a group can tell: their own tests do.</summary>
    internal static readonly string[] Untold = ["EW-12", "EW-19", "EW-37", "EW-38"];

    /// <summary>Goes through the rows of the journal, and compares what stands in them with what the account says.</summary>
    internal static string? Check(IEnumerable<JournalRow> rows, string customer, AccountDetail detail, Situations met)
    {
        var (raised, standing) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var row in rows.Where(r => r.Table == RowTable.Signal && r.Customer == customer).OrderBy(r => (r.Seq, r.Index, r.Ordinal)))
        {
            if (row.Kind == SignalChanged.LateCorrection) continue;
            if (row.Kind == SignalChanged.Raised)
            {
                if (!raised.Add(row.Subject)) return $"signal {row.Subject} was raised twice, at {row.Seq}-{row.Index} again";
                standing.Add(row.Subject);
                met.NoteSignal(row.Subject.Split('/')[1]);
            }
            else if (!standing.Remove(row.Subject) && row.Kind == SignalChanged.Resolved)
            {
                return $"signal {row.Subject} ended at {row.Seq}-{row.Index} and did not stand";
            }
        }

        foreach (var signal in detail.Signals)
            if (!raised.Contains(signal.SignalId)) return $"customer {customer}: {signal.Indicator} stands as {signal.SignalId}, which was never raised";
        // A step that stands keeps its signal: the account and the rows tell the same.
        var lost = standing.Where(id => !detail.Signals.Exists(s => id.StartsWith($"{customer}/{s.Indicator}/{s.About}/", StringComparison.Ordinal))).ToList();
        return lost.Count == 0 ? null : $"customer {customer}: {lost[0]} was raised and never ended, and the account does not have it";
    }
}
