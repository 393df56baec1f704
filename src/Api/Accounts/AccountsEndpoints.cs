using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

internal static class AccountsEndpoints
{
    internal static void MapAccounts(this RouteGroupBuilder api, Desk desk)
    {
        var row = api.For(desk, "GET", "/customers/{customer}", Roles.Readers, "Exposure by component, limit, ageing.", async (http, _) =>
        {
            var customer = http.Customer();
            if (!desk.Engine.TryGetRow(customer, out var row)) return Routing.UnknownCustomer(customer);
            var etag = $"\"{row.Partition}-{row.Figures.AsOf}\"";
            http.Response.Headers.ETag = etag;
            if (Etags.Matches(http.Request.Headers.IfNoneMatch, etag)) return Results.StatusCode(304);
            return Results.Bytes(AccountJson.Row(row, await desk.Engine.Reader.PartyNameAsync(customer, http.RequestAborted)), "application/json");
        }).Fails(304).Tells(Shapes.Customer);
        row.Headers.Add(("If-None-Match", "The ETag of an earlier answer: 304 when nothing changed."));

        api.For(desk, "GET", "/customers/{customer}/documents", Roles.Readers, "Open orders, items, credits, holds, reservations, signals, residues (by what name value entered and left), marks, parked facts.", async (http, _) =>
        {
            var detail = await OrdersEndpoints.DetailAsync(desk, http.Customer(), http.RequestAborted);
            return detail is null ? Routing.UnknownCustomer(http.Customer()) : Results.Json(AccountJson.Detail(detail));
        }).Fails(503).Tells(Shapes.Documents);

        api.For(desk, "GET", "/customers/{customer}/history", Roles.Readers, "Every entry of the customer with source, position and outcome, newest first. Behind `prunedUpTo` none are left.", async (http, _) =>
        {
            var customer = http.Customer();
            if (!Desk.TryPage(http.Request.Query["limit"], 100, out var limit, out var bad)) return bad!;
            var before = (long.MaxValue, 0);
            if (http.Request.Query["cursor"].ToString() is { Length: > 0 } cursor)
            {
                if (!EntryPosition.TryParse("0-" + cursor, out var told)) return Problems.Of(400, "BAD_CURSOR", "?cursor=: expected the cursor of the page before.");
                before = (told.Seq, told.Index);
            }

            if (!desk.Engine.TryGetRow(customer, out var row)) return Routing.UnknownCustomer(customer);
            var entries = await History.OfAsync(desk.Engine.Reader, row.Partition, customer, before, limit, http.RequestAborted);
            var begins = await History.BeginsAsync(desk.Engine.Reader, row.Partition, http.RequestAborted);
            return Results.Json(new
            {
                entries = entries.Select(e => new { entry = new EntryPosition(row.Partition, e.Seq, e.Index).ToString(), e.Type, e.Document, e.EventId, e.Source, e.Stream, e.Offset, e.Time, e.Arrival, e.Outcome, e.Reason }),
                prunedUpTo = begins?.At.ToString(),
                cursor = entries.Count == limit ? string.Create(CultureInfo.InvariantCulture, $"{entries[^1].Seq}-{entries[^1].Index}") : null,
            });
        }).Pages().Tells(Shapes.History);

        api.For(desk, "GET", "/customers/{customer}/history/{entry}", Roles.Readers, "One entry with all fields of its event.", async (http, _) =>
        {
            if (!EntryPosition.TryParse(http.Request.RouteValues["entry"] as string, out var at)) return Problems.Of(400, "BAD_ENTRY", "'entry': expected partition-sequence-index, such as 3-1200-0.");
            if (at.Partition != desk.Engine.PartitionOf(http.Customer()) || await History.EntryAsync(desk.Engine.Reader, at, http.RequestAborted) is not { } found || found.Fact.Customer != http.Customer())
                return Problems.Of(404, "NO_ENTRY", $"The customer has no entry {at}.");
            return Results.Bytes(EntryJson.Of(desk.Decoder, at, found.Line, found.Fact), "application/json");
        }).Fails(410).Tells(Shapes.Entry);

        api.For(desk, "GET", "/customers/{customer}/history/{entry}/effect", Roles.Readers, "The figures of the customer before an entry and behind it, rebuilt from the journal: what the event moved.", async (http, _) =>
        {
            if (!EntryPosition.TryParse(http.Request.RouteValues["entry"] as string, out var at)) return Problems.Of(400, "BAD_ENTRY", "'entry': expected partition-sequence-index, such as 3-1200-0.");
            if (at.Partition != desk.Engine.PartitionOf(http.Customer()) || await History.EntryAsync(desk.Engine.Reader, at, http.RequestAborted) is not { } found || found.Fact.Customer != http.Customer()
                || await AsOf.AroundAsync(desk.Engine.Reader, desk.Engine.Database, at, http.Customer(), http.RequestAborted) is not { } around)
                return Problems.Of(404, "NO_ENTRY", $"The customer has no entry {at}.");
            return Results.Text($"{{\"before\":{(around.Before is { } before ? AccountReport.Of(before, around.Today) : "null")},\"after\":{AccountReport.Of(around.After, around.Today)}}}", "application/json");
        }).Fails(410).Tells(Shapes.Effect);

        api.For(desk, "GET", "/customers/{customer}/as-of", Roles.Readers, "Exposure at a past instant or journal sequence.", async (http, _) =>
        {
            var customer = http.Customer();
            var until = AsOf.Until(http.Request.Query["at"], http.Request.Query["seq"]);
            if (until is null) return Problems.Of(400, "BAD_TIME", "Give ?at= (RFC 3339) or ?seq= (a sequence of the customer's partition).");
            var book = await AsOf.BookAsync(desk.Engine.Reader, desk.Engine.Database, desk.Engine.PartitionOf(customer), until, http.RequestAborted);
            var slot = book.FindSlot(customer);
            if (slot < 0) return Problems.Of(404, "UNKNOWN_CUSTOMER", $"No customer '{customer}' at that moment.");
            return Results.Text(AccountReport.Of(book.Figures(slot), book.Today), "application/json");
        }).Asks(("at", "A past instant, RFC 3339, by arrival."), ("seq", "A past sequence of the partition.")).Fails(410).Tells(Shapes.Past);
    }
}

/// <summary>Entity tags: what a caller saw, compared with what stands.</summary>
internal static class Etags
{
    internal static bool Matches(Microsoft.Extensions.Primitives.StringValues told, string etag) =>
        told.ToString().Split(',', StringSplitOptions.TrimEntries).Any(t => t == "*" || t == etag || t == "W/" + etag);
}
