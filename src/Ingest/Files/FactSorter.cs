using System.Text;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Facts of a file in time order, in bounded memory: what does not fit is sorted in parts, kept in files of their own, and
/// merged when it is read.
/// </summary>
internal sealed class FactSorter(int partMax = FactSorter.PartMost) : IDisposable
{
    /// <summary>Facts that are held in memory at once.</summary>
    internal const int PartMost = 250_000;

    private readonly List<Item> _part = [];
    private readonly List<string> _files = [];
    private string? _folder;

    /// <summary>Facts in all.</summary>
    internal int Count { get; private set; }

    /// <summary>How many facts there are of each type.</summary>
    internal SortedDictionary<string, int> Kinds { get; } = new(StringComparer.Ordinal);

    /// <summary>A fact with its place: its day, its rank within the day, the line that it comes from.</summary>
    private readonly record struct Item(int Day, DayRank Rank, int Line, Fact Fact) : IComparable<Item>
    {
        public int CompareTo(Item other)
        {
            var order = (Day, (int)Rank, Line, Fact.EventId.Length).CompareTo((other.Day, (int)other.Rank, other.Line, other.Fact.EventId.Length));
            return order != 0 ? order : string.CompareOrdinal(Fact.EventId, other.Fact.EventId);
        }
    }

    internal void Add(int day, DayRank rank, int line, Fact fact)
    {
        _part.Add(new Item(day, rank, line, fact));
        Count++;
        var kind = fact.GetType().Name;
        Kinds[kind] = Kinds.GetValueOrDefault(kind) + 1;
        if (_part.Count >= partMax) Spill();
    }

    /// <summary>All facts with their day, sorted; may be read again.</summary>
    internal IEnumerable<(int Day, Fact Fact)> Read()
    {
        if (_files.Count == 0)
        {
            _part.Sort();
            foreach (var item in _part) yield return (item.Day, item.Fact);
            yield break;
        }

        // The last part as well: while the facts are fed nothing of the file needs to stand in memory.
        if (_part.Count > 0) Spill();
        _part.Capacity = 0;
        var parts = _files.Select(ReadFile).Select(p => p.GetEnumerator()).ToList();
        try
        {
            var next = new PriorityQueue<IEnumerator<Item>, Item>();
            foreach (var part in parts)
                if (part.MoveNext()) next.Enqueue(part, part.Current);
            while (next.TryDequeue(out var part, out var item))
            {
                yield return (item.Day, item.Fact);
                if (part.MoveNext()) next.Enqueue(part, part.Current);
            }
        }
        finally
        {
            foreach (var part in parts) part.Dispose();
        }
    }

    public void Dispose()
    {
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
        (_folder, Count) = (null, 0);
        _files.Clear();
        _part.Clear();
    }

    private void Spill()
    {
        _part.Sort();
        _folder ??= Directory.CreateTempSubdirectory("exposure-import-").FullName;
        var path = Path.Combine(_folder, _files.Count.ToString("D6", System.Globalization.CultureInfo.InvariantCulture));
        using (var file = new BinaryWriter(File.Create(path), Encoding.UTF8))
        {
            var buffer = new ByteBuffer();
            foreach (var item in _part)
            {
                buffer.Clear();
                FactCodec.Write(item.Fact, buffer);
                file.Write(item.Day);
                file.Write((byte)item.Rank);
                file.Write(item.Line);
                file.Write(item.Fact.Customer);
                file.Write(buffer.Length);
                file.Write(buffer.Written);
            }

            file.Write(int.MinValue);
        }

        _files.Add(path);
        _part.Clear();
    }

    private static IEnumerable<Item> ReadFile(string path)
    {
        using var file = new BinaryReader(File.OpenRead(path), Encoding.UTF8);
        var codec = new FactCodec();
        for (var day = file.ReadInt32(); day != int.MinValue; day = file.ReadInt32())
        {
            var (rank, line, customer) = ((DayRank)file.ReadByte(), file.ReadInt32(), file.ReadString());
            codec.Read(file.ReadBytes(file.ReadInt32()), out var fact);
            fact.Customer = customer;
            yield return new Item(day, rank, line, fact);
        }
    }
}
