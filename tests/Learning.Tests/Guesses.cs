using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Ingest;
using Xunit;

namespace ExposureMonitor.Learning.Tests;

/// <summary>Ledgers of other houses: what is not told is found, and what cannot be found is asked for.</summary>
public sealed class Guesses
{
    private static readonly HashSet<string> Nothing = [];

    [Fact]
    public void Sap_extract_with_numbers_that_became_floating_point()
    {
        const string Csv = "business_code,cust_number,name_customer,clear_date,buisness_year,doc_id,posting_date,document_create_date,due_in_date,invoice_currency,total_open_amount,cust_payment_terms,invoice_id,isOpen\n"
            + "U001,0200769623,W corp,2020-02-11 00:00:00,2020.0,1930438491.0,2020-01-26,20200125,20200210.0,USD,54273.28,NAH4,,0\n"
            + "U001,0200980828,B llc,,2020.0,1929646410.0,2020-01-27,20200126,20200211.0,CAD,79656.6,NAD1,1,1\n";
        var (reading, plan) = Read(Csv);
        Assert.Equal(
            [("amount", "total_open_amount"), ("currency", "invoice_currency"), ("customer", "cust_number"), ("document", "doc_id"), ("due", "due_in_date"), ("issued", "document_create_date"), ("settled", "clear_date"), ("terms", "cust_payment_terms")],
            reading.Format.Columns.Select(c => (c.Key, c.Value)).Order());
        Assert.Empty(plan.Rejected);
        var invoice = plan.Facts.OfType<InvoicePosted>().First();
        Assert.Equal((5_427_328, new DateOnly(2020, 1, 25).DayNumber, new DateOnly(2020, 2, 10).DayNumber, "NAH4"), (invoice.Amount, invoice.IssuedOn, invoice.DueOn, invoice.Terms));
        Assert.Equal(new DateOnly(2020, 2, 11).DayNumber, plan.Facts.OfType<PaymentAllocated>().Single().AllocatedOn);
        Assert.Equal(8, reading.Remarks.Count(r => r.StartsWith("Column guessed", StringComparison.Ordinal)));
    }

    [Fact]
    public void German_list_with_decimal_comma()
    {
        var (reading, plan) = Read("Debitor;Beleg;Belegdatum;Faellig;Betrag;Zahldatum\n4711;R1;31.01.2025;02.03.2025;1.234,50;15.03.2025\n4712;R2;01.02.2025;03.03.2025;99,00;\n");
        Assert.Equal((";", ",", "."), (reading.Format.Delimiter, reading.Format.Decimal, reading.Format.Thousands));
        Assert.Empty(plan.Rejected);
        Assert.Equal([123_450L, 9_900L], plan.Facts.OfType<InvoicePosted>().Select(i => i.Amount));
    }

    /// <summary>No day above 12: only the terms tell which part is the month.</summary>
    [Theory]
    [InlineData("1/2/2025,2/1/2025", "3/4/2025,4/3/2025", "M/d/yyyy")]
    [InlineData("2/1/2025,1/2/2025", "4/3/2025,3/4/2025", "d/M/yyyy")]
    public void Day_and_month_are_told_apart_by_the_terms(string first, string second, string expected)
    {
        var (reading, plan) = Read($"customer,invoice,issued,due,settled,amount\nA,1,{first},,5\nA,2,{second},,6\n");
        Assert.Equal([expected], reading.Format.Dates);
        Assert.Contains(reading.Remarks, r => r.Contains("look the same", StringComparison.Ordinal));
        Assert.All(plan.Facts.OfType<InvoicePosted>(), i => Assert.InRange(i.DueOn - i.IssuedOn, 28, 31));
    }

    [Theory]
    [InlineData("NaT")]
    [InlineData("NULL")]
    [InlineData("-")]
    public void Words_for_nothing_are_no_day(string word)
    {
        var (_, plan) = Read($"customer,invoice,issued,due,settled,amount\nA,1,2025-01-01,2025-01-31,{word},5\n");
        Assert.Empty(plan.Rejected);
        Assert.Empty(plan.Facts.OfType<PaymentAllocated>());
    }

    [Fact]
    public void Bad_rows_are_told_with_line_and_reason_and_cost_no_other()
    {
        var (_, plan) = Read("customer,invoice,issued,due,settled,amount\nA,1,2025-01-01,2025-01-31,2025-02-02,5\nA,2,2025-02-30,2025-01-31,,5\nA,3,2025-01-01,2025-01-31,,x\nA,4,2025-01-01,2025-01-31,,-7.125\nbroken\nA,1,2025-01-01,2025-01-31,2025-02-02,5\n");
        Assert.Equal([(3, "BAD_DATE issued"), (4, "BAD_AMOUNT amount"), (6, "BAD_ROW")], plan.Rejected.Select(r => (r.Line, r.Reason)));
        Assert.Equal(1, plan.Notes["identical row, left out"]);
        Assert.Equal(713, plan.Facts.OfType<CreditNoteIssued>().Single().Amount + 1);
    }

    [Fact]
    public void What_cannot_be_found_is_asked_for_with_the_header()
    {
        var wrong = Assert.Throws<InvalidDataException>(() => Read("a,b,c\n1,2,3\n"));
        Assert.Contains("--map customer=<column>", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("a, b, c", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("issued", "amount", "'amount' told for issued holds no dates ('0.50'")]
    [InlineData("amount", "customer", "'customer' told for amount holds no numbers ('House A0'")]
    [InlineData("due", "nothing", "'nothing' told for due stands 0 times in the header")]
    public void A_wrong_mapping_names_the_column_and_the_field(string field, string column, string expected)
    {
        var wrong = Assert.Throws<InvalidDataException>(() => Read(Plain, new FileFormat { Columns = new Dictionary<string, string> { [field] = column } }));
        Assert.Contains(expected, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Swapped_dates_are_found_out()
    {
        var wrong = Assert.Throws<InvalidDataException>(() => Read(Plain, new FileFormat { Columns = new Dictionary<string, string> { ["issued"] = "due", ["due"] = "issued" } }));
        Assert.Contains("are the columns swapped", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$1,234.50", 123_450)]
    [InlineData("USD 1,234.50", 123_450)]
    [InlineData("-$5.00", -500)]
    [InlineData("($5.00)", -500)]
    [InlineData("5.00- $", -500)]
    [InlineData("$1.5E3", 150_000)]
    [InlineData("54273.280000000001", 5_427_328)]
    public void Amounts_with_signs_of_currencies(string amount, long minor)
    {
        var (_, plan) = Read($"customer,invoice,issued,due,settled,amount\nA,1,2025-01-01,2025-01-31,,\"{amount}\"\nA,2,2025-01-01,2025-01-31,,\"$1,000.25\"\n");
        Assert.Empty(plan.Rejected);
        Assert.Equal(minor, minor > 0 ? plan.Facts.OfType<InvoicePosted>().First().Amount : -plan.Facts.OfType<CreditNoteIssued>().Single().Amount);
    }

    [Fact]
    public void Groups_of_thousands_alone_are_no_decimals()
    {
        var (reading, plan) = Read("customer;invoice;issued;due;settled;amount\n" + string.Concat(Enumerable.Range(0, 9).Select(i => $"A;{i};01.02.2025;03.03.2025;;1.{i}00\n")));
        Assert.Equal((",", "."), (reading.Format.Decimal, reading.Format.Thousands));
        Assert.Equal(100_000, plan.Facts.OfType<InvoicePosted>().First().Amount);
    }

    [Fact]
    public void Without_due_date_and_terms_the_net_days_are_asked_for()
    {
        const string Csv = "customer,invoice,issued,settled,amount\nA,1,2025-01-01,2025-02-05,5\n";
        Assert.Contains("--net-days", Assert.Throws<InvalidDataException>(() => Read(Csv)).Message, StringComparison.Ordinal);
        var (_, plan) = Read(Csv, new FileFormat { NetDays = 30 });
        Assert.Equal(new DateOnly(2025, 1, 31).DayNumber, plan.Facts.OfType<InvoicePosted>().Single().DueOn);
    }

    /// <summary>A spreadsheet that was saved as text fills each line of a title with delimiters.</summary>
    [Fact]
    public void A_title_with_as_many_columns_as_the_rows_is_no_header()
    {
        var rows = string.Concat(Enumerable.Range(0, 30).Select(i => $"Spain,House {i % 5},  FIG{i},{40366 + i},{40396 + i},1080.38,{40437 + i},,,\n"));
        var (reading, plan) = Read("  Title: B2B billing,,,,,,,,,\n\"Period: 2010-07-01, to 2014-07-31\",,,,,,,,,\n,,,,,,,,,\nCountry,Customer,Inv nbr,Inv date,Due date,Inv tot amt,Settled date,Dispute number,Startdate,Resdate\n" + rows);
        Assert.Equal(3, reading.Format.Preamble);
        Assert.Equal(("Customer", "Inv nbr", "Inv tot amt"), (reading.Format.Columns["customer"], reading.Format.Columns["document"], reading.Format.Columns["amount"]));
        Assert.Empty(plan.Rejected);
        Assert.Equal(30, plan.Facts.OfType<InvoicePosted>().Count());
        Assert.Equal(new DateOnly(2010, 7, 7).DayNumber, plan.Facts.OfType<InvoicePosted>().First().IssuedOn);
    }

    /// <summary>Many rows share a month: taken for the number of an invoice, all rows but one of a month would be left out.</summary>
    [Fact]
    public void Days_of_a_spreadsheet_under_Portuguese_names_and_no_number_of_the_invoice()
    {
        var rows = string.Concat(Enumerable.Range(0, 60).Select(i => $"1.66124039590{i % 7}231e+18;2018-{i / 20 + 1:00};{43329 + i};{43349 + i};{43349 + i};{i + 1}.5;6.99\n"));
        var (reading, plan) = Read("ID_CLIENTE;SAFRA_REF;DATA_EMISSAO_DOCUMENTO;DATA_PAGAMENTO;DATA_VENCIMENTO;VALOR_A_PAGAR;TAXA\n" + rows);
        Assert.Equal(
            [("amount", "VALOR_A_PAGAR"), ("customer", "ID_CLIENTE"), ("due", "DATA_VENCIMENTO"), ("issued", "DATA_EMISSAO_DOCUMENTO"), ("settled", "DATA_PAGAMENTO")],
            reading.Format.Columns.Select(c => (c.Key, c.Value)).Order());
        Assert.Empty(plan.Rejected);
        Assert.Equal((60, 7), (plan.Facts.OfType<InvoicePosted>().Count(), plan.Customers));
        Assert.Contains(reading.Remarks, r => r.Contains("numbers that a spreadsheet rounded", StringComparison.Ordinal));
    }

    private static readonly string Plain = "customer,invoice,issued,due,settled,amount\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"House A{i % 7},{i},2025-01-{i % 28 + 1:00},2025-02-{i % 28 + 1:00},2025-03-01,{i}.50\n"));

    private static (LedgerReading Reading, ImportPlan Plan) Read(string csv, FileFormat? told = null)
    {
        var reading = LedgerGuess.Read(new MemoryStream(Encoding.UTF8.GetBytes(csv)), told ?? new FileFormat(), Nothing);
        return (reading, Imports.Ledger(Encoding.UTF8.GetBytes(csv), reading.Format, reading.Currency.Length > 0 ? Currency.Parse(reading.Currency) : null, unlimited: true));
    }
}
