using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Late, early and missing: every row of the table, each as it happens.</summary>
public sealed class LateAndEarly
{
    private readonly Desk _desk = new(limit: 10_000);

    [Fact]
    public void Unknown_customer_gets_a_provisional_account_and_a_command_opens_nothing()
    {
        Assert.Equal("UNKNOWN_CUSTOMER", _desk.Tell(new CheckCredit { Customer = "new", Amount = 1, Currency = Eur, Actor = "svc" }).Reason);
        Assert.Equal(-1, _desk.Book.FindSlot("new"));
        _desk.Tell(new OrderPlaced { Customer = "new", OrderId = "N1", Amount = 5, Currency = Eur, OrderedOn = _desk.Book.Today, ShipOn = _desk.Book.Today });
        var slot = _desk.Book.FindSlot("new");
        Assert.True(_desk.Book.Figures(slot).Provisional);
        Assert.Equal(OrderState.OnHold, _desk.Book.Detail(slot).Orders.Single().State);
        _desk.Tell(new CustomerOpened { Customer = "new", Currency = Eur });
        Assert.False(_desk.Book.Figures(slot).Provisional);
    }

    [Fact]
    public void Delivery_and_invoice_before_their_predecessor_raise_at_once_and_the_predecessor_takes_nothing_twice()
    {
        _desk.Invoice("I1", 60, links: OfDelivery("D1", 60));
        Assert.Equal(60, _desk.Figures.Gross);
        _desk.Deliver("D1", "O1", 60);
        Assert.Equal((60, 0), (_desk.Figures.Gross, _desk.Figures.Delivered));
        _desk.Order("O1", 100);
        Assert.Equal((100, 40), (_desk.Figures.Gross, _desk.Figures.OrdersInside));
    }

    public static TheoryData<string> Waiting => ["allocation", "clearing", "change", "dispute", "return", "reversal", "cancellation", "write-off", "cover end", "temporary end"];

    [Theory]
    [MemberData(nameof(Waiting))]
    public void What_would_lower_or_change_an_unknown_document_waits_seven_days_for_it(string what)
    {
        Fact Fact() => what switch
        {
            "allocation" => new PaymentAllocated { AllocationId = "A", FromId = "P", AllocatedOn = _desk.Book.Today, Items = [new AllocationItem { ItemId = "I", Amount = 10 }] },
            "clearing" => new PaymentCleared { PaymentId = "P", ClearedOn = _desk.Book.Today },
            "change" => new OrderChanged { OrderId = "O", Version = 1, Amount = 50, Currency = Eur, ShipOn = _desk.Book.Today },
            "dispute" => new DisputeOpened { DisputeId = "X", ItemId = "I", Amount = 10, Currency = Eur, OpenedOn = _desk.Book.Today },
            "return" => new ReturnReceived { ReturnId = "R", DeliveryId = "D", Amount = 10, Currency = Eur, ReceivedOn = _desk.Book.Today },
            "reversal" => new DeliveryReversed { ReversalId = "V", DeliveryId = "D", Amount = 10, Currency = Eur },
            "cancellation" => new InvoiceCancelled { InvoiceId = "I" },
            "write-off" => new WriteOffPosted { WriteOffId = "W", Items = [new WriteOffItem { ItemId = "I", Amount = 10 }] },
            "cover end" => new CoverEnded { CoverId = "V1", Version = 1, EndedOn = _desk.Book.Today },
            _ => new TemporaryLimitEnded { TemporaryId = "T1" },
        };
        Assert.Equal((OutcomeKind.Parked, "NO_PREDECESSOR"), (_desk.Tell(Fact()).Kind, _desk.Tell(new ExternalExposureReported { System = "x", Amount = 0, Currency = Eur, AsOn = 1 }).Kind == OutcomeKind.Applied ? "NO_PREDECESSOR" : ""));
        _desk.Restart();
        _desk.Order("O", 100);
        _desk.Deliver("D", "O", 60);
        _desk.Invoice("I", 40);
        _desk.Pay("P", 10, cleared: false);
        _desk.Tell(new CoverGranted { CoverId = "V1", Version = 1, Kind = CoverKind.Deposit, Amount = 10, Currency = Eur, From = _desk.Book.Today, Use = CoverUse.ReducesRisk });
        _desk.Tell(new TemporaryLimitGranted { TemporaryId = "T1", Amount = 1, Currency = Eur, From = _desk.Now, To = _desk.Now.Plus(Instant.Day) });
        Assert.Empty(_desk.Detail.Parked);
        Assert.DoesNotContain(_desk.History, e => e is ParkedFactLapsed);
        var late = new Desk();
        Assert.Equal(OutcomeKind.Parked, late.Tell(Fact()).Kind);
        late.Wait(7 * 86_400 + 1);
        Assert.Equal("NO_PREDECESSOR", late.History.OfType<ParkedFactLapsed>().Single().Reason);
    }

    [Fact]
    public void Cancelled_before_it_was_placed_counts_nothing()
    {
        Assert.Equal(OutcomeKind.Applied, _desk.Tell(new OrderCancelled { OrderId = "O1", Version = 1 }).Kind);
        _desk.Order("O1", 500);
        Assert.Equal((0, -500), (_desk.Figures.Gross, _desk.Residue(Residue.Cancelled)));
    }

    [Fact]
    public void Per_field_the_highest_version_wins()
    {
        _desk.Order("O1", 500);
        Assert.Equal(OutcomeKind.Applied, _desk.Tell(new OrderChanged { OrderId = "O1", Version = 5, Amount = 700, Currency = Eur, ShipOn = _desk.Book.Today }).Kind);
        Assert.Equal(OutcomeKind.Superseded, _desk.Tell(new OrderChanged { OrderId = "O1", Version = 4, Amount = 100, Currency = Eur, ShipOn = _desk.Book.Today }).Kind);
        // The status is another field: a lower version than that of the terms still sets it.
        Assert.Equal(OutcomeKind.Applied, _desk.Tell(new OrderClosed { OrderId = "O1", Version = 2 }).Kind);
        Assert.Equal(OutcomeKind.Superseded, _desk.Tell(new OrderCancelled { OrderId = "O1", Version = 1 }).Kind);
        // Re-opened with a version between: the status opens, the terms stay.
        Assert.Equal(OutcomeKind.Applied, _desk.Tell(new OrderReopened { OrderId = "O1", Version = 3, Amount = 10, Currency = Eur, ShipOn = _desk.Book.Today }).Kind);
        Assert.Equal(700, _desk.Figures.Gross);
    }

    [Fact]
    public void Master_data_has_a_version_per_field()
    {
        _desk.Rules(("segment/A/horizonDays", 1), ("segment/B/horizonDays", 2));
        Assert.Equal(OutcomeKind.Applied, Change(5, new CustomerProfile { Segment = "A" }));
        Assert.Equal(OutcomeKind.Applied, Change(3, new CustomerProfile { Segment = "B", Country = "DE" }));
        Assert.Equal(OutcomeKind.Superseded, Change(2, new CustomerProfile { Segment = "B", Country = "FR" }));
        Assert.Equal(("A", "DE"), (_desk.Book.NameOf(_desk.Figures.Segment), _desk.Book.NameOf(_desk.Figures.Country)));

        OutcomeKind Change(long version, CustomerProfile profile) => _desk.Tell(new CustomerChanged { Version = version, Profile = profile }).Kind;
    }

    [Fact]
    public void Values_without_a_version_count_by_time_then_by_event_id()
    {
        var noon = _desk.Now.Plus(Instant.Second);
        _desk.Invoice("I1", 40);
        Due("2026-05-01", "b", noon);
        Due("2026-06-01", "a", noon);
        Assert.Equal(On("2026-05-01"), _desk.Detail.Items.Single().DueOn);
        _desk.Restart();
        Due("2026-07-01", "c", noon);
        Assert.Equal(On("2026-07-01"), _desk.Detail.Items.Single().DueOn);
        Due("2026-08-01", "z", new Instant(1));
        Assert.Equal(On("2026-07-01"), _desk.Detail.Items.Single().DueOn);
        Assert.Equal(OutcomeKind.Applied, _desk.Tell(new TermsAssigned { Terms = "N30", Rank = 1, Time = noon, EventId = "t2" }).Kind);
        Assert.Equal(OutcomeKind.Superseded, _desk.Tell(new TermsAssigned { Terms = "N60", Rank = 2, Time = noon, EventId = "t1" }).Kind);
        Assert.Equal(OutcomeKind.Applied, _desk.Tell(new ReviewCompleted { ReviewedOn = 1, Time = noon, EventId = "r2", EligibleMax = 7 }).Kind);
        Assert.Equal(OutcomeKind.Superseded, _desk.Tell(new ReviewCompleted { ReviewedOn = 2, Time = noon, EventId = "r1" }).Kind);

        void Due(string on, string id, Instant time) => _desk.Tell(new InvoiceDueDateChanged { InvoiceId = "I1", DueOn = On(on), Kind = DueDateKind.Extension, Time = time, EventId = id });
    }

    [Fact]
    public void Due_date_that_went_there_back_and_there_again_while_its_invoice_was_unknown_ends_where_it_went_last()
    {
        var noon = _desk.Now.Plus(Instant.Second);
        foreach (var (on, at) in ((string, int)[])[("2026-05-01", 1), ("2026-05-01", 3), ("2026-06-01", 2)])
            Assert.Equal(OutcomeKind.Parked, _desk.Tell(new InvoiceDueDateChanged { InvoiceId = "I1", DueOn = On(on), Kind = DueDateKind.Extension, Time = noon.Plus(at) }).Kind);
        _desk.Invoice("I1", 40);
        Assert.Equal(On("2026-05-01"), _desk.Detail.Items.Single().DueOn);
    }

    [Fact]
    public void Report_from_outside_with_the_highest_date_stands()
    {
        Report(500, 20, "a");
        Report(300, 19, "b");
        Assert.Equal(500, _desk.Figures.External);
        Report(0, 21, "c");
        Assert.Equal(0, _desk.Figures.External);

        void Report(long amount, int asOn, string id) => _desk.Tell(new ExternalExposureReported { System = "erp", Amount = amount, Currency = Eur, AsOn = asOn, EventId = id });
    }

    [Fact]
    public void Amount_of_nothing_or_below_is_refused_and_changes_nothing()
    {
        foreach (var amount in (long[])[0, -1, long.MinValue])
        {
            Assert.Equal("BAD_AMOUNT", _desk.Order("O1", amount).Reason);
            Assert.Equal("BAD_AMOUNT", _desk.Invoice("I1", amount).Reason);
            Assert.Equal("BAD_AMOUNT", _desk.Pay("P1", amount).Reason);
            Assert.Equal("BAD_AMOUNT", _desk.Tell(new CreditNoteIssued { CreditNoteId = "K1", Amount = amount, Currency = Eur, IssuedOn = _desk.Book.Today }).Reason);
        }

        Assert.Equal("AMOUNT_TOO_LARGE", _desk.Order("O1", 1_000_000_000_000_001).Reason);
        Assert.Equal((0, 0), (_desk.Figures.Gross, _desk.Figures.OpenOrders));
    }

    [Fact]
    public void Event_dated_in_the_future_is_refused_and_its_business_date_is_not()
    {
        var book = new Book(0, Eur, eventClock: false);
        var arrival = Instant.From(new DateOnly(2026, 3, 2));
        Outcome Tell(Instant time) => PartitionMachine.Apply(book, new InvoicePosted
        {
            Customer = "C", InvoiceId = "I" + time.Micros, EventId = "e" + time.Micros, Amount = 1, Currency = Eur, IssuedOn = On("2026-03-02"), DueOn = On("2099-01-01"), Time = time, Arrival = arrival,
        }, new EntryPosition(0, 1, 0), new EffectBuffer());
        Assert.Equal(OutcomeKind.Applied, Tell(arrival.Plus(300 * Instant.Second)).Kind);
        Assert.Equal("FUTURE_DATED", Tell(arrival.Plus(300 * Instant.Second + 1)).Reason);
    }

    [Fact]
    public void Creating_fact_again_is_a_duplicate_or_a_conflict()
    {
        _desk.Invoice("I1", 40);
        Assert.Equal(OutcomeKind.Duplicate, _desk.Invoice("I1", 40).Kind);
        Assert.Equal(OutcomeKind.ConflictingDuplicate, _desk.Invoice("I1", 41).Kind);
    }
}
