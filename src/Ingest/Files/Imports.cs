using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>Files to facts: receivables ledgers and order-to-cash logs. Events enter in time order; a payment is never seen before its date.</summary>
public static class Imports
{
    /// <summary>Fields of a ledger; those with a star are required.</summary>
    public static IReadOnlyList<string> LedgerFields { get; } = ["customer*", "document*", "issued*", "due*", "amount*", "currency", "settled", "disputed", "country"];

    /// <summary>Fields of an order-to-cash log.</summary>
    public static IReadOnlyList<string> OrderLogFields { get; } = ["customer*", "key*", "date*", "activity*", "amount*", "shipOn"];

    /// <summary>One invoice per row, with the day on which it was settled.</summary>
    public static ImportPlan Ledger(byte[] content, FileFormat format, Currency? currency, bool unlimited)
    {
        var plan = new ImportPlan { Source = format.SourceOf(content) };
        var drafts = new List<(int, int, int, Fact)>();
        var first = new Dictionary<string, (int Day, int Line, string Country, Currency Currency)>(StringComparer.Ordinal);
        foreach (var (line, raw, field) in format.Rows(content))
        {
            plan.Rows++;
            void Reject(string reason) => plan.Rejected.Add(new RejectedRow(line, reason, raw));
            var (customer, document) = (IdOf(field("customer")), IdOf(field("document")));
            var (issued, due) = (format.DayOf(field("issued")), format.DayOf(field("due")));
            var told = currency ?? (Currency.TryParse(field("currency"), out var read) ? read : default);
            if (!Ids.IsValid(customer)) Reject($"'{customer}' is no customer id");
            else if (!Ids.IsValid(document)) Reject($"'{document}' is no document id");
            else if (issued == 0) Reject($"'{field("issued")}' is no date of {string.Join(" or ", format.Dates)}");
            else if (due == 0) Reject($"'{field("due")}' is no date of {string.Join(" or ", format.Dates)}");
            else if (!told.IsKnown) Reject("no currency: map the column, or tell --currency");
            else if (!format.TryAmount(field("amount"), told, out var amount)) Reject($"'{field("amount")}' is no amount in {told}");
            else if (amount <= 0) Reject("the amount is not above 0");
            else if (field("settled") is { Length: > 0 } text && format.DayOf(text) == 0) Reject($"'{text}' is no date of {string.Join(" or ", format.Dates)}");
            else
            {
                var settled = format.DayOf(field("settled"));
                if (!first.TryGetValue(customer, out var seen) || issued < seen.Day) first[customer] = (issued, line, field("country"), told);
                Draft(issued, 4, line, new InvoicePosted { InvoiceId = document, Amount = amount, Currency = told, IssuedOn = issued, DueOn = due }, customer, "i:" + document);
                if (field("disputed").ToUpperInvariant() is "YES" or "TRUE" or "Y" or "1")
                    Draft(issued, 5, line, new DisputeOpened { DisputeId = "d-" + document, ItemId = document, Amount = amount, Currency = told, OpenedOn = issued }, customer, "d:" + document);
                if (settled == 0) continue;
                Draft(settled, 6, line, new PaymentReceived { PaymentId = "p-" + document, Amount = amount, Currency = told, ValueOn = settled, Cleared = true }, customer, "p:" + document);
                Draft(settled, 7, line, new PaymentAllocated
                {
                    AllocationId = "a-" + document, FromId = "p-" + document, AllocatedOn = settled,
                    Items = [new AllocationItem { ItemId = document, Amount = amount }],
                }, customer, "a:" + document);
            }
        }

        Open(first, unlimited, Draft);
        plan.Customers = first.Count;
        return plan.Order(drafts);

        void Draft(int day, int rank, int line, Fact fact, string customer, string id)
        {
            (fact.Customer, fact.EventId) = (customer, id);
            drafts.Add((day, rank, line, fact));
        }
    }

    /// <summary>
    /// One activity per row of an order line: created, goods issued, rejected; everything else is kept as a note. Block
    /// and release activities of the source system are never applied.
    /// </summary>
    public static ImportPlan OrderLog(byte[] content, FileFormat format, Currency currency, bool unlimited)
    {
        var plan = new ImportPlan { Source = format.SourceOf(content) };
        var drafts = new List<(int, int, int, Fact)>();
        var first = new Dictionary<string, (int Day, int Line, string Country, Currency Currency)>(StringComparer.Ordinal);
        var orders = new Dictionary<string, long>(StringComparer.Ordinal);
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (line, raw, field) in format.Rows(content))
        {
            plan.Rows++;
            void Reject(string reason) => plan.Rejected.Add(new RejectedRow(line, reason, raw));
            var (customer, key, activity, day) = (IdOf(field("customer")), IdOf(field("key")), field("activity"), format.DayOf(field("date")));
            if (!Ids.IsValid(customer)) Reject($"'{customer}' is no customer id");
            else if (!Ids.IsValid(key)) Reject($"'{key}' is no order id");
            else if (day == 0) Reject($"'{field("date")}' is no date of {string.Join(" or ", format.Dates)}");
            else if (activity is not ("Line Creation" or "Good Issue" or "Goods Issue" or "Schedule Line Rejected")) plan.Notes[activity] = plan.Notes.GetValueOrDefault(activity) + 1;
            else if (!format.TryAmount(field("amount"), currency, out var amount)) Reject($"'{field("amount")}' is no amount in {currency}");
            else if (amount <= 0) Reject("the amount is not above 0");
            else
            {
                var number = seen[activity + key] = seen.GetValueOrDefault(activity + key) + 1;
                if (!first.TryGetValue(customer, out var opened) || day < opened.Day) first[customer] = (day, line, "", currency);
                var shipOn = format.DayOf(field("shipOn"));
                if (activity == "Line Creation" && number > 1) plan.Notes["repeated Line Creation"] = plan.Notes.GetValueOrDefault("repeated Line Creation") + 1;
                else if (activity == "Line Creation")
                    Draft(day, 2, line, new OrderPlaced { OrderId = key, Amount = amount, Currency = currency, OrderedOn = day, ShipOn = shipOn == 0 ? day : shipOn, Priority = 5 }, customer, "o:" + key);
                else if (activity == "Schedule Line Rejected")
                    Draft(day, 5, line, new OrderCancelled { OrderId = key, Version = number, Reason = activity }, customer, $"c:{key}:{number}");
                else
                    Draft(day, 3, line, new DeliveryPosted
                    {
                        DeliveryId = Short($"{key}:{number}"), OrderId = key, Amount = amount, Currency = currency, ShippedOn = day, Final = true,
                    }, customer, $"g:{key}:{number}");
            }
        }

        Open(first, unlimited, Draft);
        plan.Customers = first.Count;
        return plan.Order(drafts);

        void Draft(int day, int rank, int line, Fact fact, string customer, string id)
        {
            (fact.Customer, fact.EventId) = (customer, id);
            drafts.Add((day, rank, line, fact));
        }
    }

    /// <summary>Ids have no spaces: "Customer 7" becomes "Customer_7".</summary>
    private static string IdOf(string text) => text.Replace(' ', '_');

    private static string Short(string id) => id.Length <= Ids.LengthMax ? id : id[^Ids.LengthMax..];

    private static void Open(Dictionary<string, (int Day, int Line, string Country, Currency Currency)> first, bool unlimited,
        Action<int, int, int, Fact, string, string> draft)
    {
        foreach (var (customer, (day, line, country, currency)) in first)
        {
            draft(day, 0, line, new CustomerOpened { Currency = currency, Profile = new CustomerProfile { Country = country } }, customer, "k:" + customer);
            if (unlimited)
                draft(day, 1, line, new LimitSet { Version = 1, Currency = currency, SetBy = "import", Steps = [new LimitStep { From = 1, Kind = LimitKind.Unlimited }] }, customer, "l:" + customer);
        }
    }
}
