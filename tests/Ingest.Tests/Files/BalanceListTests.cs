using System.Text;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>A list of balances out of the seller's own books.</summary>
public sealed class BalanceListTests
{
    private static readonly Currency Eur = Currency.Parse("EUR");

    [Fact]
    public void Each_row_is_what_a_customer_owes_a_company_in_a_currency()
    {
        var list = Read("customer,company,currency,amount", "C-1,DE01,EUR,1200.50", "C-1,DE01,JPY,900", "Müller & Co,,EUR,-3");
        Assert.Equal([new("C-1", "DE01", Eur, 120_050), new("C-1", "DE01", Currency.Parse("JPY"), 900), new ListedBalance("M_ller___Co", "", Eur, -300)], list.Balances);
        Assert.Equal(1, list.Unnamed);
    }

    [Fact]
    public void Columns_currency_and_company_may_be_told()
    {
        var format = new FileFormat { Delimiter = ";", Decimal = ",", Thousands = ".", Columns = new Dictionary<string, string> { ["customer"] = "Debitor", ["amount"] = "Saldo" } };
        Assert.Equal([new ListedBalance("4711", "DE01", Eur, 123_456_00)], Read(format, Eur, "DE01", "Debitor;Saldo;currency", "4711;123.456,00;none").Balances);
    }

    [Theory]
    [InlineData("C-1,DE01,EURO,1", "line 2, column 3 (currency): found 'EURO', expected a code of ISO 4217")]
    [InlineData("C-1,DE01,EUR,1.234", "line 2, column 4 (amount): found '1234e-3', expected at most 2 digits behind the point for EUR")]
    [InlineData("C-1,DE01,EUR,many", "line 2, column 4 (amount): found 'many', expected a decimal number")]
    [InlineData(",DE01,EUR,1", "line 2, column 1 (customer): found '', expected an id or a name")]
    [InlineData("C-1,DE01,EUR", "line 2: 3 columns instead of 4")]
    [InlineData("C-1,12345678901234567890123456789012345678901234567890123456789012345,EUR,1", "line 2, column 2 (company): found ")]
    public void One_wrong_row_is_told_with_line_and_column_and_nothing_is_taken(string row, string told)
    {
        var wrong = Assert.Throws<InvalidDataException>(() => Read("customer,company,currency,amount", row, "C-2,DE01,EUR,5"));
        Assert.StartsWith("1 of 2 rows of the list cannot be read, so nothing is compared. " + told, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_row_of_a_customer_and_company_is_wrong_and_names_the_first()
    {
        var wrong = Assert.Throws<InvalidDataException>(() => Read("customer,company,currency,amount", "C-1,DE01,EUR,1", "C-1,DE01,USD,1", "C-1,DE01,EUR,2"));
        Assert.Contains("line 4, column 1 (customer): found 'C-1', expected each customer, company and currency once; line 2 has the same.", wrong.Message, StringComparison.Ordinal);
        // A row without a company stands where it is told to stand.
        Assert.Throws<InvalidDataException>(() => Read(new FileFormat(), null, "DE01", "customer,company,currency,amount", "C-1,DE01,EUR,1", "C-1,,EUR,1"));
    }

    [Fact]
    public void Of_many_wrong_rows_the_first_are_told_and_the_others_counted()
    {
        var wrong = Assert.Throws<InvalidDataException>(() => Read(["customer,company,currency,amount", .. Enumerable.Range(0, 23).Select(n => $"C-{n},,EUR,x")]));
        Assert.EndsWith("line 21, column 4 (amount): found 'x', expected a decimal number; and 3 more rows.", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_that_is_missing_is_named_with_the_header()
    {
        Assert.Equal("The list has no column 'currency', and none is told for it; its header is customer, amount.", Assert.Throws<InvalidDataException>(() => Read("customer,amount", "C-1,1")).Message);
        Assert.Equal("The list has no column 'customer', and none is told for it; its header is Debitor, currency, amount.", Assert.Throws<InvalidDataException>(() => Read("Debitor,currency,amount", "C-1,EUR,1")).Message);
    }

    private static BalanceList Read(params string[] lines) => Read(new FileFormat(), null, "", lines);

    private static BalanceList Read(FileFormat format, Currency? currency, string company, params string[] lines) =>
        BalanceList.Read(() => new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n")), format, currency, company);
}
