using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Groups: who shares a limit, who has which slice of it, and of which moment each figure is.</summary>
internal static class GroupsEndpoints
{
    /// <summary>A member in a file, with the currency of the group.</summary>
    private sealed record Line(MemberLine Member, string? Name, Currency Currency)
    {
        internal string Money(long minor) => Currency.IsKnown ? Csv.Amount(minor, Currency) : "";
    }

    private static readonly CsvColumn<Line>[] Columns =
    [
        new("customer", "Member", "成员", l => Csv.Text(l.Member.Customer)), new("name", "Name", "名称", l => Csv.Text(l.Name)), new("share", "Share %", "计入比例 %", l => Csv.Share(l.Member.ShareBp)), new("currency", "Currency", "币种", l => l.Currency.IsKnown ? l.Currency.Code : ""),
        new("use", "Used credit", "已用额度", l => l.Money(l.Member.Use)), new("slice", "Slice", "划拨额度", l => l.Money(l.Member.Slice)), new("want", "Asked for", "申请额度", l => l.Money(l.Member.Want)),
        new("asOf", "As of (partition-sequence)", "截至(分区-序号)", l => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{l.Member.AsOfPartition}-{l.Member.AsOfSeq}")),
        new("former", "Former", "已退出", (l, zh) => l.Member.Former ? zh ? "是" : "yes" : ""),
    ];

    internal static void MapGroups(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "GET", "/customers/{customer}/group", Roles.Readers, "The group of a customer: the path to the top of its tree, slices that it holds of its parents, and the members that it lends to with name, share, slice, use, the position that the use is as of and how many members they have themselves. `asOf` is the position of the customer's own figures. Members that the caller may not see count in the sums and are not listed.", async (http, caller) =>
        {
            var customer = http.Customer();
            if (await ReadAsync(desk, caller, customer, http.RequestAborted) is not (var group, var seen)) return Routing.UnknownCustomer(customer);
            var partition = desk.Engine.PartitionOf(customer);
            var (path, below) = await desk.Engine.ReadAsync(Book.House, book => (PathOf(book, customer), seen.ToDictionary(m => m.Customer, m => book.ChildrenOf(m.Customer).Count, StringComparer.Ordinal)), http.RequestAborted);
            // What lies above somebody who is not seen is not told either.
            var hidden = path.FindLastIndex(p => !desk.Sees(caller, p));
            path.RemoveRange(0, hidden + 1);
            var names = await desk.Names.OfAsync([.. path, .. seen.Select(m => m.Customer)], http.RequestAborted);
            return Results.Json(new
            {
                customer, name = names.GetValueOrDefault(customer),
                parent = Visible(desk, caller, group.Parent), askedParent = Visible(desk, caller, group.AskedParent), path = path.Select(p => new { customer = p, name = names.GetValueOrDefault(p) }), group.ShareBp, group.OutsideGroup,
                currency = group.Currency.IsKnown ? group.Currency.Code : null, limitKind = group.LimitKind.ToString(),
                limit = group.LimitKind == LimitKind.Amount ? AccountJson.Digits(group.Limit) : null, ownUse = AccountJson.Digits(group.OwnUse), use = AccountJson.Digits(group.Use),
                utilisationBp = group.LimitKind == LimitKind.Amount ? (long?)group.UtilisationBp : null, lent = AccountJson.Digits(group.Lent),
                pool = group.LimitKind == LimitKind.Amount ? AccountJson.Digits(group.Pool) : null,
                asOf = new { partition, seq = group.AsOfSeq },
                slices = group.Slices.Where(s => desk.Sees(caller, s.Parent)).Select(SliceOf),
                members = seen.Select(m => MemberOf(m, names.GetValueOrDefault(m.Customer), below[m.Customer])),
                memberCount = group.Members.Count(m => !m.Former), notListed = group.Members.Count - seen.Count,
            });
        }).Fails(503).Tells(Shapes.CreditGroup);
        api.ForFile(desk, "/customers/{customer}/group", Roles.Readers, "group-members", "Members of the customer's group that the caller sees, with share, slice and use.", Columns, async (http, caller) =>
        {
            if (await ReadAsync(desk, caller, http.Customer(), http.RequestAborted) is not (var group, var seen)) return new(Routing.UnknownCustomer(http.Customer()), []);
            var names = await desk.Names.OfAsync(seen.Select(m => m.Customer), http.RequestAborted);
            return new CsvFile.Found<Line>(null, seen.ConvertAll(m => new Line(m, names.GetValueOrDefault(m.Customer), group.Currency)));
        });
    }

    /// <summary>The group of a customer and the members that a caller sees; <c>null</c> for an unknown customer.</summary>
    private static async Task<(GroupDetail Group, List<MemberLine> Seen)?> ReadAsync(Desk desk, Caller caller, string customer, CancellationToken cancel)
    {
        // Whom a caller sees follows from rows, also of partitions elsewhere.
        if (caller.Segments.Count > 0) await desk.Engine.MirrorAsync(MirroredFresh, cancel);
        var (isKnown, group) = await desk.Engine.ReadAsync(desk.Engine.PartitionOf(customer), book => book.FindSlot(customer) is var slot && slot >= 0 ? (true, book.GroupOf(slot)) : default, cancel);
        if (!isKnown) return null;
        group ??= new GroupDetail { ShareBp = 10_000, AsOfSeq = desk.Engine.TryGetRow(customer, out var row) ? row.Figures.AsOf : 0 };
        return (group, group.Members.Where(m => desk.Sees(caller, m.Customer)).ToList());
    }

    private static readonly TimeSpan MirroredFresh = TimeSpan.FromMilliseconds(100);

    /// <summary>From the top of the tree to the customer himself.</summary>
    private static List<string> PathOf(Book house, string customer)
    {
        var path = new List<string>();
        for (var at = customer; at.Length > 0; at = house.ParentOf(at)) path.Insert(0, at);
        return path;
    }

    private static string? Visible(Desk desk, Caller caller, string customer) => customer.Length > 0 && desk.Sees(caller, customer) ? customer : null;

    private static object SliceOf(SliceLine s) => new
    {
        s.Parent, currency = s.Currency.IsKnown ? s.Currency.Code : null, limitKind = s.LimitKind.ToString(), limit = s.LimitKind == LimitKind.Amount ? AccountJson.Digits(s.Limit) : null,
        slice = AccountJson.Digits(s.Slice), granted = AccountJson.Digits(s.Granted), forced = AccountJson.Digits(s.Forced), returned = AccountJson.Digits(s.Returned),
        want = AccountJson.Digits(s.Want), s.Recalled, s.Former,
    };

    private static object MemberOf(MemberLine m, string? name, int memberCount) => new
    {
        m.Customer, name, memberCount, m.ShareBp, slice = AccountJson.Digits(m.Slice), granted = AccountJson.Digits(m.Granted), forced = AccountJson.Digits(m.Forced), returned = AccountJson.Digits(m.Returned),
        use = AccountJson.Digits(m.Use), asOf = new { partition = m.AsOfPartition, seq = m.AsOfSeq }, want = AccountJson.Digits(m.Want), m.Refused, m.Recalled, m.OutsideGroup, m.Former,
    };
}
