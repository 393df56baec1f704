using System.Text.Json;
using Xunit;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>A hierarchy comes from a file, and the command line tells of the group.</summary>
public sealed class GroupsFromFiles
{
    private static readonly string[] Map = ["--map", "customer=Debitor", "parent=Konzern", "share=Anteil", "from=AbDatum", "--date-format", "dd.MM.yyyy"];

    [Fact]
    public async Task A_tree_is_imported_and_shown_with_its_members_shares_and_use()
    {
        using var work = new Workplace();
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "book.csv"), "cust,doc,issued,due,amount\nA,D1,2026-01-01,2026-01-31,600.00\nB,D2,2026-01-02,2026-01-31,400.00\n");
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "groups.csv"), "Debitor,Konzern,Anteil,AbDatum\nA,HOLDING,,01.01.2026\nB,HOLDING,50,01.01.2026\nC,HOLDING,150,01.01.2026\n");
        await TellAsync(work, "import", "ledger", "book.csv", "--db", "book.db", "--clock", "events", "--currency", "EUR", "--map", "customer=cust", "document=doc", "issued=issued", "due=due", "amount=amount");
        var dry = JsonDocument.Parse(await TellAsync(work, ["import", "hierarchy", "groups.csv", "--db", "book.db", "--clock", "events", "--dry-run", "--json", .. Map])).RootElement;
        Assert.Equal((3, 1, 2), (dry.GetProperty("rows").GetInt32(), dry.GetProperty("rejected").GetInt32(), dry.GetProperty("kinds").GetProperty("CustomerReparented").GetInt32()));
        Assert.Contains("There is no group.", await TellAsync(work, "show", "--db", "book.db", "--group"), StringComparison.Ordinal);

        await TellAsync(work, ["import", "hierarchy", "groups.csv", "--db", "book.db", "--clock", "events", .. Map]);
        Assert.Contains("BAD_SHARE share", await File.ReadAllTextAsync(Path.Combine(work.Folder, "groups.csv.rejected.csv")), StringComparison.Ordinal);
        // The same file again changes nothing.
        var again = JsonDocument.Parse(await TellAsync(work, ["import", "hierarchy", "groups.csv", "--db", "book.db", "--clock", "events", "--json", .. Map])).RootElement;
        Assert.Equal(2, again.GetProperty("outcomes").GetProperty("Duplicate").GetInt32());

        // The parent stands provisionally, lends without end, and lends by its limit as soon as it has one.
        Assert.Contains("HOLDING: 2 members, EUR, no limit of an amount", await TellAsync(work, "show", "HOLDING", "--db", "book.db"), StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "limit.ndjson"), """
            {"specversion":"1.0","id":"l1","type":"credit.limit.set.v1","source":"erp","subject":"HOLDING","time":"2026-01-03T00:00:00Z","data":{"version":1,"currency":"EUR","steps":[{"from":"2020-01-01","kind":"Amount","amount":"150000"}]}}

            """);
        await TellAsync(work, "replay", "limit.ndjson", "--db", "book.db", "--clock", "events");
        var group = JsonDocument.Parse(await TellAsync(work, "show", "HOLDING", "--db", "book.db", "--group", "--json")).RootElement[0];
        Assert.Equal([("A", 10_000, "60000"), ("B", 5_000, "20000")], group.GetProperty("members").EnumerateArray().OrderBy(m => m.GetProperty("customer").GetString(), StringComparer.Ordinal)
            .Select(m => (m.GetProperty("customer").GetString()!, m.GetProperty("shareBp").GetInt32(), m.GetProperty("use").GetString()!)));
        var shown = await TellAsync(work, "show", "HOLDING", "--db", "book.db");
        Assert.Contains("HOLDING: 2 members, EUR, limit 1,500.00, used 800.00 (53.34 %), lent 800.00, pool 700.00", shown, StringComparison.Ordinal);
        Assert.Contains("A: member of HOLDING with 100 %, limit 1,500.00 EUR, slice 600.00", await TellAsync(work, "show", "A", "--db", "book.db", "--group"), StringComparison.Ordinal);
        await TellAsync(work, "verify", "--db", "book.db");
    }

    [Fact]
    public async Task A_cycle_in_the_file_is_refused_and_told()
    {
        using var work = new Workplace();
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "groups.csv"), "Debitor,Konzern,Anteil,AbDatum\nA,B,,01.01.2026\nB,A,,02.01.2026\n");
        Assert.Contains("exposure dead-letters list", await TellAsync(work, ["import", "hierarchy", "groups.csv", "--db", "book.db", "--clock", "events", .. Map]), StringComparison.Ordinal);
        Assert.Contains("GROUP_CYCLE", await TellAsync(work, "dead-letters", "list", "--db", "book.db"), StringComparison.Ordinal);
        Assert.Contains("A: member of B", await TellAsync(work, "show", "A", "--db", "book.db", "--group"), StringComparison.Ordinal);
    }

    private static async Task<string> TellAsync(Workplace work, params string[] arguments)
    {
        var (code, output, errors) = await ExposureProcess.TellAsync(work.Folder, arguments);
        Assert.True(code == 0, errors + output);
        return output;
    }
}
