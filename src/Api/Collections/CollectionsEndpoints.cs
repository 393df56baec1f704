using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>
/// What customers answer: promises, plans, and what they say to a statement. Each becomes an event of the customer's account, with the
/// person who took it down in its note; a system sends the same events to /events.
/// </summary>
internal static class CollectionsEndpoints
{
    private const int LinesMax = 5_000;

    private const int PaymentDays = 90, PaymentDaysMost = 730;

    private sealed record Theirs(string Document, DateOnly On, string Amount);

    private sealed record Upload(IReadOnlyList<Theirs> Lines);

    internal static void Map(RouteGroupBuilder api, Desk desk)
    {
        Say("/customers/{customer}/promises", new PromiseMade(), "Takes a promise to pay down.");
        Say("/customers/{customer}/promises/{promise}/withdrawals", new PromiseWithdrawn(), "The promise no longer stands.", ("promise", "promiseId"));
        Say("/customers/{customer}/plans", new PlanAgreed(), "Takes a payment plan over named items down.");
        Say("/customers/{customer}/plans/{plan}/ends", new PlanEnded(), "Ends a payment plan.", ("plan", "planId"));
        Say("/customers/{customer}/statements/{statement}/answers", new StatementAnswered(), "Takes the answer to a statement of account down.", ("statement", "statementId"));
        api.For(desk, "POST", "/customers/{customer}/statements/{statement}/ledger", Roles.Desk, "Compares the customer's own ledger with a statement: by document number, then by amount, currency and a date within five days. What differs is his answer.",
            (http, caller) => CompareAsync(desk, http, caller)).Takes(new UploadBody()).Commands().Tells(LetterShapes.Compared);
        api.For(desk, "GET", "/customers/{customer}/promises", Roles.Readers, "Promises with what became of them: kept with 95 % of the amount by the day and two more.", async (http, _) =>
            await LettersEndpoints.LedgerAsync(desk, http.Customer(), http.RequestAborted) is { } known
                ? Results.Json(new
                {
                    promises = known.Ledger.Promised.Select(p => new
                    {
                        p.PromiseId, amount = AccountJson.Digits(p.Amount), currency = p.Currency.Code, madeOn = JsonFieldWriter.DateText(p.MadeOn), promisedOn = JsonFieldWriter.DateText(p.PromisedOn), p.Items, p.MadeBy, state = p.StateAt(known.Ledger, known.Today).ToString(),
                    }),
                })
                : Routing.UnknownCustomer(http.Customer())).Fails(503).Tells(LetterShapes.Promises);
        api.For(desk, "GET", "/customers/{customer}/payments", Roles.Readers, $"Payments that came, and those that were returned, within some days, the newest first; of both the amount that the ledger has.", async (http, _) =>
        {
            if (!Desk.TryPage(http.Request.Query["days"], PaymentDays, out var days, out var bad, PaymentDaysMost, "days")) return bad!;
            if (await LettersEndpoints.LedgerAsync(desk, http.Customer(), http.RequestAborted) is not { } known) return Routing.UnknownCustomer(http.Customer());
            return Results.Json(new
            {
                since = JsonFieldWriter.DateText(known.Today - days),
                payments = known.Ledger.Lines.Where(l => l.Kind is LedgerKind.Payment or LedgerKind.PaymentReturned && l.On > known.Today - days).OrderByDescending(l => l.On).Select(l => new
                {
                    paymentId = l.DocumentId, on = JsonFieldWriter.DateText(l.On), isReturned = l.Kind == LedgerKind.PaymentReturned, amount = AccountJson.Digits(Math.Abs(l.Amount)), currency = l.Currency.Code,
                }),
            });
        }).Asks(("days", $"How far back, 1 to {PaymentDaysMost}; {PaymentDays} without.")).Fails(503).Tells(LetterShapes.Payments);
        api.For(desk, "GET", "/customers/{customer}/statements", Roles.Readers, "Statements that went out, with the answer to each.", async (http, _) =>
            await LettersEndpoints.LedgerAsync(desk, http.Customer(), http.RequestAborted) is { } known
                ? Results.Json(new
                {
                    statements = known.Ledger.Statements.Select(s => new
                    {
                        s.Statement.StatementId, from = JsonFieldWriter.DateText(s.Statement.PeriodFrom), to = JsonFieldWriter.DateText(s.Statement.PeriodTo), currency = s.Statement.Currency.Code, opening = AccountJson.Digits(s.Statement.Opening), closing = AccountJson.Digits(s.Statement.Closing),
                        answer = s.Answer?.Answer.ToString() ?? "None", differences = (s.Answer?.Differences ?? []).Select(d => new { d.DocId, ours = AccountJson.Digits(d.Ours), theirs = AccountJson.Digits(d.Theirs) }),
                    }),
                })
                : Routing.UnknownCustomer(http.Customer())).Fails(503).Tells(LetterShapes.Statements);

        void Say(string pattern, Fact body, string summary, (string Route, string Field)? id = null) => api.For(desk, "POST", pattern, Roles.Desk, summary, async (http, caller) =>
        {
            if (await Desk.BodyAsync(http, Desk.CommandMax) is not { } told) return Routing.TooLarge(Desk.CommandMax);
            JsonObject? data;
            try
            {
                data = told.Length == 0 ? [] : JsonNode.Parse(told, documentOptions: new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false }) as JsonObject;
            }
            catch (JsonException)
            {
                data = null;
            }

            if (data is null) return Problems.Of(400, "NOT_JSON", "$: expected a JSON object.");
            if (id is { } named)
            {
                if (http.IdOf(named.Route) is not { } value) return Routing.BadId(named.Route);
                if (data.ContainsKey(named.Field)) return Problems.Of(400, "UNKNOWN_MEMBER", $"$.{named.Field}: the address says it.");
                data[named.Field] = value;
            }

            return await TellAsync(desk, http, caller, FactCatalogue.WireTypeOf(body), data);
        }).Takes(id is { } left ? new Without(body, left.Field) : body).Commands().Tells(Shapes.Commanded);
    }

    /// <summary>One event of the desk, once per idempotency key.</summary>
    private static async Task<IResult> TellAsync(Desk desk, HttpContext http, Caller caller, string type, JsonObject data, Func<IResult>? done = null)
    {
        if (Desk.BadKey(http, out var key) is { } missing) return missing;
        var customer = http.Customer();
        if (!desk.Engine.TryGetRow(customer, out _)) return Routing.UnknownCustomer(customer);
        data["note"] = $"taken down by {caller.Subject}";
        var wire = new JsonObject
        {
            // The id follows from who says what under which key: the same request again is the same event.
            ["specversion"] = "1.0", ["id"] = "desk:" + Hashing.Text(key, Hashing.Text(customer, Hashing.Text(caller.Subject, 29))).ToString("x16", CultureInfo.InvariantCulture), ["source"] = "desk", ["type"] = type, ["subject"] = customer,
            ["time"] = desk.Proposals.Now.ToString(), ["data"] = data,
        };
        var fact = desk.Decoder.Decode(Encoding.UTF8.GetBytes(wire.ToJsonString()), default);
        if (fact is UndecodableRecord bad) return Problems.Of(400, bad.Reason, bad.Detail.Replace("$.data", "$", StringComparison.Ordinal));
        var answer = await desk.Engine.SubmitAsync(fact, http.RequestAborted);
        return answer.Outcome.Kind switch
        {
            OutcomeKind.Applied or OutcomeKind.Duplicate or OutcomeKind.Parked => done is null ? Results.Bytes(AnswerJson.Of(new Answer(Outcome.Applied, answer.At, [])), "application/json") : done(),
            OutcomeKind.ConflictingDuplicate => Desk.Reused(),
            _ => Problems.Of(answer.Outcome),
        };
    }

    private static async Task<IResult> CompareAsync(Desk desk, HttpContext http, Caller caller)
    {
        var (upload, misread) = await http.AskedAsync<Upload>("BAD_LEDGER", "{lines: [{document, on, amount}]}", Desk.EventsMax);
        if (upload is null) return misread!;
        if (http.IdOf("statement") is not { } id) return Routing.BadId("statement");
        if (upload is not { Lines.Count: > 0 and <= LinesMax }) return Problems.Of(400, "BAD_LEDGER", $"$.lines: expected 1 to {LinesMax} lines.");
        if (await LettersEndpoints.LedgerAsync(desk, http.Customer(), http.RequestAborted) is not { } known) return Routing.UnknownCustomer(http.Customer());
        if (known.Ledger.Statements.FirstOrDefault(s => s.Statement.StatementId == id).Statement is not { } sent) return Problems.Of(404, "NO_STATEMENT", $"No statement '{id}' went to the customer.");
        var theirs = new List<TheirLine>();
        for (var i = 0; i < upload.Lines.Count; i++)
        {
            var line = upload.Lines[i];
            if (!long.TryParse(line.Amount, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var amount) || amount is 0 or > 1_000_000_000_000_000 or < -1_000_000_000_000_000) return Problems.Of(400, "BAD_LEDGER", $"$.lines[{i}].amount: expected minor units as digits, such as \"125000\"; what was paid is below zero.");
            theirs.Add(new TheirLine(line.Document, line.On.DayNumber, amount, sent.Currency));
        }

        var compared = LedgerMatch.Compare(AccountStatement.Of(known.Ledger, sent.Currency, sent.PeriodFrom, sent.PeriodTo).Lines, theirs);
        var data = new JsonObject
        {
            ["statementId"] = id, ["answer"] = compared.Answer.ToString(),
            // A document that is theirs alone may have any number: what is no id of ours is told in the answer and not in the event.
            ["differences"] = new JsonArray([.. compared.Differences.Where(d => Ids.IsValid(d.DocId)).Take(500).Select(d => (JsonNode)new JsonObject { ["docId"] = d.DocId, ["ours"] = AccountJson.Digits(d.Ours), ["theirs"] = AccountJson.Digits(d.Theirs) })]),
        };
        return await TellAsync(desk, http, caller, FactCatalogue.WireTypeOf(new StatementAnswered()), data, () => Results.Json(new
        {
            answer = compared.Answer.ToString(), compared.Matched, differences = compared.Differences.Select(d => new { document = d.DocId, ours = AccountJson.Digits(d.Ours), theirs = AccountJson.Digits(d.Theirs) }),
        }));
    }

    /// <summary>The fields of a fact without the one that the address names.</summary>
    internal sealed class Without(Fact fact, string name) : IDescribed
    {
        internal string Field => name;

        public void Describe(FieldVisitor v) => fact.Describe(v);
    }

    private sealed class UploadBody : IDescribed
    {
        public void Describe(FieldVisitor v) => v.Items(1, "lines", [new UploadLine()], optional: false);
    }

    private sealed class UploadLine : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Text(1, "document", "", optional: false);
            v.Date(2, "on", 0);
            v.Text(3, "amount", "", optional: false, lengthMax: 20);
        }
    }
}
