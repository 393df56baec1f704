using System.Text;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>What rows become.</summary>
public sealed class ImportTests
{
    private static readonly Currency Euro = Currency.Parse("EUR");

    [Fact]
    public void An_invoice_is_posted_disputed_and_paid_each_on_its_day()
    {
        var plan = Ledger("C1,D1,2026-01-05,2026-02-04,100.50,2026-02-10,Yes", unlimited: true);
        Assert.Equal(
            ["CustomerOpened 2026-01-05", "LimitSet 2026-01-05", "InvoicePosted 2026-01-05", "DisputeOpened 2026-01-05", "PaymentReceived 2026-02-10",
                "PaymentAllocated 2026-02-10", "DisputeClosed 2026-02-10"], Told(plan));
        var allocation = plan.Facts.OfType<PaymentAllocated>().Single();
        Assert.Equal(plan.Facts.OfType<PaymentReceived>().Single().PaymentId, allocation.FromId);
        Assert.Equal(("D1", 10050L), (allocation.Items[0].ItemId, allocation.Items[0].Amount));
        Assert.Equal((new DateOnly(2026, 1, 5), new DateOnly(2026, 2, 10)), (plan.FirstDate, plan.LastDate));
    }

    [Fact]
    public void An_invoice_that_is_open_stays_open() =>
        Assert.Equal(["CustomerOpened 2026-01-05", "InvoicePosted 2026-01-05"], Told(Ledger("C1,D1,2026-01-05,2026-02-04,100,,No")));

    [Fact]
    public void A_payment_before_its_invoice_waits_for_it() => Assert.Equal(
        ["CustomerOpened 2026-01-02", "PaymentReceived 2026-01-02", "InvoicePosted 2026-01-05", "PaymentAllocated 2026-01-05"],
        Told(Ledger("C1,D1,2026-01-05,2026-02-04,100,2026-01-02,")));

    [Fact]
    public void A_negative_amount_is_a_credit_note()
    {
        var plan = Ledger("C1,D1,2026-01-05,2026-02-04,-100,2026-01-20,");
        Assert.Equal(["CustomerOpened 2026-01-05", "CreditNoteIssued 2026-01-05", "PaymentRefunded 2026-01-20"], Told(plan));
        Assert.Equal(10000, plan.Facts.OfType<CreditNoteIssued>().Single().Amount);
    }

    [Theory]
    [InlineData(",D1,2026-01-05,2026-02-04,100,,", "MISSING_FIELD customer")]
    [InlineData("C1,,2026-01-05,2026-02-04,100,,", "MISSING_FIELD document")]
    [InlineData("C1,D1,05.01.2026,2026-02-04,100,,", "BAD_DATE issued")]
    [InlineData("C1,D1,2026-01-05,,100,,", "MISSING_FIELD due")]
    [InlineData("C1,D1,2026-01-05,2026-02-04,abc,,", "BAD_AMOUNT amount")]
    [InlineData("C1,D1,2026-01-05,2026-02-04,1.005,,", "TOO_MANY_DIGITS amount")]
    [InlineData("C1,D1,2026-01-05,2026-02-04,0,,", "NOT_POSITIVE amount")]
    [InlineData("C1,D1,2026-01-05,2026-02-04,100,soon,", "BAD_DATE settled")]
    [InlineData("C1,D1,2026-01-05,2026-02-04,100,,perhaps", "UNKNOWN_VALUE disputed")]
    public void A_bad_row_is_rejected_with_reason_line_and_text(string row, string reason)
    {
        var plan = Ledger("C9,D9,2026-01-05,2026-02-04,100,,\n" + row);
        var rejected = Assert.Single(plan.Rejected);
        Assert.Equal((reason, 3, row), (rejected.Reason, rejected.Line, rejected.Raw));
        Assert.Contains("expected", rejected.Detail, StringComparison.Ordinal);
        Assert.Single(plan.Facts.OfType<InvoicePosted>());
    }

    [Fact]
    public void The_same_row_twice_counts_once_and_another_row_of_that_document_is_rejected()
    {
        var plan = Ledger("C1,D1,2026-01-05,2026-02-04,100,,\nC1,D1,2026-01-05,2026-02-04,100,,\nC1,D1,2026-01-05,2026-02-04,200,,\nC2,D1,2026-01-05,2026-02-04,100,,");
        Assert.Equal(2, plan.Facts.OfType<InvoicePosted>().Count());
        Assert.Equal(1, plan.Notes["identical row, left out"]);
        Assert.Equal("DUPLICATE_DOCUMENT document", Assert.Single(plan.Rejected).Reason);
    }

    [Fact]
    public void Currency_may_stand_in_a_column()
    {
        var columns = FileFormat.ParseColumns(["customer=c", "document=d", "issued=i", "due=u", "amount=a", "currency=w"], Imports.LedgerFields);
        var content = Encoding.UTF8.GetBytes("c;d;i;u;a;w\nC1;D1;2026-01-05;2026-02-04;1500;JPY\nC1;D2;2026-01-05;2026-02-04;1500;ZZZ\n");
        var plan = Imports.Ledger(content, new FileFormat { Columns = columns, Delimiter = ";" }, null, false);
        Assert.Equal(1500, plan.Facts.OfType<InvoicePosted>().Single().Amount);
        Assert.Equal("UNKNOWN_CURRENCY currency", plan.Rejected.Single().Reason);
        Assert.Throws<InvalidDataException>(() => Imports.Ledger(content, new FileFormat
        {
            Columns = columns.Where(pair => pair.Key != "currency").ToDictionary(), Delimiter = ";",
        }, null, false));
    }

    [Fact]
    public void Payments_in_parts_stand_in_rows_of_their_own_and_the_first_keeps_its_name()
    {
        var plan = Parts("C1,D1,2026-01-05,2026-02-04,100,2026-02-20,60", "C1,D1,2026-01-05,2026-02-04,100,2026-02-10,30", "C1,D1,2026-01-05,2026-02-04,100,2026-02-10,30", "C1,D2,2026-01-05,2026-02-04,50,,");
        Assert.Equal(["payment-D1 3000", "payment-D1-20260220 6000"], plan.Facts.OfType<PaymentReceived>().Select(p => $"{p.PaymentId} {p.Amount}"));
        Assert.Equal([3000L, 6000L], plan.Facts.OfType<PaymentAllocated>().Select(a => a.Items[0].Amount));
        Assert.Equal(1, plan.Notes["identical row, left out"]);
        // The file grew by a payment: the old ones are named as before.
        var grown = Parts("C1,D1,2026-01-05,2026-02-04,100,2026-02-10,30", "C1,D1,2026-01-05,2026-02-04,100,2026-02-20,60", "C1,D1,2026-01-05,2026-02-04,100,2026-03-01,10");
        Assert.Equal(["payment-D1 3000", "payment-D1-20260220 6000", "payment-D1-20260301 1000"], grown.Facts.OfType<PaymentReceived>().Select(p => $"{p.PaymentId} {p.Amount}"));
    }

    [Fact]
    public void What_is_paid_above_the_invoice_stays_unallocated_and_another_invoice_of_that_name_is_rejected()
    {
        var plan = Parts("C1,D1,2026-01-05,2026-02-04,100,2026-02-10,70", "C1,D1,2026-01-05,2026-02-04,100,2026-02-12,50", "C1,D1,2026-01-05,2026-02-04,200,2026-02-12,50");
        Assert.Equal([7000L, 3000L], plan.Facts.OfType<PaymentAllocated>().Select(a => a.Items[0].Amount));
        Assert.Equal(1, plan.Notes["paid more than was open"]);
        Assert.Equal("DUPLICATE_DOCUMENT document", plan.Rejected.Single().Reason);
    }

    [Theory]
    [InlineData("C1,D1,2026-01-05,2026-02-04,100,2026-02-10,40", 0, "2026-02-10 6000")]
    [InlineData("C1,D1,2026-01-05,2026-02-04,100,,40", 20260331, "2026-03-31 6000")]
    [InlineData("C1,D1,2026-01-05,2026-02-04,100,,100", 0, "")]
    [InlineData("C1,D1,2026-01-05,2026-02-04,100,,", 20260331, "")]
    [InlineData("C1,D1,2026-01-05,2026-02-04,100,,0", 20260331, "2026-03-31 10000")]
    public void What_is_still_open_tells_what_was_paid(string row, int drawnUp, string paid)
    {
        var plan = Open(row, drawnUp);
        Assert.Empty(plan.Rejected);
        Assert.Equal(paid, string.Join(' ', plan.Facts.OfType<PaymentReceived>().Select(p => $"{p.Time.UtcDate:yyyy-MM-dd} {p.Amount}")));
    }

    [Theory]
    [InlineData("C1,D1,2026-01-05,2026-02-04,100,,40", "MISSING_FIELD settled")]
    [InlineData("C1,D1,2026-01-05,2026-02-04,100,2026-02-10,140", "BAD_AMOUNT open")]
    [InlineData("C1,D1,2026-01-05,2026-02-04,100,2026-02-10,-1", "BAD_AMOUNT open")]
    public void A_payment_without_a_day_or_beyond_the_document_is_rejected(string row, string reason) => Assert.Equal(reason, Open(row, 0).Rejected.Single().Reason);

    [Fact]
    public void Facts_that_do_not_fit_in_memory_come_in_the_same_order()
    {
        using var small = new FactSorter(partMax: 7);
        using var large = new FactSorter();
        for (var i = 0; i < 100; i++)
        {
            foreach (var sorter in new[] { small, large })
                sorter.Add(700_000 + i * 37 % 11, (DayRank)(i % 3), i, new InvoicePosted { InvoiceId = "I" + i, Amount = 1 + i, Currency = Euro, Customer = "C" + i % 5, EventId = $"{i}.invoice" });
        }

        var expected = large.Read().Select(Text).ToList();
        Assert.Equal(100, expected.Count);
        Assert.Equal(expected, small.Read().Select(Text));
        Assert.Equal(expected, small.Read().Select(Text));

        static string Text((int Day, Fact Fact) item) => $"{item.Day} {item.Fact.EventId} {item.Fact.Customer} {((InvoicePosted)item.Fact).Amount}";
    }

    private static ImportPlan Parts(params string[] rows) => WithColumn("paid", string.Join('\n', rows), 0);

    private static ImportPlan Open(string row, int drawnUp) => WithColumn("open", row, drawnUp == 0 ? 0 : new DateOnly(drawnUp / 10_000, drawnUp / 100 % 100, drawnUp % 100).DayNumber);

    private static ImportPlan WithColumn(string field, string rows, int drawnUp)
    {
        var columns = FileFormat.ParseColumns(["customer=c", "document=d", "issued=i", "due=u", "amount=a", "settled=s", field + "=x"], Imports.LedgerFields);
        return Imports.Ledger(Encoding.UTF8.GetBytes("c,d,i,u,a,s,x\n" + rows + "\n"), new FileFormat { Columns = columns }, Euro, false, drawnUp);
    }

    [Fact]
    public void Lines_of_an_order_are_added_up_by_day()
    {
        var plan = Lines("O1,C1,2026-01-05,2,1.50\nO1,C1,2026-01-05,1,0.25\nO1,C1,2026-01-07,1,1\nO2,C1,2026-01-05,-1,5\nO3,,2026-01-05,1,5\nO1,C2,2026-01-05,1,5\nO4,C1,2026-01-05,1,0.125");
        var placed = plan.Facts.OfType<OrderPlaced>().Single();
        Assert.Equal(("O1", 325L), (placed.OrderId, placed.Amount));
        var changed = plan.Facts.OfType<OrderChanged>().Single();
        Assert.Equal((425L, 1L, "2026-01-07"), (changed.Amount, changed.Version, changed.Time.UtcDate.ToString("yyyy-MM-dd", null)));
        Assert.Equal(["NOT_POSITIVE amount", "MISSING_FIELD customer", "OTHER_CUSTOMER customer", "TOO_MANY_DIGITS amount"], plan.Rejected.Select(row => row.Reason));
    }

    [Fact]
    public void A_log_places_changes_delivers_and_cancels()
    {
        var plan = Log(
            "A_10,Customer 1,2026-01-05,Line Creation,50,2026-01-20", "A_10,Customer 1,2026-01-05,Document blocked for credit ,50,",
            "A_10,Customer 1,2026-01-06,Document released for credit,50,", "A_10,Customer 1,2026-01-07,Sched.Line Changed Delivery Date,50,2026-01-25",
            "A_10,Customer 1,2026-01-08,Sched.Line Changed Delivery Date,50,", "A_10,Customer 1,2026-01-09,Good Issue,50,", "A_10,Customer 1,2026-01-10,Good Issue,50,",
            "A_20,Customer 1,2026-01-05,Line Creation,70,", "A_20,Customer 1,2026-01-06,Schedule Line Rejected,70,",
            "A_30,Customer 1,2026-01-05,Line Creation,0,", "A_30,Customer 1,2026-01-06,Good Issue,0,");
        Assert.Equal(
            ["CustomerOpened 2026-01-05", "LimitSet 2026-01-05", "OrderPlaced 2026-01-05", "OrderPlaced 2026-01-05", "OrderCancelled 2026-01-06",
                "OrderChanged 2026-01-07", "DeliveryPosted 2026-01-09"], Told(plan));
        Assert.Equal("Customer_1", plan.Facts[0].Customer);
        var delivery = plan.Facts.OfType<DeliveryPosted>().Single();
        Assert.Equal((5000L, true, "A_10"), (delivery.Amount, delivery.Final, delivery.OrderId));
        Assert.Equal("NOT_POSITIVE amount", plan.Rejected.Single().Reason);
        Assert.Equal(1, plan.Notes["Document blocked for credit"]);
        Assert.Equal(1, plan.Notes["further goods issue of a delivered line"]);
        Assert.Equal(1, plan.Notes["change of a date that is not told"]);
        Assert.Equal(1, plan.Notes["activity of a line that was not taken over"]);
        Assert.Equal(plan.Notes.Values.Sum(), plan.NoteRows.Count);
    }

    [Fact]
    public void Activities_may_have_other_names()
    {
        var format = LogFormat with { Activities = new Dictionary<string, string> { ["Neu"] = "created", ["Raus"] = "issued" } };
        var content = Encoding.UTF8.GetBytes("key,cust,date,act,value,ship\nA,C,2026-01-05,Neu,5,\nA,C,2026-01-06,Raus,5,\nA,C,2026-01-06,Good Issue,5,\n");
        var plan = Imports.OrderLog(content, format, Euro, false);
        Assert.Equal(["CustomerOpened 2026-01-05", "OrderPlaced 2026-01-05", "DeliveryPosted 2026-01-06"], Told(plan));
        Assert.Throws<InvalidDataException>(() => Imports.OrderLog(content, format with { Activities = new Dictionary<string, string> { ["Neu"] = "new" } }, Euro, false));
    }

    [RealDataFact("sap_o2c_events.csv.gz")]
    public void The_log_of_a_real_company()
    {
        var format = new FileFormat
        {
            Columns = FileFormat.ParseColumns(["key=Key", "customer=Customer", "date=Date_fixed", "activity=Activity", "amount=NetValue"], Imports.OrderLogFields),
            Dates = ["yyyy-MM-dd HH:mm:ss"],
        };
        var plan = Imports.OrderLog(Real("sap_o2c_events.csv.gz"), format, Currency.Parse("USD"), unlimited: true);
        Assert.Equal((110_125, 245), (plan.Rows, plan.Customers));
        Assert.Equal(20_832, plan.Facts.OfType<OrderPlaced>().Count());
        Assert.Equal(18_391, plan.Facts.OfType<DeliveryPosted>().Count());
        Assert.Equal(2_441, plan.Facts.OfType<OrderCancelled>().Count());
        Assert.Equal(24_183_040_404, plan.Facts.OfType<OrderPlaced>().Sum(order => order.Amount));
        Assert.Equal(60, plan.Notes["Document blocked for credit"]);
        Assert.Equal(1_607, plan.Notes["Document released for credit"]);
        Assert.Equal(327, plan.Rejected.Count);
        Assert.Equal((new DateOnly(2016, 1, 4), new DateOnly(2017, 7, 14)), (plan.FirstDate, plan.LastDate));
        InTimeOrder(plan);
    }

    [RealDataFact("uci_online_retail.csv.gz")]
    public void The_order_lines_of_a_real_wholesaler()
    {
        var format = new FileFormat
        {
            Columns = FileFormat.ParseColumns(["order=InvoiceNo", "customer=CustomerID", "date=InvoiceDate", "quantity=Quantity", "price=UnitPrice", "country=Country"], Imports.OrderLineFields),
            Dates = ["yyyy-MM-dd HH:mm:ss"],
        };
        var plan = Imports.OrderLines(Real("uci_online_retail.csv.gz"), format, Currency.Parse("GBP"), unlimited: false);
        Assert.Equal(541_909, plan.Rows);
        Assert.Equal(135_080, plan.Rejected.Count(row => row.Reason == "MISSING_FIELD customer"));
        Assert.InRange(plan.Facts.OfType<OrderPlaced>().Count(), 18_000, 19_000);
        Assert.InRange(plan.Customers, 4_300, 4_372);
        InTimeOrder(plan);
    }

    [RealDataFact("ibm_receivables_demo.csv")]
    public void A_ledger_of_receivables()
    {
        var format = new FileFormat
        {
            Columns = FileFormat.ParseColumns(["customer=customerID", "document=invoiceNumber", "issued=InvoiceDate", "due=DueDate", "amount=InvoiceAmount", "settled=SettledDate", "disputed=Disputed", "country=countryCode"], Imports.LedgerFields),
            Dates = ["M/d/yyyy"],
        };
        var plan = Imports.Ledger(Real("ibm_receivables_demo.csv"), format, Currency.Parse("USD"), unlimited: false);
        Assert.Equal((2_466, 100, 0), (plan.Rows, plan.Customers, plan.Rejected.Count));
        Assert.Equal(14_770_318, plan.Facts.OfType<InvoicePosted>().Sum(invoice => invoice.Amount));
        Assert.Equal(2_466, plan.Facts.OfType<PaymentAllocated>().Count());
        Assert.Equal(561, plan.Facts.OfType<DisputeOpened>().Count());
        Assert.Equal((new DateOnly(2012, 1, 3), new DateOnly(2014, 1, 9)), (plan.FirstDate, plan.LastDate));
        InTimeOrder(plan);
    }

    private static FileFormat LogFormat { get; } = new()
    {
        Columns = FileFormat.ParseColumns(["key=key", "customer=cust", "date=date", "activity=act", "amount=value", "shipOn=ship"], Imports.OrderLogFields),
    };

    private static ImportPlan Log(params string[] rows) =>
        Imports.OrderLog(Encoding.UTF8.GetBytes("key,cust,date,act,value,ship\n" + string.Join('\n', rows)), LogFormat, Euro, unlimited: true);

    private static ImportPlan Lines(string rows) => Imports.OrderLines(Encoding.UTF8.GetBytes("o,c,d,q,p\n" + rows),
        new FileFormat { Columns = FileFormat.ParseColumns(["order=o", "customer=c", "date=d", "quantity=q", "price=p"], Imports.OrderLineFields) }, Euro, unlimited: false);

    private static ImportPlan Ledger(string rows, bool unlimited = false) => Imports.Ledger(Encoding.UTF8.GetBytes("c,d,i,u,a,s,x\n" + rows), new FileFormat
    {
        Columns = FileFormat.ParseColumns(["customer=c", "document=d", "issued=i", "due=u", "amount=a", "settled=s", "disputed=x"], Imports.LedgerFields),
    }, Euro, unlimited);

    private static byte[] Real(string file) => File.ReadAllBytes(Repository.Data(file)!);

    private static IEnumerable<string> Told(ImportPlan plan)
    {
        InTimeOrder(plan);
        return plan.Facts.Select(fact => $"{fact.GetType().Name} {fact.Time.UtcDate:yyyy-MM-dd}");
    }

    private static void InTimeOrder(ImportPlan plan)
    {
        Assert.Equal(plan.Facts.Count, plan.Facts.Select(fact => fact.EventId).Distinct().Count());
        var opened = new HashSet<string>();
        for (var i = 0; i < plan.Facts.Count; i++)
        {
            var fact = plan.Facts[i];
            Assert.Equal((plan.Source, i + 1L, plan.Source), (fact.Position.Stream, fact.Position.Offset, fact.Source));
            if (i > 0) Assert.True(plan.Facts[i - 1].Time <= fact.Time);
            if (fact is CustomerOpened) opened.Add(fact.Customer);
            Assert.Contains(fact.Customer, opened);
            if (fact.OwnDate != 0) Assert.Equal(fact.OwnDate, fact.Time.UtcDate.DayNumber);
        }
    }
}
