using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Letters for many customers in one go: reminders for whoever is late, or due soon, and statements of a month or a quarter for whoever reads letters.</summary>
internal static class LetterRuns
{
    private const int Most = 200;

    private sealed record Asked(string Kind = "dunning", DateOnly? From = null, DateOnly? To = null, bool DueSoon = false, string? After = null);

    internal static void Map(RouteGroupBuilder api, Desk desk) => api.For(desk, "POST", "/letter-runs", Roles.Desk,
        $"Drafts reminders for everybody who is overdue (dueSoon: or owes anything), or statements of a period for everybody who reads letters; {Most} customers at most, and next is the after of the run that goes on. What asks for a call, a visit or a lawyer is told as a task.",
        (http, caller) => RunAsync(desk, http, caller)).Takes(new RunBody()).Commands().Answers(202).Tells(LetterShapes.Run);

    private static async Task<IResult> RunAsync(Desk desk, HttpContext http, Caller caller)
    {
        var (asked, misread) = await http.AskedAsync<Asked>("BAD_BODY", "{kind?, from?, to?, dueSoon?, after?}", empty: new Asked());
        if (asked is null) return misread!;
        if (Desk.BadKey(http, out var key) is { } missing) return missing;
        if (LettersEndpoints.BadKind(asked.Kind, asked.From, asked.To) is { } bad) return bad;
        if (LettersEndpoints.NoWay(desk) is { } nothing) return nothing;
        var today = await LettersEndpoints.TodayAsync(desk, http.RequestAborted);
        if (asked.To is { } last && last.DayNumber > today) return Problems.Of(400, "BAD_PERIOD", "$.to: the period is not over yet.");
        var (chosen, wrong) = await CustomersAsync(desk, asked, caller, http.RequestAborted);
        if (wrong is not null) return wrong;
        // In one order, so that the next run goes on where this one ends, whatever has come about meanwhile.
        var customers = chosen.Where(c => asked.After is null || string.CompareOrdinal(c, asked.After) > 0).Order(StringComparer.Ordinal).Take(Most + 1).ToList();
        var next = customers.Count > Most ? customers[Most - 1] : null;
        if (next is not null) customers.RemoveAt(Most);
        var drafting = new LetterDrafting(desk.Alerts!.Collections, today);
        var (drafts, tasks, left) = (new List<object>(), new List<DunningTask>(), new List<object>());
        // What lies in one frame is read once for all of them.
        foreach (var group in customers.GroupBy(desk.Engine.PartitionOf))
        {
            var looked = new List<AccountDetail>();
            foreach (var customer in group)
                if (await OrdersEndpoints.DetailAsync(desk, customer, http.RequestAborted) is { } known) looked.Add(known);
            var facts = await LettersEndpoints.FactsAsync(desk, group.Key, looked, http.RequestAborted);
            foreach (var detail in looked)
            {
                var (customer, ledger) = (detail.Customer, CustomerLedger.Of(facts[detail.Customer]));
                var contact = await LetterCourier.ContactAsync(desk, customer, http.RequestAborted);
                var (language, id) = (contact?.Language ?? Language.English, LettersEndpoints.IdOf(caller, customer, key));
                var drafted = asked.Kind == "dunning" ? drafting.Dunning(customer, ledger, detail, facts[customer], language, id)
                    : drafting.Statements(customer, ledger, detail, asked.From!.Value.DayNumber, asked.To!.Value.DayNumber, language, id);
                tasks.AddRange(drafted.Tasks);
                if (drafted.Reason.Length > 0) left.Add(new { customer, reason = drafted.Reason, detail = drafted.Detail });
                else if (drafted.Letters.Count > 0 && contact is null) left.Add(new { customer, reason = "NO_CONTACT", detail = "Nobody reads the customer's letters yet." });
                else
                {
                    foreach (var letter in drafted.Letters)
                        if (await LettersEndpoints.KeepAsync(desk, caller, letter, key, http.RequestAborted) is null) drafts.Add(await LettersEndpoints.ShownAsync(desk, letter, contact!, http.RequestAborted));
                }
            }
        }

        return Results.Json(new { customers = customers.Count, drafts, tasks = tasks.Select(LettersEndpoints.Task), left, next }, statusCode: 202);
    }

    /// <summary>Whom the run is about, as far as the caller sees them: who is late, who owes anything, or who reads letters.</summary>
    private static async Task<(IEnumerable<string> Customers, IResult? Wrong)> CustomersAsync(Desk desk, Asked asked, Caller caller, CancellationToken cancel)
    {
        if (asked.Kind == "statement")
        {
            var readers = desk.SignIn?.Notes is { } notes ? await notes.DeskNotesAsync(LetterCourier.Contact, cancel) : [];
            return (readers.Select(n => n.Id).Where(c => desk.Engine.TryGetRow(c, out var row) && Desk.Sees(caller, row)).ToList(), null);
        }

        var bands = await desk.Bands.GetAsync(cancel);
        if (!BoardFilter.TryRead(new QueryCollection(), caller, out var all, out var wrong)) return ([], wrong);
        return (all.Rows(desk.Engine, bands).Where(r => (r.Figures.Overdue > 0 || (asked.DueSoon && r.Figures.OpenItems > 0)) && Desk.Sees(caller, r)).Select(r => r.Customer).ToList(), null);
    }

    private sealed class RunBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Text(1, "kind", "", lengthMax: 16);
            v.Date(2, "from", 0, optional: true);
            v.Date(3, "to", 0, optional: true);
            v.Flag(4, "dueSoon", false);
            v.Text(5, "after", "", lengthMax: 64);
        }
    }
}
