using ExposureMonitor.Domain;

namespace ExposureMonitor.Simulation;

/// <summary>What the indicators of habit and of the outside speak of: a past that is told late, agencies, insurers, letters, news.</summary>
internal sealed partial class Story
{
    private const int Kinds = 19;

    private int _habit;

    /// <summary>One such thing of a customer in each stretch; histories only in the first, since they are long.</summary>
    private void Habit()
    {
        _customer = $"C{_dice.Below(_swarm.Customers)}";
        _currency = CurrencyOf(_customer);
        var id = $"H{_segment}-{_habit++}";
        switch (_dice.Below(Kinds))
        {
            case 0:
                Settled(id, 10, _ => 2, Day - 200, 12);
                Settled(id + "l", 7, _ => 30, Day - 6, 1);
                break;
            case 1:
                Settled(id, 10, _ => 0, Day - 200, 12);
                Settled(id + "p", 4, _ => 0, Day - 4, 1, part: true);
                break;
            case 2:
                Settled(id, 10, _ => -5, Day - 100, 5, discount: true);
                Settled(id + "n", 3, _ => -5, Day - 3, 1, discount: null);
                break;
            case 3:
                Settled(id, 12, i => i % 3, Day - 100, 5);
                Settled(id + "e", 10, i => i % 2 * 20, Day - 5, 0);
                break;
            case 4:
                Add(new PromiseMade { PromiseId = id, Amount = 40, Currency = _currency, PromisedOn = Day + 2, MadeBy = "lee" });
                break;
            case 5:
                Item(id, Day - 20, Day - 10);
                Add(new DisputeOpened { DisputeId = "X" + id, ItemId = id, Amount = 10, Currency = _currency, Reason = "price", OpenedOn = Day });
                break;
            case 6:
                Settled(id, 1, _ => 0, Day - 150, 1);
                Add(new CreditNoteIssued { CreditNoteId = "C" + id, Amount = 900, Currency = _currency, IssuedOn = Day, Reason = "goodwill" });
                break;
            case 7:
                foreach (var (rating, ago) in ((string, int)[])[("BBB", 40), ("BB", _dice.Below(9))]) Add(new RatingReceived { Agency = "SP", Value = rating, RatedOn = Day - ago });
                break;
            case 8:
                Filed(Day - 400, 900);
                Filed(Day - 40, 200 + 100 * _dice.Below(3));
                break;
            case 9:
                var to = Day + 20 + _dice.Below(200);
                Add(new CoverGranted { CoverId = id, Version = 1, Kind = CoverKind.Insurance, Provider = "i", Amount = 500, Currency = _currency, InsuredBp = 9_000, From = Day - 100, To = to, Use = CoverUse.ReducesRisk });
                if (_dice.Below(2) == 0) Add(new CoverStopped { CoverId = id, Version = 1, StoppedOn = Day, Reason = "buyer stop" });
                break;
            case 10:
                Add(new ReviewCompleted { ReviewedOn = Day - 60, NextOn = Day - 2 + _dice.Below(4), By = "kim" });
                break;
            case 11:
                Add(new StatementSent { StatementId = id, PeriodFrom = Day - 60, PeriodTo = Day - 30, Closing = 1_000, Currency = _currency });
                Add(new StatementAnswered { StatementId = id, Answer = StatementAnswer.Differences, Differences = [new StatementDifference { DocId = "I", Ours = 100, Theirs = 50 }] });
                break;
            case 12:
                Add(new ExternalSignalReceived { SignalId = id, Kind = (ExternalSignalKind)(1 + _dice.Below(8)), Severity = Severity.High, HappenedOn = Day - _dice.Below(5) });
                break;
            case 13:
                Item(id, Day - 40, Day - 20);
                Add(new DunningSent { DunningId = "M" + id, Items = [id], Level = 3, SentOn = Day });
                break;
            case 14:
                Add(new PaymentReceived { PaymentId = id, Amount = 1, Currency = _currency, ValueOn = Day, Cleared = true, ThirdPartyPayer = "uncle" });
                break;
            case 15:
                for (var n = 0; n < 2; n++) Add(new PaymentReceived { PaymentId = $"{id}-{n}", Amount = 100_000, Currency = _currency, ValueOn = Day, Cleared = true });
                break;
            case 16:
                Add(new RatingOverridden { Grade = _dice.Below(3) == 0 ? "B" : "E", Reason = "owner", By = "kim", ApprovedBy = ["lee"] });
                break;
            case 17:
                for (var n = 0; n < 8; n++)
                {
                    Add(new OrderPlaced { OrderId = $"{id}-{n}", Amount = 10, Currency = _currency, OrderedOn = Day - 40 + n * 3, ShipOn = Day + 5 });
                    Add(new OrderCancelled { OrderId = $"{id}-{n}", Version = 1 });
                }

                break;
            default:
                Add(new ExternalSignalReceived { SignalId = id, Kind = ExternalSignalKind.TermsRequest, Severity = Severity.Low, HappenedOn = Day });
                break;
        }
    }

    private void Item(string id, int issued, int due, int discountBp = 0) =>
        Add(new InvoicePosted { InvoiceId = id, Amount = 50, Currency = _currency, IssuedOn = issued, DueOn = due, DiscountBp = discountBp, DiscountOn = discountBp == 0 ? 0 : issued + 60 });

    /// <param name="discount">True: offered and taken; null: offered and not taken.</param>
    private void Settled(string id, int count, Func<int, int> late, int from, int every, bool part = false, bool? discount = false)
    {
        for (var i = 0; i < count; i++)
        {
            var (item, on) = ($"{id}-{i}", from + i * every);
            Item(item, on - late(i) - 20, on - late(i), discount == false ? 0 : 400);
            var paid = part ? 20 : discount == true ? 48 : 50;
            Add(new PaymentReceived { PaymentId = "P" + item, Amount = paid, Currency = _currency, ValueOn = on, Cleared = true });
            Add(new PaymentAllocated { AllocationId = "A" + item, FromId = "P" + item, AllocatedOn = on, Items = [new AllocationItem { ItemId = item, Amount = paid, DiscountTaken = discount == true ? 2 : 0 }] });
        }
    }

    private void Filed(int end, long sales) => Add(new FinancialStatementFiled
    {
        PeriodEnd = end, Currency = _currency, Manufacturer = true, TotalAssets = 300, CurrentAssets = 150, CurrentLiabilities = 75, TotalLiabilities = 150, RetainedEarnings = 90, Ebit = 30, Sales = sales, BookEquity = 150,
    });
}
