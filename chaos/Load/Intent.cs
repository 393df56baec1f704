using System.Globalization;
using System.Text;

namespace ExposureMonitor.Chaos;

/// <summary>The topics of the product, by the letter that the logs have for them.</summary>
internal static class Topics
{
    internal const char Orders = 'o', Receivables = 'r', Reference = 'f';

    internal static string NameOf(char letter) => letter switch { Orders => "credit.orders", Receivables => "credit.receivables", _ => "credit.reference" };
}

/// <summary>What a record means, by the two letters of the truth log.</summary>
internal static class Kinds
{
    internal const string Opened = "CO", Limit = "LS", Order = "OP", Cancel = "OC", Delivery = "DP", Invoice = "IP", FreeInvoice = "IX", Payment = "PR", Cleared = "PC", Allocated = "PA", Poison = "--";

    internal static string WireOf(string kind) => kind switch
    {
        Opened => "credit.customer.opened.v1",
        Limit => "credit.limit.set.v1",
        Order => "credit.order.placed.v1",
        Cancel => "credit.order.cancelled.v1",
        Delivery => "credit.delivery.posted.v1",
        Invoice or FreeInvoice => "credit.invoice.posted.v1",
        Payment => "credit.payment.received.v1",
        Cleared => "credit.payment.cleared.v1",
        _ => "credit.payment.allocated.v1",
    };
}

/// <summary>A record that is going to be sent, and what must become of it.</summary>
/// <param name="Topic">A letter of <see cref="Topics"/>.</param>
/// <param name="Customer">Whose record it is; "" where the record names none.</param>
/// <param name="Kind">Of <see cref="Kinds"/>.</param>
/// <param name="EventId">Of the CloudEvent; "" where the record has none.</param>
/// <param name="Amount">Minor units by which a component moves.</param>
/// <param name="Flag">"u" for a payment that is not cleared, "n" for a limit without a ceiling, else "".</param>
/// <param name="Verdict"><c>apply</c>, <c>same</c> for a repetition, else the reason of its dead letter.</param>
/// <param name="Key">Key of the record; <c>null</c> for none.</param>
/// <param name="Body">The record; <c>null</c> for a tombstone.</param>
internal sealed record Intent(char Topic, string Customer, string Kind, string EventId, string Document, long Amount, string Flag, string Verdict, byte[]? Key, byte[]? Body)
{
    internal const string Apply = "apply", Same = "same";

    /// <summary>The line of the truth log.</summary>
    internal void Write(StringBuilder log, long number) => log.Append(number).Append('\t').Append(Topic).Append('\t').Append(Customer).Append('\t').Append(Kind).Append('\t').Append(EventId)
        .Append('\t').Append(Document).Append('\t').Append(Amount.ToString(CultureInfo.InvariantCulture)).Append('\t').Append(Flag).Append('\t').Append(Verdict).Append('\n');
}
