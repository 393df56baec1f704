using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Xunit;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>The command line as a user meets it: what is wrong is told in one line with exit code 1, and --json answers JSON.</summary>
public sealed class CommandLine
{
    private const string Ledger = "cust,doc,issued,due,amount\nC1,D1,2026-01-01,2026-01-31,10.00\nC1,\"D2,2026-01-01,2026-01-31,10.00\nC2,D3,2026-01-02,2026-01-31,20.00\n";
    private static readonly string[] Map = ["--map", "customer=cust", "document=doc", "issued=issued", "due=due", "amount=amount"];

    public static TheoryData<string, string> Mistakes => new()
    {
        { "import ledger none.csv --currency EUR --clock wall {map}", "There is no file 'none.csv'." },
        { "import ledger none.csv", "There is no file 'none.csv'." },
        { "import ledger . --currency EUR --clock wall {map}", "'.' is a folder" },
        { "import ledger book.csv --currency EUR {map}", "tell --clock events (judge day by day) or --clock wall" },
        { "import ledger book.csv --currency EUR --clock moon {map}", "'moon' is neither events nor wall" },
        { "import ledger book.csv --clock wall {map}", "no column for the currency" },
        { "import ledger book.csv --currency XQX --clock wall {map}", "'XQX' is no ISO 4217 currency" },
        { "import ledger book.csv --currency EUR --clock wall --map customer=cust", "No column is told for 'document'" },
        { "import ledger book.csv --currency EUR --clock wall --map kunde=cust", "'kunde=cust': expected field=column" },
        { "import ledger book.csv --currency EUR --clock wall --delimiter ; {map}", "The column 'cust' for customer is not in the header" },
        { "import ledger book.csv --currency EUR --clock wall --thousands . {map}", "'.' is told for thousands and for decimals" },
        { "import ledger book.csv --currency EUR --clock wall --encoding klingon {map}", "No encoding is called 'klingon'" },
        { "import ledger book.csv --currency EUR --clock wall --mapping none.json {map}", "--mapping: there is no file 'none.json'" },
        { "import ledger book.csv --currency EUR --clock wall --mapping bad.json", "no field 'setled'" },
        { "import ledger cut.csv.gz --currency EUR --clock wall {map}", "The gzip is damaged or cut off" },
        { "import order-log book.csv --currency EUR", "Option '--no-limit' is required." },
        { "replay none.ndjson --clock wall", "There is no file 'none.ndjson'." },
        { "show --db none.db", "does not exist" },
        { "verify --db none.db", "does not exist" },
        { "prune --db none.db --before 2026-01-01", "does not exist" },
        { "prune --db none.db --before 2026-13-01", "'2026-13-01' is no date such as 2026-01-01" },
        { "prune --db none.db --before 2026-01-01 --anchors here", "--anchors and --anchor-key go together" },
        { "check C1 1.5 --db none.db", "'1.5': expected the value of the order in minor units" },
        { "generate --customers 0", "--customers: expected 1 to" },
        { "generate --prefix a/b", "--prefix: expected" },
        { "generate --url ftp://x --customers 1", "--url: 'ftp://x' is no address" },
        { "learn --db none.db", "does not exist" },
        { "learn book.csv --db none.db", "A file and --db are told" },
        { "show C1 --score --cards none --db none.db", "--cards: there is no folder 'none'" },
        { "show C1 --score --cards . --db none.db", "holds no card" },
        { "show C1 --score --db none.db", "does not exist" },
        { "show --score --db none.db", "--score needs a customer" },
        { "show C1 --cards . --db none.db", "--cards goes with --score" },
        { "shwo", "Unrecognized command or argument 'shwo'." },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_is_told_in_a_line_and_leaves_nothing_behind(string command, string told)
    {
        using var work = new Workplace();
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "book.csv"), Ledger);
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "bad.json"), """{"customer":"cust","document":"doc","issued":"issued","due":"due","amount":"amount","setled":"due"}""");
        await File.WriteAllBytesAsync(Path.Combine(work.Folder, "cut.csv.gz"), Packed(Ledger)[..^9]);
        string[] arguments = [.. command.Split(' ').SelectMany(word => word == "{map}" ? Map : [word])];
        var (code, output, errors) = await ExposureProcess.TellAsync(work.Folder, arguments);
        Assert.Equal(1, code);
        Assert.Contains(told, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Usage:", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(work.Folder, "data")), "A database was made.");
    }

    [Fact]
    public async Task Every_command_answers_json_and_an_import_reports_each_row_that_it_left_out()
    {
        using var work = new Workplace();
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "book.csv"), Ledger);
        string[] import = ["import", "ledger", "book.csv", "--db", "book.db", "--clock", "events", "--currency", "EUR", "--json", .. Map];

        var dry = await JsonAsync(work, [.. import, "--dry-run"]);
        Assert.Equal((3, 1, 2), (dry.GetProperty("rows").GetInt32(), dry.GetProperty("rejected").GetInt32(), dry.GetProperty("kinds").GetProperty("InvoicePosted").GetInt32()));
        Assert.Equal(["book.csv"], Directory.GetFiles(work.Folder).Select(Path.GetFileName));

        var first = await JsonAsync(work, import);
        Assert.Equal(4, first.GetProperty("outcomes").GetProperty("Applied").GetInt32());
        Assert.Equal("line,reason,found,row\n3,\"BAD_ROW\",\"a quote that is not closed on its line\",\"C1,\"\"D2,2026-01-01,2026-01-31,10.00\"\n",
            (await File.ReadAllTextAsync(Path.Combine(work.Folder, "book.csv.rejected.csv"))).ReplaceLineEndings("\n"));
        Assert.Equal(4, (await JsonAsync(work, import)).GetProperty("outcomes").GetProperty("Duplicate").GetInt32());

        // The row is put right: what was rejected before is no longer told.
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "book.csv"), Ledger.Replace("\"", "", StringComparison.Ordinal));
        Assert.Equal(1, (await JsonAsync(work, import)).GetProperty("outcomes").GetProperty("Applied").GetInt32());
        Assert.False(File.Exists(Path.Combine(work.Folder, "book.csv.rejected.csv")));

        await File.WriteAllTextAsync(Path.Combine(work.Folder, "streit.csv"), "cust;doc;issued;due;amount;streit\nC1;S1;01.02.2026;03.03.2026;1.234,50;ja\nC1;S2;01.02.2026;03.03.2026;10,00;nein\n");
        var told = await JsonAsync(work, ["import", "ledger", "streit.csv", "--dry-run", "--currency", "EUR", "--delimiter", ";", "--decimal", ",", "--thousands", ".", "--date-format", "dd.MM.yyyy", "--yes", "ja", "--no", "nein", "--json", .. Map, "disputed=streit"]);
        Assert.Equal((2, 0, 1), (told.GetProperty("rows").GetInt32(), told.GetProperty("rejected").GetInt32(), told.GetProperty("kinds").GetProperty("DisputeOpened").GetInt32()));

        // A signal in words, with the event that made it.
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "late.csv"), "cust,doc,issued,due,amount\nC9,L1,2026-01-01,2026-01-31,500.00\nC9,L2,2026-03-03,2026-04-30,10.00\n");
        await JsonAsync(work, ["import", "ledger", "late.csv", "--db", "late.db", "--clock", "events", "--currency", "EUR", "--no-limit", "unlimited", "--json", .. Map]);
        var shown = (await ExposureProcess.TellAsync(work.Folder, "show", "C9", "--db", "late.db")).Output.ReplaceLineEndings("\n");
        Assert.Contains("EW-05 High: oldest item 31 days past due; 31 days against 31 days; rules of version 1, raised on 2026-03-03 at ", shown, StringComparison.Ordinal);
        Assert.Contains("\n  clears with: no item past due / ", shown, StringComparison.Ordinal);
        Assert.Matches(@"EW-05 High: .*\n  clears with: .*\n  \d+-\d+-\d+ +2026-01-01T[^ ]+  credit\.invoice\.posted\.v1  [^ ]+  \(L1\)\n", shown);

        Assert.Equal("2000", (await JsonAsync(work, "show", "C2", "--db", "book.db", "--json"))[0].GetProperty("gross").GetString());
        Assert.Equal(JsonValueKind.Array, (await JsonAsync(work, "show", "--db", "book.db", "--orders", "--json")).ValueKind);
        Assert.Equal(JsonValueKind.Array, (await JsonAsync(work, "show", "--db", "book.db", "--holds", "--json")).ValueKind);
        Assert.True((await JsonAsync(work, "check", "C2", "100", "--db", "book.db", "--json")).TryGetProperty("decision", out _));
        Assert.Equal(JsonValueKind.Null, (await JsonAsync(work, "verify", "--db", "book.db", "--json")).GetProperty("violation").ValueKind);
        Assert.Equal(JsonValueKind.Array, (await JsonAsync(work, "dead-letters", "list", "--db", "book.db", "--json")).ValueKind);
        Assert.Equal(JsonValueKind.Array, (await JsonAsync(work, "keys", "list", "--db", "book.db", "--json")).ValueKind);
        Assert.True((await JsonAsync(work, "generate", "--customers", "5", "--days", "20", "--output", "trade.ndjson.gz", "--json")).GetProperty("events").GetInt32() > 10);
        var replay = await JsonAsync(work, "replay", "trade.ndjson.gz", "--db", "trade.db", "--clock", "events", "--json");
        Assert.Equal(replay.GetProperty("records").GetInt32(), replay.GetProperty("outcomes").EnumerateObject().Sum(outcome => outcome.Value.GetInt32()));
        Assert.True((await JsonAsync(work, "prune", "--db", "trade.db", "--before", "2100-01-01", "--dry-run", "--json")).GetProperty("dryRun").GetBoolean());
        var other = await ExposureProcess.TellAsync(work.Folder, "replay", "trade.ndjson.gz", "--db", "trade.db", "--clock", "wall");
        Assert.Equal((1, true), (other.Code, other.Errors.Contains("was made for the clock 'events'", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_database_that_a_service_runs_on_is_refused_before_the_file_is_read()
    {
        using var work = new Workplace();
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "book.csv"), Ledger);
        var (service, _, _) = await ExposureProcess.ServeAsync(work.Folder, work.Database);
        using var __ = service;
        foreach (var command in (string[][])[["import", "ledger", "book.csv", "--currency", "EUR", .. Map], ["replay", "book.csv"], ["keys", "create", "x", "--role", "Viewer"], ["serve", "--port", "0"]])
        {
            var (code, _, errors) = await ExposureProcess.TellAsync(work.Folder, [.. command, "--db", work.Database]);
            Assert.Equal(1, code);
            Assert.Contains("is held by process", errors, StringComparison.Ordinal);
            Assert.DoesNotContain("bytes:", errors, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await ExposureProcess.TellAsync(work.Folder, "verify", "--db", work.Database)).Code);
    }

    private static async Task<JsonElement> JsonAsync(Workplace work, params string[] arguments)
    {
        var (code, output, errors) = await ExposureProcess.TellAsync(work.Folder, arguments);
        Assert.True(code == 0, errors);
        return JsonDocument.Parse(output).RootElement;
    }

    private static byte[] Packed(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }
}
