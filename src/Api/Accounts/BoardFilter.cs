using System.Globalization;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;

namespace ExposureMonitor.Api;

/// <summary>Which customers a board shows, and in which order. Equal filters of equal scope are one view.</summary>
internal sealed record BoardFilter
{
    internal static readonly (string, string)[] Query =
    [
        ("sort", "gross, utilisation, overdue, receivables, available, held or customer."), ("order", "asc or desc; desc without, asc for customer."),
        ("segment", "Only this segment."), ("country", "Only this country."), ("controller", "Only this controller."), ("breached", "true: only above the limit."),
        ("held", "true: only with held orders."), ("minUtilisation", "Only from this utilisation on, in basis points."), ("search", "Only customers whose id contains this."),
    ];

    private static readonly Dictionary<string, Func<PublishedRow, long>> Sorts = new(StringComparer.Ordinal)
    {
        ["gross"] = row => row.Figures.Gross,
        ["utilisation"] = row => row.Figures.UtilisationBp,
        ["overdue"] = row => row.Figures.Overdue,
        ["receivables"] = row => row.Figures.Receivables,
        ["available"] = row => row.Figures.Available,
        ["held"] = row => row.Figures.Held,
        ["customer"] = _ => 0,
    };

    public string Sort { get; private init; } = "gross";

    public bool Ascending { get; private init; }

    public string Segment { get; private init; } = "";

    public string Country { get; private init; } = "";

    public string Controller { get; private init; } = "";

    public string Search { get; private init; } = "";

    public bool Breached { get; private init; }

    public bool Held { get; private init; }

    public int MinUtilisation { get; private init; } = int.MinValue;

    /// <summary>Segments of the caller, sorted; "" for all.</summary>
    public string Scope { get; private init; } = "";

    internal static bool TryRead(IQueryCollection query, Caller caller, out BoardFilter filter, out IResult? wrong)
    {
        (filter, wrong) = (new BoardFilter(), null);
        var sort = query["sort"].ToString() is { Length: > 0 } told ? told : "gross";
        var order = query["order"].ToString();
        var least = int.MinValue;
        if (!Sorts.ContainsKey(sort)) wrong = Problems.Of(400, "BAD_SORT", "?sort=: expected one of " + string.Join(", ", Sorts.Keys) + ".");
        else if (order is not ("" or "asc" or "desc")) wrong = Problems.Of(400, "BAD_SORT", "?order=: expected asc or desc.");
        else if (query["breached"].ToString() is not ("" or "true" or "false")) wrong = Problems.Of(400, "BAD_FILTER", "?breached=: expected true or false.");
        else if (query["held"].ToString() is not ("" or "true" or "false")) wrong = Problems.Of(400, "BAD_FILTER", "?held=: expected true or false.");
        else if (query["minUtilisation"].ToString() is { Length: > 0 } from && !int.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out least))
            wrong = Problems.Of(400, "BAD_FILTER", "?minUtilisation=: expected basis points as a whole number, such as 8000.");
        if (wrong is not null) return false;
        filter = new BoardFilter
        {
            Sort = sort, Ascending = order == "asc" || (order.Length == 0 && sort == "customer"), Segment = query["segment"].ToString(), Country = query["country"].ToString(),
            Controller = query["controller"].ToString(), Search = query["search"].ToString(), Breached = query["breached"] == "true", Held = query["held"] == "true",
            MinUtilisation = least, Scope = string.Join('\n', caller.Segments.Order(StringComparer.Ordinal)),
        };
        return true;
    }

    /// <summary>The rows of the board in its order; the customer's id breaks ties.</summary>
    internal List<PublishedRow> Rows(ExposureEngine engine)
    {
        var scope = Scope.Length == 0 ? null : Scope.Split('\n');
        var list = new List<PublishedRow>();
        foreach (var rows in engine.Published)
            rows.Visit(row =>
            {
                if (Takes(row, scope)) list.Add(row);
            });
        var key = Sorts[Sort];
        list.Sort((a, b) =>
        {
            var order = Sort == "customer" ? string.CompareOrdinal(a.Customer, b.Customer) : key(a).CompareTo(key(b));
            return order != 0 ? (Ascending ? order : -order) : string.CompareOrdinal(a.Customer, b.Customer);
        });
        return list;
    }

    private bool Takes(PublishedRow row, string[]? scope) => row.Customer is not null && (scope is null || scope.Contains(row.Segment))
        && (Segment.Length == 0 || row.Segment == Segment) && (Country.Length == 0 || row.Country == Country) && (Controller.Length == 0 || row.Controller == Controller)
        && (!Breached || row.Figures.Breached) && (!Held || row.Figures.HeldOrders > 0) && (MinUtilisation == int.MinValue || row.Figures.UtilisationBp >= MinUtilisation)
        && (Search.Length == 0 || row.Customer.Contains(Search, StringComparison.OrdinalIgnoreCase));
}

/// <summary>
/// The order of a board as its first page saw it. Figures move while somebody pages; without a frozen order a
/// customer that climbs is seen twice and one that falls not at all.
/// </summary>
internal sealed class FrozenOrders
{
    private const int Most = 32;

    private readonly Lock _gate = new();
    private readonly LinkedList<(string Id, BoardFilter Filter, string[] Customers)> _orders = new();

    internal string Keep(BoardFilter filter, string[] customers)
    {
        var id = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
        lock (_gate)
        {
            _orders.AddFirst((id, filter, customers));
            if (_orders.Count > Most) _orders.RemoveLast();
        }

        return id;
    }

    /// <summary>The order of an id under the same filter; <c>null</c> when it is gone.</summary>
    internal string[]? Find(string id, BoardFilter filter)
    {
        lock (_gate)
        {
            for (var node = _orders.First; node is not null; node = node.Next)
            {
                if (node.Value.Id != id || node.Value.Filter != filter) continue;
                _orders.Remove(node);
                _orders.AddFirst(node);
                return node.Value.Customers;
            }
        }

        return null;
    }
}
