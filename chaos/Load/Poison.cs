using System.Globalization;
using System.Text;

namespace ExposureMonitor.Chaos;

/// <summary>Records that nobody can apply, each with the reason that its dead letter must have (docs/events, docs/kafka.md).</summary>
internal sealed class Poison(Random dice, Envelope envelope, int customers)
{
    private long _number;

    /// <summary>Reasons that a single record can cause, and how each is caused.</summary>
    private static readonly string[] Reasons =
    [
        "NOT_JSON", "NULL_BODY", "TOO_DEEP", "DUPLICATE_KEY", "BAD_ENVELOPE", "NO_SUBJECT", "UNKNOWN_TYPE", "UNKNOWN_CURRENCY", "UNKNOWN_VALUE", "MISSING_FIELD", "BAD_AMOUNT", "BAD_NUMBER",
        "BAD_DATE", "BAD_TIME", "BAD_ID", "BAD_TEXT", "BAD_VALUE", "KEY_MISMATCH", "WRONG_TOPIC", "FUTURE_DATED", "AMOUNT_TOO_LARGE", "BAD_SCHEDULE", "TOO_LARGE",
    ];

    internal Intent Next()
    {
        var reason = Reasons[dice.Next(Reasons.Length)];
        // A large one is a thousand others.
        if (reason == "TOO_LARGE" && dice.Next(50) > 0) reason = "NOT_JSON";
        var customer = Trade.NameOf(dice.Next(customers));
        var id = string.Create(CultureInfo.InvariantCulture, $"bad{++_number}");
        var key = Encoding.ASCII.GetBytes(customer);
        var good = string.Create(CultureInfo.InvariantCulture, $"\"paymentId\":\"{id}\",\"amount\":\"5\",\"currency\":\"EUR\",\"valueOn\":\"{envelope.Day(0)}\",\"cleared\":true");
        var topic = Topics.Receivables;
        byte[]? body;
        switch (reason)
        {
            case "NOT_JSON": body = Encoding.ASCII.GetBytes("{\"specversion\":\"1.0\",\"id\":\"" + id + "\",broken"); break;
            case "NULL_BODY": body = null; break;
            case "TOO_DEEP": body = Encoding.ASCII.GetBytes(new string('[', 40) + id.Length.ToString(CultureInfo.InvariantCulture) + new string(']', 40)); break;
            case "DUPLICATE_KEY": body = Event(id, customer, good + ",\"amount\":\"6\""); break;
            case "BAD_ENVELOPE": body = Replace(Event(id, customer, good), "\"specversion\":\"1.0\"", "\"specversion\":\"7.0\""); break;
            case "NO_SUBJECT": body = Event(id, "", good); break;
            case "UNKNOWN_TYPE": body = envelope.Write("credit.payment.dreamt.v1", id, customer, envelope.At(0), good); break;
            case "UNKNOWN_CURRENCY": body = Event(id, customer, good.Replace("EUR", "QQQ", StringComparison.Ordinal)); break;
            case "UNKNOWN_VALUE": body = Event(id, customer, good + ",\"method\":\"Seashells\""); break;
            case "MISSING_FIELD": body = Event(id, customer, good.Replace("\"amount\":\"5\",", "", StringComparison.Ordinal)); break;
            case "BAD_AMOUNT": body = Event(id, customer, good.Replace("\"5\"", "\"5.5\"", StringComparison.Ordinal)); break;
            case "BAD_NUMBER": (topic, body) = (Topics.Orders, envelope.Write("credit.order.cancelled.v1", id, customer, envelope.At(0), "\"orderId\":\"" + id + "\",\"version\":1.5")); break;
            case "BAD_DATE": body = Event(id, customer, good.Replace(envelope.Day(0), "2026-02-30", StringComparison.Ordinal)); break;
            case "BAD_TIME": body = envelope.Write("credit.payment.received.v1", id, customer, "yesterday", good); break;
            case "BAD_ID": body = Event(id, customer, good.Replace($"\"{id}\"", "\"a b\"", StringComparison.Ordinal)); break;
            case "BAD_TEXT": body = Event(id, customer, good + ",\"note\":\"a\\u0000b\""); break;
            case "BAD_VALUE": body = envelope.Write("credit.payment.allocated.v1", id, customer, envelope.At(0), $"\"allocationId\":\"{id}\",\"fromId\":\"{id}\",\"allocatedOn\":\"{envelope.Day(0)}\",\"items\":\"all\""); break;
            case "KEY_MISMATCH": (body, key) = (Event(id, customer, good), Encoding.ASCII.GetBytes("somebody-else")); break;
            case "WRONG_TOPIC": body = envelope.Write("credit.fx-rate.published.v1", id, "", envelope.At(0), "\"from\":\"USD\",\"to\":\"EUR\",\"rate\":\"0.9\",\"asOf\":\"" + envelope.At(0) + "\""); break;
            case "FUTURE_DATED": body = envelope.Write("credit.payment.received.v1", id, customer, envelope.Day(90) + "T00:00:00Z", good); break;
            case "AMOUNT_TOO_LARGE": (reason, body) = ("BAD_AMOUNT", Event(id, customer, good.Replace("\"5\"", "\"1000000000000001\"", StringComparison.Ordinal))); break;
            case "BAD_SCHEDULE":
                (topic, body) = (Topics.Orders, envelope.Write("credit.order.placed.v1", id, customer, envelope.At(0),
                    $"\"orderId\":\"{id}\",\"amount\":\"5\",\"currency\":\"EUR\",\"orderedOn\":\"{envelope.Day(0)}\",\"shipOn\":\"{envelope.Day(1)}\",\"schedule\":[{{\"shipOn\":\"{envelope.Day(1)}\",\"amount\":\"4\"}}]"));
                break;
            default: body = Event(id, customer, good + ",\"note\":\"" + new string('n', 257 * 1024) + "\""); break;
        }

        return new Intent(topic, customer, Kinds.Poison, id, "", 0, "", reason, key, body);
    }

    private byte[] Event(string id, string customer, string data) => envelope.Write("credit.payment.received.v1", id, customer, envelope.At(0), data);

    private static byte[] Replace(byte[] body, string what, string by) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).Replace(what, by, StringComparison.Ordinal));
}
