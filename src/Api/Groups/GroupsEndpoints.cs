using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Groups: who shares a limit, who has which slice of it, and of which moment each figure is.</summary>
internal static class GroupsEndpoints
{
    internal static void MapGroups(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/customers/{customer}/group", Roles.Readers, "The group of a customer: slices that it holds of its parents, and the members that it lends to with share, slice, use and the position that the use is as of. Members that the caller may not see count in the sums and are not listed.", async (http, caller) =>
        {
            var customer = http.Customer();
            var found = await desk.Engine.ReadAsync(desk.Engine.PartitionOf(customer), book => book.FindSlot(customer) is var slot && slot >= 0 ? (Book: true, Group: book.GroupOf(slot)) : default, http.RequestAborted);
            if (!found.Book) return Routing.UnknownCustomer(customer);
            var group = found.Group ?? new GroupDetail { ShareBp = 10_000 };
            var seen = group.Members.Where(m => desk.Sees(caller, m.Customer)).ToList();
            return Results.Json(new
            {
                customer,
                parent = Visible(desk, caller, group.Parent), askedParent = Visible(desk, caller, group.AskedParent), group.ShareBp, group.OutsideGroup,
                currency = group.Currency.IsKnown ? group.Currency.Code : null, limitKind = group.LimitKind.ToString(),
                limit = group.LimitKind == LimitKind.Amount ? AccountJson.Digits(group.Limit) : null, ownUse = AccountJson.Digits(group.OwnUse), use = AccountJson.Digits(group.Use),
                utilisationBp = group.LimitKind == LimitKind.Amount ? (long?)group.UtilisationBp : null, lent = AccountJson.Digits(group.Lent),
                pool = group.LimitKind == LimitKind.Amount ? AccountJson.Digits(group.Pool) : null,
                slices = group.Slices.Where(s => desk.Sees(caller, s.Parent)).Select(SliceOf),
                members = seen.Select(MemberOf),
                memberCount = group.Members.Count(m => !m.Former), notListed = group.Members.Count - seen.Count,
            });
        }).Fails(503).Tells(Shapes.CreditGroup);

    private static string? Visible(Desk desk, Caller caller, string customer) => customer.Length > 0 && desk.Sees(caller, customer) ? customer : null;

    private static object SliceOf(SliceLine s) => new
    {
        s.Parent, currency = s.Currency.IsKnown ? s.Currency.Code : null, limitKind = s.LimitKind.ToString(), limit = s.LimitKind == LimitKind.Amount ? AccountJson.Digits(s.Limit) : null,
        slice = AccountJson.Digits(s.Slice), granted = AccountJson.Digits(s.Granted), forced = AccountJson.Digits(s.Forced), returned = AccountJson.Digits(s.Returned),
        want = AccountJson.Digits(s.Want), s.Recalled, s.Former,
    };

    private static object MemberOf(MemberLine m) => new
    {
        m.Customer, m.ShareBp, slice = AccountJson.Digits(m.Slice), granted = AccountJson.Digits(m.Granted), forced = AccountJson.Digits(m.Forced), returned = AccountJson.Digits(m.Returned),
        use = AccountJson.Digits(m.Use), asOf = new { partition = m.AsOfPartition, seq = m.AsOfSeq }, want = AccountJson.Digits(m.Want), m.Refused, m.Recalled, m.OutsideGroup, m.Former,
    };
}
