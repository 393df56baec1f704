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
public sealed class ImportPlan
{
    /// <summary><c>file:</c> and the hash of content and mapping: importing the same twice changes nothing.</summary>
    public required string Source { get; init; }

    public List<Fact> Facts { get; } = [];

    public List<RejectedRow> Rejected { get; } = [];

    public int Rows { get; set; }

    /// <summary>How often each kind of note was taken: blocks and releases of the source system, repeated rows, activities that move no value.</summary>
    public SortedDictionary<string, int> Notes { get; } = new(StringComparer.Ordinal);

    /// <summary>The notes one by one, in the order of the file.</summary>
    public List<ImportNote> NoteRows { get; } = [];

    public int Customers { get; set; }

    /// <summary>Date of the first fact, or <c>null</c>.</summary>
    public DateOnly? FirstDate => Facts.Count == 0 ? null : Facts[0].Time.UtcDate;

    /// <summary>Date of the last fact, or <c>null</c>.</summary>
    public DateOnly? LastDate => Facts.Count == 0 ? null : Facts[^1].Time.UtcDate;
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
    Customer, Limit, Order, OrderChange, Delivery, OrderEnd, Invoice, Dispute, Payment, Allocation, Closing,
}

/// <summary>Collects the facts of a file and puts them in time order.</summary>
internal sealed class Timeline(string source, NoLimit noLimit)
{
    private readonly List<(int Day, DayRank Rank, int Line, Fact Fact)> _facts = [];
    private readonly Dictionary<string, Opening> _customers = new(StringComparer.Ordinal);

    internal ImportPlan Plan { get; } = new() { Source = source };

    internal void Reject(int line, string raw, string reason, string detail = "") =>
        Plan.Rejected.Add(new RejectedRow(line, reason, raw) { Detail = detail });

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
        _facts.Add((day, rank, line, fact));
        if (!_customers.TryGetValue(customer.Id, out var opening) || day < opening.Day)
            _customers[customer.Id] = new Opening(day, line, customer);
    }

    /// <summary>The plan: sorted by date, rank and line, numbered, with the customers opened on their first day.</summary>
    internal ImportPlan Finish()
    {
        foreach (var opening in _customers.Values.ToArray()) Open(opening);
        _facts.Sort((a, b) => (a.Day, (int)a.Rank, a.Line, a.Fact.EventId.Length).CompareTo((b.Day, (int)b.Rank, b.Line, b.Fact.EventId.Length)));
        Plan.Facts.EnsureCapacity(_facts.Count);
        foreach (var (day, _, _, fact) in _facts)
        {
            fact.Source = source;
            fact.Time = Instant.From(DateOnly.FromDayNumber(day));
            // Numbered in time order and not by line: the position of a partition only ever grows.
            fact.Position = new SourcePosition(source, Plan.Facts.Count + 1);
            Plan.Facts.Add(fact);
        }

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
        if (noLimit == NoLimit.Hold) return;
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
