using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Lines of orders. The lines of one order and day are added up: the first day places the order, a later day changes
/// its total. Lines that are identical to the last sign stay, since an order may well hold the same article twice;
/// they are noted. Lines at or below 0 (returns, corrections) are rejected: they are no order.
/// </summary>
internal sealed class OrderLinesImport : FileImport
{
    private readonly Currency _currency;
    private readonly int _orderAt, _dateAt, _amountAt, _quantityAt, _priceAt, _shipAt;
    private readonly Dictionary<string, Order> _orders = new(StringComparer.Ordinal);
    private readonly HashSet<ulong> _rows = [];

    internal OrderLinesImport(Stream file, FileFormat format, Currency currency, NoLimit noLimit)
        : base(file, format, Imports.OrderLineFields, "order-lines", currency.Code, noLimit)
    {
        _currency = currency;
        (_orderAt, _dateAt, _shipAt) = (Table.IndexOf("order"), Table.IndexOf("date"), Table.IndexOf("shipOn"));
        (_amountAt, _quantityAt, _priceAt) = (Table.IndexOf("amount"), Table.IndexOf("quantity"), Table.IndexOf("price"));
        if (_amountAt < 0 && (_quantityAt < 0 || _priceAt < 0))
            throw new InvalidDataException("No value: tell the column of amount, or those of quantity and price.");
    }

    private protected override void Take(FileRow row)
    {
        if (!TryCustomer(row, _currency, out var customer) || !TryDocument(row, _orderAt, "order", out var id)) return;
        if (!TryDay(row, _dateAt, "date", out var day) || !TryShipOn(row, day, out var shipOn)) return;
        if (!TryValue(row, out var value)) return;
        if (value.Digits <= 0)
        {
            Refuse(row, "NOT_POSITIVE", "amount", $"{value.Digits}e-{value.Scale}", "a value above 0");
            return;
        }

        if (!TryMinor(row, value, "amount", _currency, out var amount)) return;
        if (!_orders.TryGetValue(id, out var order)) _orders[id] = order = new Order(customer);
        if (order.Customer.Id != customer.Id)
        {
            Refuse(row, "OTHER_CUSTOMER", "customer", customer.Name, "one customer for all lines of an order");
            return;
        }

        if (!_rows.Add(Hashing.Text(row.Raw, 5))) Facts.Note(row.Line, "identical line, kept", customer.Id, id, day);
        var part = order.Days.TryGetValue(day, out var known) ? known : new Part(row.Line, 0, shipOn);
        order.Days[day] = part with { Amount = part.Amount + amount, ShipOn = Math.Max(part.ShipOn, shipOn) };
    }

    private protected override void Complete()
    {
        foreach (var (id, order) in _orders)
        {
            var (total, version) = (0L, 0);
            foreach (var (day, part) in order.Days)
            {
                total += part.Amount;
                if (version == 0)
                {
                    Facts.Add(day, DayRank.Order, part.Line, "order", new OrderPlaced
                    {
                        OrderId = id, Amount = total, Currency = _currency, OrderedOn = day, ShipOn = part.ShipOn,
                    }, order.Customer);
                }
                else
                {
                    Facts.Add(day, DayRank.OrderChange, part.Line, "change", new OrderChanged
                    {
                        OrderId = id, Version = version, Amount = total, Currency = _currency, ShipOn = part.ShipOn, Reason = "more lines",
                    }, order.Customer);
                }

                version++;
            }
        }
    }

    private bool TryValue(FileRow row, out ExactDecimal value)
    {
        if (_amountAt >= 0) return TryNumber(row, _amountAt, "amount", out value);
        value = default;
        if (!TryNumber(row, _quantityAt, "quantity", out var quantity) || !TryNumber(row, _priceAt, "price", out var price)) return false;
        if (quantity.Digits < 0 || price.Digits < 0)
        {
            // Two minus signs would make a plus.
            value = new ExactDecimal(-1, 0);
            return true;
        }

        return quantity.TryTimes(price, out value) || Refuse(row, "BAD_AMOUNT", "price", Table.Get(row, _priceAt), "a smaller number");
    }

    private bool TryShipOn(FileRow row, int day, out int shipOn)
    {
        shipOn = day;
        return Table.Get(row, _shipAt).Length == 0 || TryDay(row, _shipAt, "shipOn", out shipOn);
    }

    private sealed class Order(CustomerOfRow customer)
    {
        internal CustomerOfRow Customer { get; } = customer;

        internal SortedDictionary<int, Part> Days { get; } = [];
    }

    private readonly record struct Part(int Line, long Amount, int ShipOn);
}
