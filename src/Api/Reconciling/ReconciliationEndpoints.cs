using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Our receivables by company against a list out of the seller's own books.</summary>
internal static class ReconciliationEndpoints
{
    /// <summary>Differences that an answer tells; the command line tells all.</summary>
    internal const int DifferencesMost = 500;

    private const int CompanyLengthMax = 64;

    internal static void MapReconciliation(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "PUT", "/reconciliation", Roles.Approver | Roles.Admin,
            "Gives the open receivables of the seller's own books, as CSV with the columns customer, company, currency, amount (a decimal), and has them compared; GET tells what came of it. One wrong row, and nothing is compared. One runs at a time. It is noted in the audit trail.",
            (http, caller) => PutAsync(desk, http, caller)).Takes(null, "text/csv").Asks(("asOf", "The moment of the list: a day (to its end, UTC) or RFC 3339; now without."), ("company", "The company of rows, and of our documents, that name none."))
            .Answers(202).Fails(409, 422, 503).Tells(ReconciliationShapes.Asked);
        api.For(desk, "GET", "/reconciliation", Roles.Readers | Roles.Admin,
            $"The last reconciliation: totals by company, and the balances that differ, the largest first, at most {DifferencesMost}; without one the state None. It stands in the memory of the process that was asked.",
            (http, caller) => GetAsync(desk, http, caller)).Tells(ReconciliationShapes.Told);
    }

    private static async Task<IResult> PutAsync(Desk desk, HttpContext http, Caller caller)
    {
        if (caller.Segments.Count > 0) return Problems.Of(403, "SCOPE", "The books are compared for the whole house; this key sees some segments only.");
        if (desk.BalanceLists is not { } lists) return Problems.Of(503, "NO_LISTS", "This service reads no lists.");
        var (told, company, now) = (http.Request.Query["asOf"].ToString(), http.Request.Query["company"].ToString(), Instant.From(desk.Time.GetUtcNow()));
        if (company.Length > CompanyLengthMax) return Problems.Of(400, "BAD_TEXT", $"?company=: expected at most {CompanyLengthMax} characters.");
        var until = AsOf.Now;
        var asOf = now.ToString();
        if (told.Length > 0)
        {
            if (ReconciliationReport.Until(told) is not { } bound) return Problems.Of(400, "BAD_TIME", "?asOf=: expected a day as yyyy-MM-dd, or RFC 3339.");
            (until, asOf) = (bound, bound.At.ToString());
        }

        if (await Desk.BodyAsync(http, Desk.EventsMax) is not { } body) return Routing.TooLarge(Desk.EventsMax);
        IReadOnlyList<ListedBalance> theirs;
        try
        {
            theirs = await Task.Run(() => lists(body, company), http.RequestAborted);
        }
        catch (InvalidDataException wrong)
        {
            return Problems.Of(422, "BAD_LIST", wrong.Message);
        }

        // Who asks is noted before anybody is answered.
        await desk.Engine.SubmitAsync(new NoteExport { What = "reconciliation", Query = $"asOf={asOf}{(company.Length > 0 ? "&company=" + company : "")}", Rows = theirs.Count, Actor = caller.Subject }, http.RequestAborted);
        var run = new ReconciliationRun(now, caller.Subject, asOf, theirs.Count);
        return desk.Reconciliation.TryBegin(run, until, theirs, company) ? Results.Json(new { state = "Running", askedAt = now.ToString(), asOf, rows = theirs.Count }, statusCode: 202)
            : Problems.Of(409, "BUSY", "Another reconciliation runs; give the list again when it has ended.");
    }

    private static async Task<IResult> GetAsync(Desk desk, HttpContext http, Caller caller)
    {
        var (last, done) = (desk.Reconciliation.Last, desk.Reconciliation.Done);
        var report = done?.Report;
        // Who is on the list alone belongs to no segment: only those see him who see the whole book.
        if (report is not null && caller.Segments.Count > 0) report = report.For(customer => desk.Engine.TryGetRow(customer, out var row) && Desk.Sees(caller, row));
        IReadOnlyDictionary<string, string> names = report is null ? new Dictionary<string, string>() : await desk.Names.OfAsync([.. report.Compared.Differences.Take(DifferencesMost).Select(d => d.Balance.Customer).Distinct()], http.RequestAborted);
        return Results.Json(new
        {
            state = last is null ? "None" : last.Failed is not null ? "Failed" : last.Report is null ? "Running" : "Done", askedAt = last?.AskedAt.ToString(), askedBy = last?.By, why = last?.Failed?.Code, whyDetail = last?.WordsFor(caller),
            baseCurrency = desk.Engine.Database.BaseCurrency, report = report?.ToJson(DifferencesMost, customer => names.GetValueOrDefault(customer)),
        });
    }

    /// <summary>What differs by company in the whole book; nothing before the first reconciliation.</summary>
    internal static void Write(StringBuilder text, Desk desk)
    {
        BookGauges.Head(text, "exposure_reconcile_difference_amount", "Our open receivables less those of the last list out of the seller's own books, by company.");
        // In a cluster the house's process has it; one that gave the house away is not to tell an older one beside it.
        foreach (var t in desk.Engine.Owns(Book.House) ? desk.Reconciliation.Done?.Report?.Compared.Totals ?? [] : [])
            BookGauges.Line(text, $"exposure_reconcile_difference_amount{{company=\"{BookGauges.Label(t.Company)}\",currency=\"{t.Currency}\"}}", t.Difference);
    }
}
