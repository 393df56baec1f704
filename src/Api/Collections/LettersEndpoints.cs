using System.Globalization;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Statements of account and reminders: one person drafts, another approves, and then they go out by the channel of letters.</summary>
internal static class LettersEndpoints
{
    private sealed record Asked(string Kind, DateOnly? From = null, DateOnly? To = null);

    internal static void MapLetters(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "POST", "/customers/{customer}/letters", Roles.Desk, "Drafts a reminder (kind dunning) of what is due today, or a statement of account (kind statement, from, to); another person approves it at /proposals, and it goes to the customer's contact.",
            (http, caller) => DraftAsync(desk, http, caller)).Takes(new LetterBody()).Commands().Answers(202).Tells(LetterShapes.Drafts);
        LetterRuns.Map(api, desk);
        api.For(desk, "GET", "/customers/{customer}/letters", Roles.Readers, "Letters that were approved, with what became of each on its way.", (http, _) => ListAsync(desk, http)).Tells(LetterShapes.Letters);
        api.For(desk, "GET", "/customers/{customer}/contact", Roles.Desk | Roles.Auditor, "Who reads the customer's letters; nothing while nobody does.", async (http, _) =>
        {
            var contact = await LetterCourier.ContactAsync(desk, http.Customer(), http.RequestAborted);
            return Results.Json(new { email = contact?.Email, name = contact?.Name, language = contact is null ? null : contact.Language == Language.Chinese ? "zh" : "en" });
        }).Fails(503).Tells(LetterShapes.Contact);
        api.For(desk, "PUT", "/customers/{customer}/contact", Roles.Desk, "Sets who reads the customer's letters.", (http, _) => PutContactAsync(desk, http)).Takes(new ContactBody()).Answers(204).Fails(404, 422, 503);
        api.For(desk, "DELETE", "/customers/{customer}/contact", Roles.Desk, "Forgets who reads the customer's letters.", async (http, _) =>
        {
            if (desk.SignIn?.Notes is { } notes) await notes.DropNoteAsync(LetterCourier.Contact, http.Customer(), http.RequestAborted);
            return Results.NoContent();
        }).Answers(204).Fails(503);
        CollectionsEndpoints.Map(api, desk);
    }

    /// <summary>The ledger of a customer with what it is made of.</summary>
    internal static async Task<(CustomerLedger Ledger, IReadOnlyList<Fact> Facts, AccountDetail Detail, int Today)?> LedgerAsync(Desk desk, string customer, CancellationToken cancel)
    {
        if (await OrdersEndpoints.DetailAsync(desk, customer, cancel) is not { } detail) return null;
        var facts = (await FactsAsync(desk, desk.Engine.PartitionOf(customer), [detail], cancel))[customer];
        return (CustomerLedger.Of(facts), facts, detail, await TodayAsync(desk, cancel));
    }

    /// <summary>What the journal has of some customers of a partition up to the moment at which they were looked at, so that both can be compared.</summary>
    internal static Task<IReadOnlyDictionary<string, List<Fact>>> FactsAsync(Desk desk, int partition, IEnumerable<AccountDetail> looked, CancellationToken cancel) =>
        CustomerFacts.OfAsync(desk.Engine.Reader, partition, looked.ToDictionary(d => d.Customer, d => (d.NewestSeq, d.NewestIndex), StringComparer.Ordinal), cancel);

    internal static Task<int> TodayAsync(Desk desk, CancellationToken cancel) =>
        desk.Engine.ReadAsync(Book.House, book => book.Context.Today > 0 ? book.Context.Today : DateOnly.FromDateTime(DateTime.UnixEpoch.AddTicks(book.StreamTime.Micros * TimeSpan.TicksPerMicrosecond)).DayNumber, cancel);

    private static async Task<IResult> DraftAsync(Desk desk, HttpContext http, Caller caller)
    {
        var (asked, misread) = await http.AskedAsync<Asked>("BAD_BODY", "{kind, from?, to?}");
        if (asked is null) return misread!;
        if (Desk.BadKey(http, out var key) is { } missing) return missing;
        if (BadKind(asked.Kind, asked.From, asked.To) is { } bad) return bad;
        if (NoWay(desk) is { } nothing) return nothing;
        var customer = http.Customer();
        if (await LedgerAsync(desk, customer, http.RequestAborted) is not { } known) return Routing.UnknownCustomer(customer);
        if (asked.To is { } last && last.DayNumber > known.Today) return Problems.Of(400, "BAD_PERIOD", "$.to: the period is not over yet.");
        if (await LetterCourier.ContactAsync(desk, customer, http.RequestAborted) is not { } contact) return Problems.Of(422, "NO_CONTACT", $"Nobody reads the letters of '{customer}' yet; PUT /customers/{customer}/contact first.");
        var drafting = new LetterDrafting(desk.Alerts!.Collections, known.Today);
        var drafted = asked.Kind == "dunning"
            ? drafting.Dunning(customer, known.Ledger, known.Detail, known.Facts, contact.Language, IdOf(caller, customer, key))
            : drafting.Statements(customer, known.Ledger, known.Detail, asked.From!.Value.DayNumber, asked.To!.Value.DayNumber, contact.Language, IdOf(caller, customer, key));
        if (drafted.Reason.Length > 0) return Problems.Of(422, drafted.Reason, drafted.Detail);
        if (drafted.Letters.Count == 0 && drafted.Tasks.Count == 0) return Problems.Of(422, "NOTHING_DUE", asked.Kind == "dunning" ? "No item of the customer is due for a reminder today." : "Nothing moved in that period, and nothing stands open.");
        var kept = new List<object>();
        foreach (var letter in drafted.Letters)
        {
            if (await KeepAsync(desk, caller, letter, key, http.RequestAborted) is { } refused) return refused;
            kept.Add(await ShownAsync(desk, letter, contact, http.RequestAborted));
        }

        return Results.Json(new { drafts = kept, tasks = drafted.Tasks.Select(Task) }, statusCode: 202);
    }

    private static async Task<IResult> ListAsync(Desk desk, HttpContext http)
    {
        if (desk.Alerts is not { } house) return Results.Json(new { letters = Array.Empty<object>() });
        var letters = new List<(AlertRow Row, Letter Letter)>();
        foreach (var rule in (string[])[Rules.Dunning, Rules.Statement])
        {
            foreach (var row in await house.Store.AlertsAsync(new AlertQuery { Customer = http.Customer(), Rule = rule, Limit = 200 }, http.RequestAborted))
                if (AlertHouse.AlertOf(row).Letter is { } letter) letters.Add((row, letter));
        }

        var records = (await house.Store.DeliveriesOfAsync([.. letters.Select(l => l.Row.Id)], http.RequestAborted)).ToLookup(d => d.Alert, StringComparer.Ordinal);
        return Results.Json(new
        {
            letters = letters.OrderByDescending(l => l.Row.RaisedAt.Micros).Select(l => new
            {
                l.Letter.Id, kind = l.Letter.Kind.ToString(), l.Letter.Level, l.Letter.Currency, total = AccountJson.Digits(l.Letter.Total), on = JsonFieldWriter.DateText(l.Letter.On), items = l.Letter.Lines.Select(i => i.DocumentId),
                approvedBy = AlertHouse.AlertOf(l.Row).Actor, state = records[l.Row.Id].FirstOrDefault()?.State.ToString() ?? "", answer = records[l.Row.Id].FirstOrDefault()?.Answer ?? "", at = l.Row.RaisedAt.ToString(),
            }),
        });
    }

    private static async Task<IResult> PutContactAsync(Desk desk, HttpContext http)
    {
        var (asked, misread) = await http.AskedAsync<ContactAsked>("BAD_CONTACT", "{email, name?, language?}", 8_192);
        if (asked is null) return misread!;
        if (desk.SignIn?.Notes is not { } notes) return Problems.Of(422, "NO_NOTES", "This service keeps no notes.");
        if (!desk.Engine.TryGetRow(http.Customer(), out _)) return Routing.UnknownCustomer(http.Customer());
        if (!MailAddresses.IsOne(asked.Email)) return Problems.Of(400, "BAD_CONTACT", "$: expected {email, name?, language?}; the e-mail is one address such as payables@example.com.");
        if (asked.Language is not (null or "en" or "zh") || asked.Name is { Length: > 200 }) return Problems.Of(400, "BAD_CONTACT", "$.language: expected en or zh; $.name: at most 200 characters.");
        var contact = new LetterContact(asked.Email, asked.Name ?? "", asked.Language == "zh" ? Language.Chinese : Language.English);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var before = await notes.NoteAsync(LetterCourier.Contact, http.Customer(), http.RequestAborted);
            if (await notes.PutNoteAsync(new DeskNote(LetterCourier.Contact, http.Customer(), before?.Version ?? 0, JsonSerializer.Serialize(contact)), http.RequestAborted))
            {
                // A letter may have waited for its reader.
                await desk.ResumeAsync(http.RequestAborted);
                return Results.NoContent();
            }
        }

        return Problems.Of(409, "OVERTAKEN", "Somebody else was faster; look again.");
    }

    private sealed record ContactAsked(string Email, string? Name = null, string? Language = null);

    /// <summary>What is wrong about a kind of letter and its period; <c>null</c> for nothing.</summary>
    internal static IResult? BadKind(string? kind, DateOnly? from, DateOnly? to) => kind is not ("dunning" or "statement") ? Problems.Of(400, "BAD_KIND", "$.kind: expected dunning or statement.")
        : kind == "statement" && (from is null || to is null || to < from) ? Problems.Of(400, "BAD_PERIOD", "$.from, $.to: a statement has a first and a last day.") : null;

    internal static async Task<IResult?> KeepAsync(Desk desk, Caller caller, Letter letter, string key, CancellationToken cancel)
    {
        var id = ProposalDesk.IdOf(caller, ProposalKind.Letter, letter.Id, key);
        // The same key again is the same draft, whatever has moved since: it is what was shown.
        if (await desk.Proposals.FindAsync(id, cancel) is not null) return null;
        var json = letter.ToJson();
        var answer = await desk.Proposals.MakeAsync(id, ProposalKind.Letter, letter.Customer, json, Hashing.XxHash64(Encoding.UTF8.GetBytes(json)), caller.Subject, cancel);
        return answer.Outcome.Kind is OutcomeKind.Applied or OutcomeKind.Duplicate ? null : Problems.Of(answer.Outcome);
    }

    internal static async Task<object> ShownAsync(Desk desk, Letter letter, LetterContact contact, CancellationToken cancel)
    {
        var name = contact.Name.Length > 0 ? contact.Name : await desk.Engine.Reader.PartyNameAsync(letter.Customer, cancel) ?? letter.Customer;
        var text = LetterText.Of(letter, name);
        return new
        {
            id = letter.Id, customer = letter.Customer, kind = letter.Kind.ToString(), level = letter.Level, currency = letter.Currency, total = AccountJson.Digits(letter.Total), to = contact.Email, subject = text.Subject, text = text.Plain,
            items = letter.Lines.Select(l => l.DocumentId),
        };
    }

    internal static object Task(DunningTask t) => new { t.Customer, item = t.ItemId, t.Level, t.Channel, t.DaysPastDue, t.Currency, open = AccountJson.Digits(t.Open) };

    internal static Func<string, string> IdOf(Caller caller, string customer, string key) => what =>
        $"{what}-{Hashing.Text(key, Hashing.Text(customer, Hashing.Text(caller.Subject, 23))).ToString("x16", CultureInfo.InvariantCulture)}";

    internal static IResult? NoWay(Desk desk) => desk.Alerts is not { } house ? AlertActs.NoChannels()
        : house.LetterChannel is null ? Problems.Of(422, "NO_LETTERS", "No channel carries letters: write `letters: NAME` of an e-mail channel into the file of channels.") : null;

    private sealed class LetterBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Text(1, "kind", "", optional: false, lengthMax: 16);
            v.Date(2, "from", 0, optional: true);
            v.Date(3, "to", 0, optional: true);
        }
    }

    private sealed class ContactBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Text(1, "email", "", optional: false, lengthMax: 320);
            v.Text(2, "name", "", lengthMax: 200);
            v.Text(3, "language", "", lengthMax: 2);
        }
    }
}
