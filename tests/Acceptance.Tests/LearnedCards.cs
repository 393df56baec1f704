using System.Text.Json;
using ExposureMonitor.Score;
using ExposureMonitor.Storage.Tests;
using Xunit;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary><c>exposure learn</c> on the service's own journal.</summary>
[Collection(ServerCollection.Name)]
public sealed class LearnedCards(PostgreSqlServer server)
{
    private static readonly string[] Told = ["--map", "customer=customer", "document=invoice", "issued=issued", "due=due", "settled=settled", "amount=amount", "currency=currency"];

    /// <summary>The journal knows what the ledger knew: the cards are the same to the last byte, whichever clock the database has, and beside a service that runs on it.</summary>
    [Fact]
    public async Task Cards_from_a_journal_are_those_from_its_ledger()
    {
        using var work = new Workplace();
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "book.csv"), Ledger());
        var ledger = await JsonAsync(work, ["learn", "book.csv", "--out", "ledger", "--json", .. Told]);
        Assert.Equal(4, ledger.GetProperty("cards").GetArrayLength());
        foreach (var clock in (string[])["events", "wall"])
        {
            var database = clock + ".db";
            await JsonAsync(work, ["import", "ledger", "book.csv", "--db", database, "--clock", clock, "--json", .. Told]);
            var learned = await JsonAsync(work, "learn", "--db", database, "--out", clock, "--json");
            Same(ledger, learned);
            Assert.Equal(clock == "wall", learned.GetProperty("remarks").EnumerateArray().Any(r => r.GetString()!.Contains("were loaded as a past", StringComparison.Ordinal)));
        }

        var (service, url, keys) = await ExposureProcess.ServeAsync(work.Folder, Path.Combine(work.Folder, "wall.db"));
        using (service)
        {
            Same(ledger, await JsonAsync(work, "learn", "--db", "wall.db", "--out", "beside", "--json"));
            await ExplainAsync(work, Versions(ledger));
            await UseAsync(work, url, keys);
        }
    }

    /// <summary>A score is told with its card, factors and points, and each fact is an entry of the journal that is what it says.</summary>
    private static async Task ExplainAsync(Workplace work, List<string> versions)
    {
        var customer = (await JsonAsync(work, "show", "--db", "wall.db", "--json")).EnumerateArray().First(c => c.GetProperty("openItemCount").GetInt32() > 0).GetProperty("customer").GetString()!;
        var score = await JsonAsync(work, "show", customer, "--score", "--cards", "wall", "--db", "wall.db", "--json");
        var open = score.GetProperty("open").EnumerateArray().First();
        Assert.Equal(2, open.GetProperty("scores").GetArrayLength());
        foreach (var told in open.GetProperty("scores").EnumerateArray())
        {
            Assert.Contains(told.GetProperty("target").GetString() + " " + told.GetProperty("version").GetString(), versions);
            Assert.Equal(told.GetProperty("points").GetInt32(), told.GetProperty("base").GetInt32() + told.GetProperty("factors").EnumerateArray().Sum(f => f.GetProperty("points").GetInt32()));
        }

        var (facts, document) = (open.GetProperty("facts"), open.GetProperty("document").GetString()!);
        Assert.Equal(("credit.invoice.posted.v1", document), (facts.GetProperty("invoice")[0].GetProperty("type").GetString(), facts.GetProperty("invoice")[0].GetProperty("document").GetString()));
        Assert.NotEmpty(facts.GetProperty("payments").EnumerateArray());
        await using (var reader = await Storage.JournalFactory.OpenReaderAsync(Path.Combine("sqlite:" + work.Folder, "wall.db")))
        {
            foreach (var line in facts.EnumerateObject().SelectMany(list => list.Value.EnumerateArray()))
            {
                Assert.True(Domain.EntryPosition.TryParse(line.GetProperty("entry").GetString()!, out var at));
                var entry = (await Engine.History.EntryAsync(reader, at, default))!.Value;
                Assert.Equal((customer, line.GetProperty("id").GetString(), line.GetProperty("type").GetString()), (entry.Fact.Customer, entry.Fact.EventId, entry.Line.Type));
                var documents = entry.Fact is Domain.PaymentAllocated paid ? paid.Items.Select(i => i.ItemId) : [entry.Fact.Document];
                Assert.Contains(line.GetProperty("document").GetString(), documents);
            }
        }

        // At the end of the day of its issue it is open and scored as it is now, and nothing is known that came later.
        var issued = open.GetProperty("issuedOn").GetString()!;
        var past = await JsonAsync(work, "show", customer, "--score", "--cards", "wall", "--db", "wall.db", "--at", issued + "T12:00:00Z", "--json");
        Assert.All(past.GetProperty("open").EnumerateArray(), o => Assert.True(string.CompareOrdinal(o.GetProperty("issuedOn").GetString(), issued) <= 0));
        Assert.InRange(past.GetProperty("paid").GetInt32(), 1, score.GetProperty("paid").GetInt32());
        var same = past.GetProperty("open").EnumerateArray().Single(o => o.GetProperty("document").GetString() == document);
        Assert.Equal(open.GetProperty("scores").EnumerateArray().Select(s => s.GetProperty("points").GetInt32()), same.GetProperty("scores").EnumerateArray().Select(s => s.GetProperty("points").GetInt32()));

        // Its credit, of now and of that day.
        var credit = await JsonAsync(work, "show", customer, "--credit", "--db", "wall.db", "--json");
        // What the book may lose is what its customers may lose; of one customer it stands in his credit as well.
        var (book, own) = (await JsonAsync(work, "show", "--provision", "--db", "wall.db", "--json"), await JsonAsync(work, "show", customer, "--provision", "--db", "wall.db", "--json"));
        Assert.Equal(credit.GetProperty("provision").GetProperty("provision").GetString(), own.GetProperty("whole").GetProperty("provision").GetString());
        Assert.Equal(own.GetProperty("whole").GetProperty("gross").GetString(), credit.GetProperty("figures").GetProperty("receivables").GetString());
        Assert.Equal(long.Parse(book.GetProperty("whole").GetProperty("provision").GetString()!, System.Globalization.CultureInfo.InvariantCulture), book.GetProperty("grades").EnumerateArray().Sum(g => long.Parse(g.GetProperty("provision").GetString()!, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.True(book.GetProperty("whole").GetProperty("customers").GetInt32() > 1);
        Assert.Equal(10, credit.GetProperty("factors").GetArrayLength());
        Assert.Equal(credit.GetProperty("score").GetInt32(), credit.GetProperty("factors").EnumerateArray().Sum(f => f.GetProperty("part").GetInt32()));
        var standing = await ExposureProcess.TellAsync(work.Folder, "show", customer, "--credit", "--db", "wall.db");
        Assert.True(standing.Code == 0, standing.Errors);
        Assert.Contains("DSO", standing.Output, StringComparison.Ordinal);
        Assert.Equal(1, (await ExposureProcess.TellAsync(work.Folder, "show", "--credit", "--db", "wall.db")).Code);

        var (code, text, errors) = await ExposureProcess.TellAsync(work.Folder, "show", customer, "--score", "--db", "wall.db");
        Assert.True(code == 0, errors);
        Assert.Contains("÷ (", text, StringComparison.Ordinal);
        Assert.Contains("No card for late5 is in use. The shrunk share serves.", text.Replace("onset5", "late5", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    /// <summary>What was learned is proposed by one and confirmed by another, and then scores: at the command line and over the API the same.</summary>
    private static async Task UseAsync(Workplace work, Uri url, IReadOnlyDictionary<string, string> keys)
    {
        var mark = Guid.NewGuid().ToString("N");
        string Name(string who) => $"EXPOSURE_{who}_{mark}";
        foreach (var (who, key) in keys) Environment.SetEnvironmentVariable(Name(who), key);
        string[] At(string who, params string[] arguments) => [.. arguments, "--url", url.ToString(), "--key-env", Name(who)];
        foreach (var (who, role) in new[] { ("olga", "PolicyOwner"), ("pia", "PolicyApprover") })
        {
            var made = await JsonAsync(work, At("admin", "keys", "create", who, "--role", role, "--json"));
            Assert.Equal(0, (await ExposureProcess.TellAsync(work.Folder, At("approver", "proposals", "approve", made.GetProperty("proposal").GetProperty("id").GetString()!))).Code);
            Environment.SetEnvironmentVariable(Name(who), made.GetProperty("key").GetString());
        }

        Assert.Contains("No card was ever proposed", (await ExposureProcess.TellAsync(work.Folder, "scorecards", "list", "--db", "wall.db")).Output, StringComparison.Ordinal);
        async Task<string> ProposedAsync(string target, params string[] more) => (await JsonAsync(work, At("olga", ["scorecards", "propose", $"wall/{target}.scorecard", "--json", .. more]))).GetProperty("id").GetString()!;
        var (used, shadow, refused) = (await ProposedAsync("late5"), await ProposedAsync("late15", "--shadow"), await ProposedAsync("late15"));
        var own = await ExposureProcess.TellAsync(work.Folder, At("olga", "scorecards", "confirm", used));
        Assert.Equal((1, true), (own.Code, own.Errors.Contains("ROLE", StringComparison.Ordinal)));
        var mistyped = await ExposureProcess.TellAsync(work.Folder, At("pia", "scorecards", "confirm", "p-none"));
        Assert.Contains("No scorecard was proposed as 'p-none'", mistyped.Errors, StringComparison.Ordinal);
        var waiting = DateTimeOffset.UtcNow;
        foreach (var card in new[] { used, shadow, await ProposedAsync("onset5") })
            Assert.Contains("Approved", (await ExposureProcess.TellAsync(work.Folder, At("pia", "scorecards", "confirm", card))).Output, StringComparison.Ordinal);
        Assert.Contains("Rejected", (await ExposureProcess.TellAsync(work.Folder, At("pia", "scorecards", "reject", refused, "--reason", "first as a shadow"))).Output, StringComparison.Ordinal);
        var inForce = DateTimeOffset.UtcNow;
        var list = (await ExposureProcess.TellAsync(work.Folder, "scorecards", "list", "--db", "wall.db")).Output;
        Assert.Matches($"late5 +in use +[0-9a-f]{{16}}  {used}  proposed by olga, confirmed by pia at ", list);
        Assert.Matches($"late15 +shadow +[0-9a-f]{{16}}  {shadow}  ", list);
        Assert.Matches($"late15 +rejected +[0-9a-f]{{16}}  {refused}  proposed by olga, turned down by pia: first as a shadow", list);
        Assert.Equal(4, (await JsonAsync(work, At("pia", "scorecards", "list", "--json"))).GetArrayLength());

        // The first customer whose invoices are scored by the cards in use and by the shadow.
        var (customer, told) = ("", default(JsonElement));
        foreach (var owing in (await JsonAsync(work, "show", "--db", "wall.db", "--json")).EnumerateArray().Where(c => c.GetProperty("openItemCount").GetInt32() > 0))
        {
            (customer, told) = (owing.GetProperty("customer").GetString()!, await JsonAsync(work, "show", owing.GetProperty("customer").GetString()!, "--score", "--db", "wall.db", "--json"));
            if (told.GetProperty("open")[0].GetProperty("scores").GetArrayLength() == 2) break;
        }

        Assert.Equal([false, true], told.GetProperty("open")[0].GetProperty("scores").EnumerateArray().Select(s => s.GetProperty("isShadow").GetBoolean()));
        var files = await JsonAsync(work, "show", customer, "--score", "--cards", "wall", "--db", "wall.db", "--json");
        foreach (var score in told.GetProperty("open")[0].GetProperty("scores").EnumerateArray())
        {
            var same = files.GetProperty("open")[0].GetProperty("scores").EnumerateArray().Single(f => f.GetProperty("target").GetString() == score.GetProperty("target").GetString());
            Assert.Equal((same.GetProperty("version").GetString(), same.GetProperty("points").GetInt32()), (score.GetProperty("version").GetString(), score.GetProperty("points").GetInt32()));
        }

        using var http = new HttpClient { BaseAddress = url };
        http.DefaultRequestHeaders.Add("X-Api-Key", keys["analyst"]);
        using var over = JsonDocument.Parse(await http.GetStringAsync(new Uri($"/api/v1/customers/{customer}/score", UriKind.Relative)));
        foreach (var part in (string[])["shares", "open", "asOf", "remarks"]) Assert.True(JsonElement.DeepEquals(told.GetProperty(part), over.RootElement.GetProperty(part)), part);

        Assert.Contains("is withdrawn", (await ExposureProcess.TellAsync(work.Folder, At("olga", "scorecards", "withdraw", used, "--reason", "wrong ledger"))).Output, StringComparison.Ordinal);
        // As of a past moment: the cards of then, whatever became of them.
        async Task<JsonElement> ThenAsync(DateTimeOffset moment) => await JsonAsync(work, "show", customer, "--score", "--db", "wall.db", "--at", moment.ToString("O"), "--json");
        var before = await ThenAsync(waiting);
        Assert.Empty(before.GetProperty("open")[0].GetProperty("scores").EnumerateArray());
        Assert.Contains("WAITS", before.GetProperty("shares").EnumerateArray().Select(s => s.GetProperty("whyCode").GetString()));
        Assert.True(JsonElement.DeepEquals(told.GetProperty("open")[0].GetProperty("scores"), (await ThenAsync(inForce)).GetProperty("open")[0].GetProperty("scores")));
        Assert.Contains("withdrawn by olga", (await ExposureProcess.TellAsync(work.Folder, "scorecards", "list", "--db", "wall.db")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await ExposureProcess.TellAsync(work.Folder, "verify", "--db", "wall.db")).Code);
    }

    [NeedsPostgreSql]
    public async Task Cards_from_a_journal_in_PostgreSQL_are_those_from_its_ledger()
    {
        using var work = new Workplace();
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "book.csv"), Ledger());
        var ledger = await JsonAsync(work, ["learn", "book.csv", "--out", "ledger", "--json", .. Told]);
        var address = await server.NewDatabaseAsync();
        try
        {
            await JsonAsync(work, ["import", "ledger", "book.csv", "--db", address, "--clock", "wall", "--json", .. Told]);
            Same(ledger, await JsonAsync(work, "learn", "--db", address, "--out", "journal", "--json"));
        }
        finally
        {
            await server.DropDatabaseAsync(address);
        }
    }

    [Fact]
    public async Task Too_little_history_is_told_with_its_numbers_and_leaves_no_card()
    {
        using var work = new Workplace();
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "book.csv"), new TradeBook { Seed = 5, Customers = 5, Invoices = 60, Days = 200 }.Csv());
        await JsonAsync(work, ["import", "ledger", "book.csv", "--db", "book.db", "--clock", "wall", "--json", .. Told]);
        Directory.CreateDirectory(Path.Combine(work.Folder, "cards"));
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "cards", "late5.scorecard"), "of another book");
        var (code, output, errors) = await ExposureProcess.TellAsync(work.Folder, "learn", "--db", "book.db", "--out", "cards");
        Assert.True(code == 0, errors);
        foreach (var target in (string[])["late5", "late15", "onset5", "onset15"]) Assert.Matches($"{target}: too little history for a card: [0-9]+ late and [0-9]+ in time, of which it needs 60 each, .*; the shrunk share serves\\.", output);
        Assert.Equal(["learned.json"], Directory.GetFiles(Path.Combine(work.Folder, "cards")).Select(Path.GetFileName));

        // A database without an invoice.
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "none.ndjson"), "");
        Assert.Equal(0, await ExposureProcess.RunAsync(work.Folder, null, "replay", "none.ndjson", "--db", "none.db", "--clock", "wall"));
        var none = await ExposureProcess.TellAsync(work.Folder, "learn", "--db", "none.db");
        Assert.Equal(1, none.Code);
        Assert.Contains("'none.db' holds no invoice", none.Errors, StringComparison.Ordinal);
    }

    /// <summary>Without the columns that are not told below: learn would guess what they are, and an import guesses nothing.</summary>
    private static string Ledger() =>
        string.Join('\n', new TradeBook { Seed = 5, Customers = 40, Invoices = 1_500, Days = 300, Skew = 0.7 }.Csv().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(',', line.TrimEnd().Split(',')[1..8]))) + "\n";

    private static void Same(JsonElement ledger, JsonElement journal) =>
        Assert.Equal(Versions(ledger), Versions(journal));

    private static List<string> Versions(JsonElement learned) => [.. learned.GetProperty("cards").EnumerateArray().Select(c => c.GetProperty("target").GetString() + " " + c.GetProperty("version").GetString())];

    private static async Task<JsonElement> JsonAsync(Workplace work, params string[] arguments)
    {
        var (code, output, errors) = await ExposureProcess.TellAsync(work.Folder, arguments);
        Assert.True(code == 0, errors);
        return JsonDocument.Parse(output).RootElement;
    }
}
