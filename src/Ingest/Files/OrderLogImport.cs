using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// An order-to-cash log of SAP's kind: one activity of an order line per row. A created line is an order of its own;
/// the first goods issue delivers all of it, since such logs do not say which part left; a rejected line is
/// cancelled; a changed date changes the order where the log tells the new date. All other activities, above all the
/// source system's own credit blocks and releases, are kept as notes and never applied.
/// </summary>
internal sealed class OrderLogImport : FileImport
{
    private static readonly Dictionary<string, Activity> Sap = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Line Creation"] = Activity.Created,
        ["Good Issue"] = Activity.Issued,
        ["Goods Issue"] = Activity.Issued,
        ["Schedule Line Rejected"] = Activity.Rejected,
        ["Sched.Line Changed Delivery Date"] = Activity.Changed,
    };

    private readonly Currency _currency;
    private readonly int _keyAt, _dateAt, _activityAt, _amountAt, _shipAt;
    private readonly Dictionary<string, Activity> _activities;
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private readonly List<Step> _steps = [];

    internal OrderLogImport(Stream file, FileFormat format, Currency currency, NoLimit noLimit)
        : base(file, format, Imports.OrderLogFields, "order-log", currency.Code, noLimit)
    {
        _currency = currency;
        (_keyAt, _dateAt, _activityAt) = (Table.IndexOf("key"), Table.IndexOf("date"), Table.IndexOf("activity"));
        (_amountAt, _shipAt) = (Table.IndexOf("amount"), Table.IndexOf("shipOn"));
        _activities = format.Activities.Count == 0 ? Sap : new Dictionary<string, Activity>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, meaning) in format.Activities)
        {
            if (!Enum.TryParse<Activity>(meaning, ignoreCase: true, out var activity) || activity == Activity.Note)
                throw new InvalidDataException($"The activity '{name}' means '{meaning}': expected created, issued, rejected or changed.");
            _activities[name.Trim()] = activity;
        }
    }

    private enum Activity
    {
        Note, Created, Issued, Rejected, Changed,
    }

    private protected override void Take(FileRow row)
    {
        if (!TryCustomer(row, _currency, out var customer) || !TryDocument(row, _keyAt, "key", out var key)) return;
        if (!TryDay(row, _dateAt, "date", out var day)) return;
        var name = Table.Get(row, _activityAt);
        var activity = _activities.GetValueOrDefault(name);
        if (activity == Activity.Note)
        {
            Facts.Note(row.Line, name.Length == 0 ? "no activity" : name, customer.Id, key, day);
            return;
        }

        // A date of shipment in another form than told is no reason to lose the row: it only falls back.
        var shipOn = Format.DayOf(Table.Get(row, _shipAt));
        if (activity == Activity.Created) Create(row, customer, key, day, shipOn);
        else _steps.Add(StepOf(row, activity, customer.Id, key, day, shipOn));
    }

    private protected override void Complete()
    {
        // Only now, since a file need not be in order. By day and then by line, so that versions rise with time.
        _steps.Sort(static (a, b) => (a.Day, a.Line).CompareTo((b.Day, b.Line)));
        foreach (var step in _steps)
        {
            if (!_lines.TryGetValue(step.Key, out var line)) Note(step, "activity of a line that was not taken over");
            else if (line.Customer.Id != step.Customer) Refuse(new FileRow(step.Line, step.Raw, "", []), "OTHER_CUSTOMER", "customer", step.Customer, "the customer of the line");
            else Apply(step, line);
        }
    }

    /// <summary>What stays of a row until all are read: its text only where it may be needed, and the ids of the line where it is known.</summary>
    private Step StepOf(FileRow row, Activity activity, string customer, string key, int day, int shipOn) =>
        _lines.TryGetValue(key, out var known) && known.Customer.Id == customer
            ? new Step(row.Line, "", activity, known.Customer.Id, known.Key, day, shipOn)
            : new Step(row.Line, row.Raw, activity, customer, key, day, shipOn);

    private void Create(FileRow row, CustomerOfRow customer, string key, int day, int shipOn)
    {
        if (!TryNumber(row, _amountAt, "amount", out var value) || !TryMinor(row, value, "amount", _currency, out var amount)) return;
        if (amount <= 0)
        {
            Refuse(row, "NOT_POSITIVE", "amount", Table.Get(row, _amountAt), "a value above 0");
            return;
        }

        if (_lines.TryGetValue(key, out var known))
        {
            if (known.Amount == amount && known.Customer.Id == customer.Id) Facts.Note(row.Line, "repeated creation of a line", customer.Id, key, day);
            else Refuse(row, "DUPLICATE_DOCUMENT", "key", key, "each line created once");
            return;
        }

        // Goods do not ship before the order; such a date is a slip.
        _lines[key] = new Line(customer, key, amount) { ShipOn = Math.Max(shipOn, day) };
        Facts.Add(day, DayRank.Order, row.Line, "order", new OrderPlaced
        {
            OrderId = key, Amount = amount, Currency = _currency, OrderedOn = day, ShipOn = Math.Max(shipOn, day),
        }, customer);
    }

    private void Apply(Step step, Line line)
    {
        switch (step.Activity)
        {
            case Activity.Issued when line.IsDelivered:
                Note(step, "further goods issue of a delivered line");
                break;
            case Activity.Issued:
                line.IsDelivered = true;
                Facts.Add(step.Day, DayRank.Delivery, step.Line, "delivery", new DeliveryPosted
                {
                    DeliveryId = FileIds.Derived("delivery", step.Key), OrderId = step.Key, Amount = line.Amount, Currency = _currency,
                    ShippedOn = step.Day, Final = true,
                }, line.Customer);
                break;
            case Activity.Rejected when line.IsCancelled || line.IsDelivered:
                Note(step, "rejection of a line that is closed");
                break;
            case Activity.Rejected:
                line.IsCancelled = true;
                Facts.Add(step.Day, DayRank.OrderEnd, step.Line, "cancel", new OrderCancelled
                {
                    OrderId = step.Key, Version = ++line.Version, Reason = "rejected in the source system",
                }, line.Customer);
                break;
            default:
                Change(step, line);
                break;
        }
    }

    private void Change(Step step, Line line)
    {
        if (step.ShipOn == 0 || step.ShipOn == line.ShipOn || line.IsDelivered || line.IsCancelled)
        {
            Note(step, step.ShipOn == 0 ? "change of a date that is not told" : "change of a date without effect");
            return;
        }

        line.ShipOn = step.ShipOn;
        Facts.Add(step.Day, DayRank.OrderChange, step.Line, "change", new OrderChanged
        {
            OrderId = step.Key, Version = ++line.Version, Amount = line.Amount, Currency = _currency, ShipOn = step.ShipOn, Reason = "date changed",
        }, line.Customer);
    }

    private void Note(Step step, string what) => Facts.Note(step.Line, what, step.Customer, step.Key, step.Day);

    private sealed class Line(CustomerOfRow customer, string key, long amount)
    {
        internal CustomerOfRow Customer { get; } = customer;

        internal string Key { get; } = key;

        internal long Amount { get; } = amount;

        internal int ShipOn { get; set; }

        internal long Version { get; set; }

        internal bool IsDelivered { get; set; }

        internal bool IsCancelled { get; set; }
    }

    private readonly record struct Step(int Line, string Raw, Activity Activity, string Customer, string Key, int Day, int ShipOn);
}
