using System.Globalization;
using System.Text;

namespace ExposureMonitor.Chaos;

/// <summary>
/// Who trades and what happens to them, from one seed: orders that are delivered, invoiced and paid, or cancelled; customers
/// that climb towards their limit; customers whose headroom is raced for. Each record knows its own effect and nothing of the
/// product.
/// </summary>
internal sealed class Trade
{
    private readonly Random _dice;
    private readonly Envelope _envelope;
    private readonly Life[] _lives;
    private readonly byte[][] _keys;
    private readonly string _run;
    private long _document;

    private struct Life
    {
        internal int Stage;
        internal long Number, Amount, Delivered, Paid;
        internal bool Uncleared;
    }

    internal Trade(int seed, int customers, Envelope envelope)
    {
        envelope.Tick();
        (_dice, _envelope, _run) = (new Random(seed), envelope, "s" + seed.ToString(CultureInfo.InvariantCulture));
        _lives = new Life[customers];
        _keys = new byte[customers][];
        for (var i = 0; i < customers; i++) _keys[i] = Encoding.ASCII.GetBytes(NameOf(i));
    }

    internal static string NameOf(int customer) => string.Create(CultureInfo.InvariantCulture, $"F{customer:D6}");

    /// <summary>A customer's first record and the one that gives him his limit; −1 for none.</summary>
    internal IEnumerable<Intent> Open(string customer, long limit)
    {
        _envelope.Tick();
        var key = Encoding.ASCII.GetBytes(customer);
        yield return Made(Topics.Reference, customer, key, Kinds.Opened, "open-" + customer, 0, "", "\"currency\":\"EUR\"", 0);
        var step = limit < 0 ? "\"kind\":\"Unlimited\"" : string.Create(CultureInfo.InvariantCulture, $"\"kind\":\"Amount\",\"amount\":\"{limit}\"");
        yield return Made(Topics.Reference, customer, key, Kinds.Limit, "limit-" + customer, limit, limit < 0 ? "n" : "", $"\"version\":1,\"currency\":\"EUR\",\"steps\":[{{\"from\":\"{_envelope.Day(-30)}\",{step}}}]", 0);
    }

    /// <summary>What happens next, to anybody.</summary>
    internal Intent Next()
    {
        var who = _dice.Next(_lives.Length);
        var (customer, key) = (NameOf(who), _keys[who]);
        ref var life = ref _lives[who];
        // One in ten is told days later.
        var late = _dice.Next(10) == 0 ? 1 + _dice.Next(9) : 0;
        var document = string.Create(CultureInfo.InvariantCulture, $"{life.Number}");
        switch (life.Stage)
        {
            case 0:
                (life.Number, life.Amount, life.Stage) = (++_document, 100 + _dice.Next(100_000), 1);
                document = string.Create(CultureInfo.InvariantCulture, $"{life.Number}");
                return Made(Topics.Orders, customer, key, Kinds.Order, "O" + document, life.Amount, "", Order("O" + document, life.Amount, late), late);
            case 1 when _dice.Next(20) == 0:
                life.Stage = 0;
                return Made(Topics.Orders, customer, key, Kinds.Cancel, "O" + document, life.Amount, "", $"\"orderId\":\"O{document}\",\"version\":2", late);
            case 1:
                life.Delivered = _dice.Next(10) == 0 ? 1 + _dice.NextInt64(life.Amount - 1) : life.Amount;
                life.Stage = life.Delivered < life.Amount ? 2 : 3;
                return Made(Topics.Orders, customer, key, Kinds.Delivery, "D" + document, life.Delivered, "", string.Create(CultureInfo.InvariantCulture,
                    $"\"deliveryId\":\"D{document}\",\"orderId\":\"O{document}\",\"amount\":\"{life.Delivered}\",\"currency\":\"EUR\",\"shippedOn\":\"{_envelope.Day(-late)}\""), late);
            case 2:
                life.Stage = 3;
                return Made(Topics.Orders, customer, key, Kinds.Cancel, "O" + document, life.Amount - life.Delivered, "", $"\"orderId\":\"O{document}\",\"version\":2", late);
            case 3:
                life.Stage = 4;
                return Made(Topics.Receivables, customer, key, Kinds.Invoice, "I" + document, life.Delivered, "", string.Create(CultureInfo.InvariantCulture,
                    $"{InvoiceOf("I" + document, life.Delivered, late)},\"links\":[{{\"deliveryId\":\"D{document}\",\"amount\":\"{life.Delivered}\"}}]"), late);
            case 4:
                (life.Uncleared, life.Paid, life.Stage) = (_dice.Next(10) == 0, life.Delivered, 5);
                return Made(Topics.Receivables, customer, key, Kinds.Payment, "P" + document, life.Paid, life.Uncleared ? "u" : "", PaymentOf("P" + document, life.Paid, !life.Uncleared, late), late);
            case 5:
                life.Stage = life.Uncleared ? 6 : 0;
                return Made(Topics.Receivables, customer, key, Kinds.Allocated, "A" + document, life.Paid, "", string.Create(CultureInfo.InvariantCulture,
                    $"\"allocationId\":\"A{document}\",\"fromId\":\"P{document}\",\"allocatedOn\":\"{_envelope.Day(-late)}\",\"items\":[{{\"itemId\":\"I{document}\",\"amount\":\"{life.Paid}\"}}]"), late);
            default:
                life.Stage = 0;
                return Made(Topics.Receivables, customer, key, Kinds.Cleared, "P" + document, life.Paid, "", $"\"paymentId\":\"P{document}\",\"clearedOn\":\"{_envelope.Day(-late)}\"", late);
        }
    }

    /// <summary>An invoice that belongs to no order: what lets a customer climb in the order of the topic.</summary>
    internal Intent Climb(string customer, int step, long amount) => Made(Topics.Receivables, customer, Encoding.ASCII.GetBytes(customer), Kinds.FreeInvoice,
        string.Create(CultureInfo.InvariantCulture, $"X{step}"), amount, "", InvoiceOf(string.Create(CultureInfo.InvariantCulture, $"X{step}"), amount, 0), 0);

    /// <summary>An order and an invoice of 1: when both are seen, all before them in their partition was taken.</summary>
    internal IEnumerable<Intent> Mark(string customer, long number)
    {
        _envelope.Tick();
        var (key, id) = (Encoding.ASCII.GetBytes(customer), number.ToString(CultureInfo.InvariantCulture));
        yield return Made(Topics.Orders, customer, key, Kinds.Order, "MO" + id, 1, "", Order("MO" + id, 1, 0), 0);
        yield return Made(Topics.Receivables, customer, key, Kinds.FreeInvoice, "MI" + id, 1, "", InvoiceOf("MI" + id, 1, 0), 0);
    }

    /// <summary>The same event id with another document and amount, or the same document under another id: neither may have an effect.</summary>
    internal Intent Contradict(Intent before)
    {
        var amount = before.Amount + 7;
        if (_dice.Next(2) == 0 && before.Kind is Kinds.Payment)
            return Sent(before.Topic, before.Customer, before.Key!, before.Kind, string.Create(CultureInfo.InvariantCulture, $"{before.EventId}-{++_document}"), before.Document, amount, before.Flag, "CONFLICT", PaymentOf(before.Document, amount, before.Flag.Length == 0, 0), 0);
        var other = before.Document + "x";
        var data = before.Kind switch
        {
            Kinds.Order => Order(other, amount, 0),
            Kinds.Payment => PaymentOf(other, amount, before.Flag.Length == 0, 0),
            _ => InvoiceOf(other, amount, 0),
        };
        return Sent(before.Topic, before.Customer, before.Key!, before.Kind, before.EventId, other, amount, "", "CONFLICT", data, 0);
    }

    private string Order(string id, long amount, int late) => string.Create(CultureInfo.InvariantCulture,
        $"\"orderId\":\"{id}\",\"amount\":\"{amount}\",\"currency\":\"EUR\",\"orderedOn\":\"{_envelope.Day(-late)}\",\"shipOn\":\"{_envelope.Day(1 + _dice.Next(10))}\"");

    private string InvoiceOf(string id, long amount, int late) => string.Create(CultureInfo.InvariantCulture,
        $"\"invoiceId\":\"{id}\",\"amount\":\"{amount}\",\"currency\":\"EUR\",\"issuedOn\":\"{_envelope.Day(-late)}\",\"dueOn\":\"{_envelope.Day(30 + _dice.Next(60))}\"");

    private string PaymentOf(string id, long amount, bool cleared, int late) => string.Create(CultureInfo.InvariantCulture,
        $"\"paymentId\":\"{id}\",\"amount\":\"{amount}\",\"currency\":\"EUR\",\"valueOn\":\"{_envelope.Day(-late)}\",\"cleared\":{(cleared ? "true" : "false")}");

    private Intent Made(char topic, string customer, byte[] key, string kind, string document, long amount, string flag, string data, int late) =>
        Sent(topic, customer, key, kind, $"{_run}-{customer}-{kind}-{document}", document, amount, flag, Intent.Apply, data, late);

    private Intent Sent(char topic, string customer, byte[] key, string kind, string id, string document, long amount, string flag, string verdict, string data, int late) =>
        new(topic, customer, kind, id, document, amount, flag, verdict, key, _envelope.Write(Kinds.WireOf(kind), id, customer, _envelope.At(late), data));
}
