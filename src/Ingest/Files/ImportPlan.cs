using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>A row that could not be taken.</summary>
/// <param name="Line">Physical line, from 1.</param>
/// <param name="Reason">Code and field, such as <c>BAD_DATE issued</c>.</param>
/// <param name="Raw">The row as it stands in the file.</param>
public sealed record RejectedRow(int Line, string Reason, string Raw)
{
    /// <summary>What was found and what was expected.</summary>
    public string Detail { get; init; } = "";
}

/// <summary>A row, or a circumstance of one, that moves no value and is kept for people: what, and of which document.</summary>
public sealed record ImportNote(int Line, string What, string Customer, string Document, int Day);

/// <summary>What a file holds, as facts in time order. Nothing is written yet: showing it is the dry run.</summary>
public sealed class ImportPlan : IDisposable
{
    private readonly FactSorter _sorter;
    private List<Fact>? _facts;
    private int _first, _last;

    internal ImportPlan(FactSorter sorter) => _sorter = sorter;

    /// <summary><c>file:</c> and the hash of content and mapping: importing the same twice changes nothing.</summary>
    public string Source { get; internal set; } = "";

    /// <summary>All facts at once; for a large file read them one after the other.</summary>
    public List<Fact> Facts => _facts ??= [.. Read()];

    /// <summary>How many facts there are.</summary>
    public int Count => _sorter.Count;

    /// <summary>How many facts there are of each type, such as <c>InvoicePosted</c>.</summary>
    public IReadOnlyDictionary<string, int> Kinds => _sorter.Kinds;

    /// <summary>The facts in time order, in bounded memory.</summary>
    public IEnumerable<Fact> Read()
    {
        var number = 0;
        foreach (var (day, fact) in _sorter.Read())
        {
            fact.Source = Source;
            fact.Time = Instant.From(DateOnly.FromDayNumber(day));
            // Numbered in time order and not by line: the position of a partition only ever grows.
            fact.Position = new SourcePosition(Source, ++number);
            yield return fact;
        }
    }

    internal void Saw(int day)
    {
        _first = _first == 0 ? day : Math.Min(_first, day);
        _last = Math.Max(_last, day);
    }

    /// <summary>Lets go of the files that large plans keep their facts and rows in.</summary>
    public void Dispose()
    {
        _sorter.Dispose();
        Rejected.Dispose();
        NoteRows.Dispose();
    }

    /// <summary>Rows that were not taken, in the order of the file.</summary>
    public RowCollection<RejectedRow> Rejected { get; } = new(
        static (file, row) =>
        {
            file.Write(row.Line);
            file.Write(row.Reason);
            file.Write(row.Raw);
            file.Write(row.Detail);
        },
        static file => new RejectedRow(file.ReadInt32(), file.ReadString(), file.ReadString()) { Detail = file.ReadString() });

    /// <summary>How often rows were rejected for each reason.</summary>
    public SortedDictionary<string, int> Reasons { get; } = new(StringComparer.Ordinal);

    public int Rows { get; set; }

    /// <summary>How often each kind of note was taken: blocks and releases of the source system, repeated rows, activities that move no value.</summary>
    public SortedDictionary<string, int> Notes { get; } = new(StringComparer.Ordinal);

    /// <summary>The notes one by one, in the order of the file.</summary>
    public RowCollection<ImportNote> NoteRows { get; } = new(
        static (file, note) =>
        {
            file.Write(note.Line);
            file.Write(note.What);
            file.Write(note.Customer);
            file.Write(note.Document);
            file.Write(note.Day);
        },
        static file => new ImportNote(file.ReadInt32(), file.ReadString(), file.ReadString(), file.ReadString(), file.ReadInt32()));

    public int Customers { get; set; }

    /// <summary>Date of the first fact, or <c>null</c>.</summary>
    public DateOnly? FirstDate => _first == 0 ? null : DateOnly.FromDayNumber(_first);

    /// <summary>Date of the last fact, or <c>null</c>.</summary>
    public DateOnly? LastDate => _last == 0 ? null : DateOnly.FromDayNumber(_last);
}

/// <summary>What the absence of a limit means for customers of a file.</summary>
public enum NoLimit
{
    /// <summary>Nobody has decided: orders are held.</summary>
    Hold,

    /// <summary>Without limit: a decided "unlimited" from the first day on.</summary>
    Unlimited,
}

/// <summary>Places of facts within a day: what must stand before what.</summary>
internal enum DayRank
{
    Customer, Limit, Parent, Order, OrderChange, Delivery, OrderEnd, Invoice, Dispute, Payment, Allocation, Closing,
}

/// <summary>Collects the facts of a file and puts them in time order.</summary>
internal sealed class Timeline
{
    private readonly NoLimit _noLimit;
    private readonly bool _opens;
    private readonly FactSorter _facts;
    private readonly Dictionary<string, Opening> _customers = new(StringComparer.Ordinal);

    /// <param name="opens">False: the file speaks of customers that others have told; it opens none.</param>
    internal Timeline(NoLimit noLimit, bool opens = true)
    {
        (_noLimit, _opens, _facts) = (noLimit, opens, new FactSorter());
        Plan = new ImportPlan(_facts);
    }

    internal ImportPlan Plan { get; }

    internal void Reject(int line, string raw, string reason, string detail = "")
    {
        Plan.Rejected.Add(new RejectedRow(line, reason, raw) { Detail = detail });
        Plan.Reasons[reason] = Plan.Reasons.GetValueOrDefault(reason) + 1;
    }

    internal void Note(int line, string what, string customer, string document, int day)
    {
        Plan.NoteRows.Add(new ImportNote(line, what, customer, document, day));
        Plan.Notes[what] = Plan.Notes.GetValueOrDefault(what) + 1;
    }

    /// <summary>Adds a fact of a customer. Line and suffix name the event, so that both are the same at every import of the file.</summary>
    internal void Add(int day, DayRank rank, int line, string suffix, Fact fact, CustomerOfRow customer)
    {
        fact.Customer = customer.Id;
        fact.EventId = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{line}.{suffix}");
        _facts.Add(day, rank, line, fact);
        Plan.Saw(day);
        if (!_customers.TryGetValue(customer.Id, out var opening) || day < opening.Day)
            _customers[customer.Id] = new Opening(day, line, customer);
    }

    /// <summary>The plan, with the customers opened on their first day.</summary>
    internal ImportPlan Finish()
    {
        foreach (var opening in _opens ? _customers.Values.ToArray() : []) Open(opening);
        Plan.Customers = _customers.Count;
        return Plan;
    }

    private void Open(Opening opening)
    {
        var (day, line, customer) = opening;
        Add(day, DayRank.Customer, line, "customer", new CustomerOpened
        {
            Currency = customer.Currency,
            Profile = new CustomerProfile { Name = Cut(customer.Name, 200), Country = Cut(customer.Country, 64) },
        }, customer);
        if (_noLimit == NoLimit.Hold) return;
        Add(day, DayRank.Limit, line, "limit", new LimitSet
        {
            Version = 1, Currency = customer.Currency, SetBy = "import", Reason = "no limit told: unlimited",
            Steps = [new LimitStep { From = day, Kind = LimitKind.Unlimited }],
        }, customer);
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];

    private sealed record Opening(int Day, int Line, CustomerOfRow Customer);
}

/// <summary>The customer of a row.</summary>
internal readonly record struct CustomerOfRow(string Id, string Name, string Country, Currency Currency);
