using System.Text;
using System.Text.Unicode;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>
/// What can be said about frames before a database sees them. Both stores ask here first, so that both refuse the
/// same content: SQLite would take texts that PostgreSQL cannot hold.
/// </summary>
internal static class CommitContent
{
    private const int HashBytes = 32, CustomerBytesMax = 512, SubjectBytesMax = 1_024, KindBytesMax = 256;

    /// <summary>Frames in the order in which locks are taken: by partition. Broken rules of the seam throw.</summary>
    public static FrameCommit[] InLockOrder(IReadOnlyList<FrameCommit> frames)
    {
        if (frames.Count == 0) throw new InvalidOperationException("A commit carries at least one frame.");
        var ordered = frames.ToArray();
        Array.Sort(ordered, static (a, b) => a.Partition.CompareTo(b.Partition)); // partitions are unique: checked below
        for (var i = 0; i < ordered.Length; i++)
        {
            var frame = ordered[i];
            if (i > 0 && ordered[i - 1].Partition == frame.Partition)
                throw new InvalidOperationException($"Partition {frame.Partition} has two frames in one commit.");
            if (frame.Seq < 1 || frame.Hash.Length != HashBytes || frame.PreviousHash.Length != HashBytes)
                throw new InvalidOperationException($"The frame {frame.Partition}/{frame.Seq} is malformed.");
            if (frame.Period is < 190001 or > 999912 || frame.Period % 100 is < 1 or > 12)
                throw new InvalidOperationException($"{frame.Period} is no month of the form yyyymm.");
            foreach (var row in frame.Rows)
            {
                if (row.Table == RowTable.Outbox) throw new InvalidOperationException("The outbox is a view of the other tables.");
                if (row.Partition != frame.Partition || row.Seq != frame.Seq)
                    throw new InvalidOperationException($"A row of {row.Table} does not belong to its frame.");
            }

            foreach (var message in frame.Messages)
            {
                if (message.Sender != frame.Partition)
                    throw new InvalidOperationException($"A message of {message.Sender} travels in a foreign frame.");
            }
        }

        return ordered;
    }

    /// <summary>Why the databases cannot hold the content, or <c>null</c>.</summary>
    public static string? Refusal(IReadOnlyList<FrameCommit> frames)
    {
        var kind = "";
        foreach (var frame in frames)
        {
            foreach (var row in frame.Rows)
            {
                // Rows of a kind have one text for it, which is looked at once.
                if (!IsText(row.Customer) || !IsText(row.Subject) || !((object)row.Kind == kind || IsText(row.Kind))
                    || !(JournalRow.IsBinary(row.Table) || Utf8.IsValid(row.Body.Span)))
                    return $"{RowTables.Name(row.Table)} {row.Partition}/{row.Seq}/{row.Index}: no valid text";
                if (DecisionPage.Takes(row) && !IsPaged(row))
                    return $"{RowTables.Name(row.Table)} {row.Partition}/{row.Seq}/{row.Index}: a text is too long, or the place is none";
                kind = row.Kind;
            }

            if (HasTwoOfOnePlace(frame)) return $"decisions of {frame.Partition}/{frame.Seq}: two have one place";

            foreach (var (customer, name) in frame.Parties)
            {
                if (!IsText(customer) || !IsText(name))
                    return $"party of {frame.Partition}/{frame.Seq}: no valid text";
            }
        }

        return null;
    }

    /// <summary>What the columns and the key of a row would say is said of the rows of a page here.</summary>
    private static bool IsPaged(JournalRow row) => row is { Index: >= 0, Ordinal: >= 0 }
        && IsShort(row.Customer, CustomerBytesMax) && IsShort(row.Subject, SubjectBytesMax) && IsShort(row.Kind, KindBytesMax);

    private static bool IsShort(string text, int most) => text.Length * 3 <= most || Encoding.UTF8.GetByteCount(text) <= most;

    private static bool HasTwoOfOnePlace(FrameCommit frame)
    {
        (int, int) last = (-1, -1);
        foreach (var row in frame.Rows)
        {
            if (!DecisionPage.Takes(row)) continue;
            // In their order, as the engine sends them, each place is behind the one before; only others are compared with all.
            if ((row.Index, row.Ordinal).CompareTo(last) <= 0)
            {
                var places = frame.Rows.Where(DecisionPage.Takes).Select(r => (r.Index, r.Ordinal)).ToList();
                return places.Distinct().Count() < places.Count;
            }

            last = (row.Index, row.Ordinal);
        }

        return false;
    }

    /// <summary>Names that became known, one per customer: of several in one commit the last stands.</summary>
    public static SortedDictionary<string, string> Parties(IReadOnlyList<FrameCommit> frames)
    {
        // Ordinal order is the order of the locks, so that two writers cannot wait for each other.
        var parties = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var frame in frames)
        {
            foreach (var (customer, name) in frame.Parties) parties[customer] = name;
        }

        return parties;
    }

    /// <summary>The pages of decisions of those frames that decide something.</summary>
    public static List<DecisionPage> Pages(IReadOnlyList<FrameCommit> frames)
    {
        var pages = new List<DecisionPage>(frames.Count);
        foreach (var frame in frames)
            if (DecisionPage.Of(frame) is { } page) pages.Add(page);
        return pages;
    }

    /// <summary>Closed documents as rows: one per partition, day and frame.</summary>
    public static IReadOnlyList<(int Partition, int Day, long Seq, byte[] Bytes)> Closed(IReadOnlyList<FrameCommit> frames)
    {
        var rows = new List<(int, int, long, byte[])>();
        foreach (var frame in frames)
        {
            foreach (var day in frame.Closed.GroupBy(c => ClosedDocument.StoredDay(c.Day)).OrderBy(g => g.Key))
                rows.Add((frame.Partition, day.Key, frame.Seq, ClosedDocument.Pack([.. day])));
        }

        return rows;
    }

    /// <summary>Account rows in slot order, which is the order of the locks.</summary>
    public static AccountRow[] InSlotOrder(int partition, IReadOnlyList<AccountRow> accounts)
    {
        var ordered = accounts.ToArray();
        Array.Sort(ordered, static (a, b) => a.Slot.CompareTo(b.Slot)); // slots are unique: checked below
        for (var i = 0; i < ordered.Length; i++)
        {
            if (ordered[i].Partition != partition)
                throw new InvalidOperationException($"An account of partition {ordered[i].Partition} is no part of {partition}.");
            if (i > 0 && ordered[i - 1].Slot == ordered[i].Slot)
                throw new InvalidOperationException($"Slot {ordered[i].Slot} of partition {partition} is there twice.");
            if (!IsText(ordered[i].Customer) || !IsText(ordered[i].Report))
                throw new InvalidOperationException($"The account {partition}/{ordered[i].Slot} holds no valid text.");
        }

        return ordered;
    }

    /// <summary>UTF-16 without lone surrogates and without NUL, which PostgreSQL cannot store.</summary>
    private static bool IsText(string text)
    {
        // Nearly every text has neither: looked at many characters at once.
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') && !text.Contains('\0')) return true;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\0' || char.IsLowSurrogate(c)) return false;
            if (char.IsHighSurrogate(c) && (++i == text.Length || !char.IsLowSurrogate(text[i]))) return false;
        }

        return true;
    }
}
