using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Ingest;
using ExposureMonitor.Score;
using Xunit;

namespace ExposureMonitor.Learning.Tests;

/// <summary>The same book in the habits of several houses is the same book.</summary>
public sealed class HabitsOfHouses
{
    private static readonly string Csv = string.Join('\n', Books.Small(11).Split('\n').Take(1_200)) + "\n";

    public static TheoryData<string> Names => [.. Habit.All.Select(h => h.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_book_is_read_whole_in_the_habit_of(string name)
    {
        var habit = Habit.All.Single(h => h.Name == name);
        var text = habit.Of(Csv);
        var (reading, plan) = Read(Encoding.UTF8.GetBytes(text));
        using var _ = plan;
        Assert.True(plan.Rejected.Count == 0, $"{plan.Rejected.Count} rejected, such as {plan.Rejected.FirstOrDefault()}; {string.Join(" ", reading.Remarks)}");
        var told = Books.Facts(Csv).Where(f => f is InvoicePosted i && (name != "late payment histories" || Settled.Contains(i.InvoiceId)) || f is PaymentAllocated).ToList();
        var facts = plan.Facts;
        Assert.Equal(Key(told.OfType<InvoicePosted>()), Key(facts.OfType<InvoicePosted>()));
        Assert.Equal(told.OfType<PaymentAllocated>().Select(p => p.AllocatedOn), facts.OfType<PaymentAllocated>().Select(p => p.AllocatedOn));
        // What the source system worked out afterwards is no field.
        Assert.All(["DaysToSettle", "DaysLate", "Days Late", "isOpen", "status"], column => Assert.DoesNotContain(column, reading.Format.Columns.Values));
    }

    [Fact]
    public void A_file_in_windows_1252_is_read_as_such()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var (reading, plan) = Read(Encoding.GetEncoding("windows-1252").GetBytes(Habit.All.Single(h => h.Name == "German list").Of(Csv)));
        using var _ = plan;
        Assert.Equal("windows-1252", reading.Format.Encoding);
        Assert.Equal("Nettofälligkeit", reading.Format.Columns["due"]);
        Assert.Empty(plan.Rejected);
    }

    [Fact]
    public void A_file_in_utf_16_is_read_by_its_mark()
    {
        var (reading, plan) = Read([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Habit.All[5].Of(Csv)[1..])]);
        using var _ = plan;
        Assert.Equal("\t", reading.Format.Delimiter);
        Assert.Empty(plan.Rejected);
    }

    private static HashSet<string> Settled => [.. Csv.Split('\n').Skip(1).Select(l => l.Split(',')).Where(r => r.Length > 5 && r[5].Length > 0).Select(r => r[2])];

    // The id may carry ".0" of a tool that takes numbers for floating point, the customer a word in front.
    private static IEnumerable<(long Amount, int IssuedOn, int DueOn, string Id)> Key(IEnumerable<InvoicePosted> invoices) =>
        invoices.Select(i => (i.Amount, i.IssuedOn, i.DueOn, i.InvoiceId.Replace(".0", "", StringComparison.Ordinal))).Order();

    private static (LedgerReading Reading, ImportPlan Plan) Read(byte[] content)
    {
        var reading = LedgerGuess.Read(new MemoryStream(content), new FileFormat(), new HashSet<string>());
        return (reading, Imports.Ledger(content, reading.Format, reading.Format.Columns.ContainsKey("currency") ? null : Currency.Parse(reading.Currency), unlimited: true));
    }
}
