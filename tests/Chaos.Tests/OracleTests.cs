using Xunit;

namespace ExposureMonitor.Chaos.Tests;

/// <summary>The oracle's own arithmetic, on logs that were written by hand.</summary>
public sealed class OracleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("exposure-oracle-").FullName;

    [Fact]
    public void Value_moves_from_order_to_delivery_to_invoice_to_payment()
    {
        var read = Read(
            Line("F1", Kinds.Order, 1_000), Line("F1", Kinds.Delivery, 600), Line("F1", Kinds.Cancel, 400), Line("F1", Kinds.Invoice, 600),
            Line("F1", Kinds.Payment, 500, "u"), Line("F1", Kinds.Allocated, 200), Line("F1", Kinds.Order, 70));
        Assert.Equal(new Components { Orders = 70, Receivables = 400, Unapplied = 300, AtRisk = 500 }.ToString(), read.Of(read.Customers["F1"]).ToString());
    }

    [Fact]
    public void In_any_order_the_sums_are_the_same()
    {
        string[] lines = [Line("F1", Kinds.Order, 900), Line("F1", Kinds.Delivery, 900), Line("F1", Kinds.Invoice, 900), Line("F1", Kinds.Payment, 900), Line("F1", Kinds.Allocated, 900)];
        var read = Read([.. lines.Reverse()]);
        Assert.Equal(default(Components).ToString(), read.Of(0).ToString());
    }

    [Fact]
    public void What_repeats_or_cannot_be_applied_has_no_effect_and_is_counted()
    {
        var read = Read(Line("F1", Kinds.Order, 100), Line("F1", Kinds.Order, 100, verdict: Intent.Same), Line("F1", Kinds.Order, 107, verdict: "CONFLICT"));
        Assert.Equal(100, read.Of(0).Orders);
        Assert.Equal((3, 1, 1), (read.Records, read.Verdicts[Intent.Same], read.Verdicts["CONFLICT"]));
    }

    [Fact]
    public void Steps_that_one_invoice_crosses_together_are_one_crossing()
    {
        var read = Read(Line("S1-1", Kinds.Limit, 1_000), Line("S1-1", Kinds.FreeInvoice, 699), Line("S1-1", Kinds.FreeInvoice, 1), Line("S1-1", Kinds.FreeInvoice, 210), Line("S1-1", Kinds.FreeInvoice, 5));
        Assert.Equal([1, 3], read.Climbers["S1-1"].Crossed);
    }

    /// <summary>Vectors of the tests of Kafka's own client: its murmur2, made positive, modulo the partitions.</summary>
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("abc", 479470107)]
    public void The_partition_of_a_customer_is_that_of_Kafkas_clients(string key, int murmur2) =>
        Assert.Equal((murmur2 & 0x7fffffff) % 16, Murmur.PartitionOf(key, 16));

    [Fact]
    public void A_history_keeps_what_was_asked_and_all_that_was_heard()
    {
        var path = Path.Combine(_folder, "calls");
        File.WriteAllText(path, "invoke\t1\tk1\tD1\t5\nok\t2\tk1\t200\tApproved 3-7 r-1\nagain\t3\tk1\t200\tApproved 3-7 r-1\nother\t4\tk1\t409\t\ninvoke\t5\tk2\tD1\t5\nunknown\t6\tk2\t0\t\n");
        var calls = History.Read(path);
        Assert.Equal((200, 2, 409), (calls["k1"].Status, calls["k1"].Answers.Count, calls["k1"].Others[0]));
        Assert.Equal(0, calls["k2"].Status);
    }

    private static string Line(string customer, string kind, long amount, string flag = "", string verdict = Intent.Apply) => $"1\to\t{customer}\t{kind}\te\td\t{amount}\t{flag}\t{verdict}";

    private Expected Read(params string[] lines)
    {
        var path = Path.Combine(_folder, "truth");
        File.WriteAllLines(path, lines);
        var expected = new Expected();
        expected.Read(path);
        return expected;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
