using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// I2, I4, I10, I20: every entry has its rows and every row its entry, byte for byte: the stored rows of each table are
/// read along with the replay, which makes them again.
/// </summary>
internal sealed class RowProof(IJournalReader reader, int partition) : IAsyncDisposable
{
    /// <summary>The outbox is read from the others.</summary>
    private static readonly RowTable[] Tables = [.. Enum.GetValues<RowTable>().Where(t => t != RowTable.Outbox)];

    private readonly IAsyncEnumerator<JournalRow>?[] _stored = new IAsyncEnumerator<JournalRow>?[Enum.GetValues<RowTable>().Length];
    private readonly List<JournalRow> _made = [];
    private readonly List<(string, string)> _parties = [];
    private readonly EffectBytes _bytes = new();

    /// <summary>Rows up to this frame are none of these entries'.</summary>
    private long _after;

    internal long Count { get; private set; }

    /// <summary>Goes on behind a base, whose digest covers the rows before.</summary>
    internal void Begin(long after) => _after = after;

    internal void Begin()
    {
        _made.Clear();
        _bytes.Clear();
    }

    internal void Entry(EntryPosition at, Fact fact, Outcome outcome, IReadOnlyList<Effect> effects, Book book)
    {
        _parties.Clear();
        _bytes.Take(effects, 0);
        Rows.Add(_made, _parties, at, fact, outcome, effects, _bytes, book);
    }

    /// <summary>Compares what the frame makes with what is stored.</summary>
    internal async ValueTask<string?> EndFrameAsync(long seq, CancellationToken cancel)
    {
        foreach (var row in _made)
        {
            var stored = StoredOf(row.Table, cancel);
            if (!await stored.MoveNextAsync()) return $"{Where(row)}: the row of table {row.Table} is missing.";
            Count++;
            var found = stored.Current;
            if ((found.Seq, found.Index, found.Ordinal) != (row.Seq, row.Index, row.Ordinal))
                return (found.Seq, found.Index, found.Ordinal).CompareTo((row.Seq, row.Index, row.Ordinal)) < 0
                    ? $"{Where(found)}: table {row.Table} has a row that no entry made."
                    : $"{Where(row)}: the row of table {row.Table} is missing.";
            if ((found.Customer, found.Subject, found.Kind, found.At, found.Key, found.GoesOut) != (row.Customer, row.Subject, row.Kind, row.At, row.Key, row.GoesOut)
                || !SaysTheSame(found, row))
                return $"{Where(row)}: the row of table {row.Table} says other than its entry made.";
        }

        return null;
    }

    /// <summary>Earlier databases hold as JSON what is written in binary now.</summary>
    private static bool SaysTheSame(JournalRow found, JournalRow made) => found.Body.Span.SequenceEqual(made.Body.Span)
        || (JournalRow.IsBinary(made.Table) && found.Body.Span is [(byte)'{', ..] && found.Body.Span.SequenceEqual(made.Json().Span));

    /// <summary>Behind the last frame no row is left.</summary>
    internal async ValueTask<string?> EndAsync(CancellationToken cancel)
    {
        foreach (var table in Tables)
        {
            var stored = StoredOf(table, cancel);
            if (await stored.MoveNextAsync()) return $"{Where(stored.Current)}: table {table} has a row that no entry made.";
        }

        return null;
    }

    private IAsyncEnumerator<JournalRow> StoredOf(RowTable table, CancellationToken cancel) =>
        _stored[(int)table] ??= reader.RowsInOrderAsync(table, partition, _after, cancel).GetAsyncEnumerator(cancel);

    private static string Where(JournalRow row) => $"Entry {row.Partition}-{row.Seq}-{row.Index}, customer '{row.Customer}'";

    public async ValueTask DisposeAsync()
    {
        foreach (var stored in _stored)
            if (stored is not null) await stored.DisposeAsync();
    }
}

/// <summary>The stored closed documents are those that the replay lets go, for as long as they are kept.</summary>
internal sealed class ClosedProof(int partition)
{
    private readonly SortedDictionary<int, (long Count, ulong Sum)> _made = [];

    internal void Entry(Fact fact, Outcome outcome, IReadOnlyList<Effect> effects, bool eventClock)
    {
        if (!eventClock && fact is DayStarted day && outcome.Kind == OutcomeKind.Applied)
        {
            var first = ClosedDocument.StoredDay(day.Day - ClosedDocument.KeepDays);
            while (_made.Count > 0 && _made.Keys.First() is var oldest && oldest < first) _made.Remove(oldest);
        }

        foreach (var effect in effects)
            if (effect is DocumentClosed closed) Add(_made, new ClosedDocument(closed.IdHash, closed.Content32, closed.Day));
    }

    /// <summary>Writes what was let go and is still kept, for a base.</summary>
    internal void Write(ByteBuffer to)
    {
        to.Varint((ulong)_made.Count);
        foreach (var (day, (count, sum)) in _made)
        {
            to.Signed(day);
            to.Signed(count);
            to.Fixed64(sum);
        }
    }

    /// <summary>Goes on from what a base remembers.</summary>
    internal void Read(ref ByteReader from)
    {
        for (var left = from.Int(); left > 0; left--) _made[checked((int)from.Signed())] = (from.Signed(), from.Fixed64());
    }

    internal async ValueTask<string?> EndAsync(IJournalReader reader, CancellationToken cancel)
    {
        var stored = new SortedDictionary<int, (long Count, ulong Sum)>();
        await foreach (var document in reader.ClosedAsync(partition, cancel)) Add(stored, document);
        foreach (var day in _made.Keys.Union(stored.Keys).Order())
        {
            if (_made.GetValueOrDefault(day) == stored.GetValueOrDefault(day)) continue;
            return $"Partition {partition}: of day {DateOnly.FromDayNumber(ClosedDocument.DayOf(day)):yyyy-MM-dd} {stored.GetValueOrDefault(day).Count} closed documents are stored, the journal lets {_made.GetValueOrDefault(day).Count} go, or others.";
        }

        return null;
    }

    /// <summary>A sum over hashes does not depend on the order within a day.</summary>
    private static void Add(SortedDictionary<int, (long Count, ulong Sum)> days, ClosedDocument document)
    {
        var day = ClosedDocument.StoredDay(document.Day);
        var (count, sum) = days.GetValueOrDefault(day);
        days[day] = (count + 1, unchecked(sum + Hashing.XxHash64(ClosedDocument.Pack([document]))));
    }
}
