using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>Accounts on the wire: amounts as strings of digits, dates as text.</summary>
internal static class AccountJson
{
    internal static byte[] Row(PublishedRow row, string? name) => Bytes(json => Write(json, row, name));

    internal static void Write(Utf8JsonWriter json, PublishedRow row, string? name)
    {
        json.WriteStartObject();
        json.WriteString("customer", row.Customer);
        if (name is not null) json.WriteString("name", name);
        json.WriteString("segment", row.Segment);
        json.WriteString("country", row.Country);
        json.WriteString("controller", row.Controller);
        AccountReport.Write(json, row.Figures);
        json.WriteStartObject("asOf");
        json.WriteNumber("partition", row.Partition);
        json.WriteNumber("seq", row.Figures.AsOf);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    internal static byte[] Bytes(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) write(json);
        return stream.ToArray();
    }

    internal static object Hold(string customer, HoldLine h) => new
    {
        customer,
        h.HoldId,
        h.OrderId,
        amount = Digits(h.Amount),
        h.Currency,
        state = h.State.ToString(),
        h.Forced,
        createdAt = h.CreatedAt.ToString(),
        h.RequestedBy,
        h.RequestReason,
        needs = Digits(h.Needs),
        h.Escalated,
        h.OrderVersion,
        lapsesAt = h.LapsesAt.Micros == 0 ? null : h.LapsesAt.ToString(),
        reasons = h.Reasons.Select(r => new
        {
            r.Rule, reaction = r.Reaction.ToString(), observed = Digits(r.Observed), threshold = Digits(r.Threshold), excess = Digits(r.Excess), r.Currency, r.StillValid, r.RuleVersion, r.Position,
        }),
    };

    internal static object Order(string customer, OrderLine o) => new
    {
        customer, o.OrderId, o.Currency, ordered = Digits(o.Ordered), delivered = Digits(o.Delivered), undelivered = Digits(o.Undelivered),
        deliveredNotInvoiced = Digits(o.DeliveredNotInvoiced), state = o.State.ToString(), status = o.Status.ToString(),
        shipOn = o.ShipOn == 0 ? null : Day(o.ShipOn), o.Priority, o.Version,
    };

    internal static object LimitRequest(LimitRequestLine r) => new { r.RequestId, kind = r.Kind.ToString(), amount = Digits(r.Amount), r.Currency, r.Actor, r.Reason, lapsesAt = r.LapsesAt.ToString() };

    internal static object Detail(AccountDetail d) => new
    {
        d.Customer,
        d.LimitVersion,
        orders = d.Orders.Select(o => Order(d.Customer, o)),
        items = d.Items.Select(i => new
        {
            i.ItemId, i.Currency, amount = Digits(i.Amount), open = Digits(i.Open), issuedOn = Day(i.IssuedOn), dueOn = Day(i.DueOn), disputed = Digits(i.Disputed), i.DaysPastDue, bucketSince = Day(i.BucketSince),
        }),
        credits = d.Credits.Select(c => new { c.Id, c.Kind, c.Currency, amount = Digits(c.Amount), unallocated = Digits(c.Unallocated), c.Cleared, c.Returned }),
        holds = d.Holds.Select(h => Hold(d.Customer, h)),
        reservations = d.Reservations.Select(r => new { r.ReservationId, r.OrderId, amount = Digits(r.Amount), r.Currency, expiresAt = r.ExpiresAt.ToString() }),
        limitRequests = d.LimitRequests.Select(LimitRequest),
        signals = d.Signals.Select(s => new { s.Indicator, s.About, s.Step, severity = s.Severity.ToString() }),
        residues = d.Residues.Select(r => new { name = r.Name.ToString(), r.Currency, amount = Digits(r.Amount) }),
        marks = d.Marks.Select(m => new { m.Mark, m.Document, m.Currency, amount = Digits(m.Amount) }),
        parked = d.Parked.Select(p => new { p.Type, p.EventId, p.WaitsFor, until = p.Until.ToString() }),
    };

    internal static string Digits(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Day(int day) => JsonFieldWriter.DateText(day);
}
