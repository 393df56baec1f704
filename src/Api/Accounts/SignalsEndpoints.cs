using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>The standing signals of a customer, each down to the events that made it.</summary>
public static class SignalReport
{
    /// <summary>One explained signal as it goes out; amounts and figures as digits, in the unit that is named.</summary>
    /// <param name="was">The value when it was raised the time before, as far as that is known.</param>
    public static object Of(SignalExplanation e, string? was = null)
    {
        ArgumentNullException.ThrowIfNull(e);
        return new
        {
            e.Signal.SignalId, e.Signal.Indicator, e.Signal.About, e.Signal.Step, severity = e.Signal.Severity.ToString(),
            raisedOn = e.Signal.RaisedOn == 0 ? null : JsonFieldWriter.DateText(e.Signal.RaisedOn), raisedAt = e.Signal.RaisedAt,
            condition = e.Condition is not { } c ? null : new
            {
                observed = Digits(c.Observed), threshold = Digits(c.Threshold), unit = SignalUnits.Of(e.Signal.Indicator, c.Moved), step = c.Step, severity = c.Severity.ToString(), moved = Digits(c.Moved), ruleVersion = c.RuleVersion,
                baselineCount = c.BaselineCount, baselineMedian = Digits(c.BaselineMedian), baselineMad = Digits(c.BaselineMad),
            },
            was, clears = e.Condition?.Clears ?? "", clearsZh = e.Condition is { } told ? ClearWords.InChinese(told.Clears) : "",
            events = e.Events.Select(s => new { entry = s.At.ToString(), s.EventId, s.Source, s.Type, time = s.Time.ToString(), s.Document }),
            eventsCut = e.IsCut,
        };
    }

    private static string Digits(long value) => value.ToString(CultureInfo.InvariantCulture);
}

internal static class SignalsEndpoints
{
    /// <summary>The newest times that something was raised, which are looked at for how a value moved.</summary>
    private const int RaisedMost = 500;

    internal static void MapSignals(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/customers/{customer}/signals", Roles.Readers,
            "The standing signals of the customer, now or as of the past: condition with figures and the value when it was raised the time before, version of the rules, what would clear it, and at most ten events that made it.", async (http, _) =>
            {
                var (customer, cancel) = (http.Customer(), http.RequestAborted);
                var partition = desk.Engine.PartitionOf(customer);
                AccountDetail? detail;
                var isPast = http.Request.Query.ContainsKey("at") || http.Request.Query.ContainsKey("seq");
                if (isPast)
                {
                    if (AsOf.Until(http.Request.Query["at"], http.Request.Query["seq"]) is not { } until) return Problems.Of(400, "BAD_TIME", "Give ?at= (RFC 3339) or ?seq= (a sequence of the customer's partition).");
                    var book = await AsOf.BookAsync(desk.Engine.Reader, desk.Engine.Database, partition, until, cancel);
                    detail = book.FindSlot(customer) is >= 0 and var slot ? book.Detail(slot) : null;
                }
                else
                {
                    detail = await OrdersEndpoints.DetailAsync(desk, customer, cancel);
                }

                if (detail is null) return Routing.UnknownCustomer(customer);
                var explained = await SignalExplanations.OfAsync(desk.Engine.Reader, partition, detail, cancel);
                var raised = isPast || explained.Count == 0 ? [] : await desk.Engine.Reader.RowsAsync(new RowQuery { Table = RowTable.Signal, Customer = customer, Kind = SignalChanged.Raised, Limit = RaisedMost }, cancel);
                return Results.Json(new { customer, signals = explained.Select(e => SignalReport.Of(e, WarningsEndpoints.ValueOf(Before(e.Signal.SignalId)))) });

                // The newest one in front: behind the standing one stands the time before, at whichever step.
                JournalRow? Before(string signal) => raised.SkipWhile(r => r.Subject != signal).Skip(1).FirstOrDefault(r => WarningsEndpoints.AboutOf(r.Subject) == WarningsEndpoints.AboutOf(signal));
            }).Asks(("at", "A past instant, RFC 3339, by arrival."), ("seq", "A past sequence of the partition.")).Fails(410, 503).Tells(Shapes.ExplainedSignals);
}
