using System.Globalization;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>The figures of an account as JSON, for reports, the API and outside tools. Amounts are strings of digits.</summary>
public static class AccountReport
{
    /// <summary>One account as of a business day.</summary>
    public static string Of(in AccountFigures figures, int today)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("asOfDay", JsonFieldWriter.DateText(today));
            Write(json, figures);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Writes the fields of a row into an open object.</summary>
    public static void Write(Utf8JsonWriter json, in AccountFigures f)
    {
        json.WriteString("currency", f.Currency.Code);
        Amount(json, "gross", f.Gross);
        Amount(json, "grossStatic", f.GrossStatic);
        Amount(json, "netRisk", f.NetRisk);
        Amount(json, "creditBalance", f.CreditBalance);
        json.WriteString("limitKind", f.LimitKind.ToString());
        if (f.LimitKind == LimitKind.Amount)
        {
            Amount(json, "limit", f.Limit);
            Amount(json, "available", f.Available);
            json.WriteNumber("utilisationBp", f.UtilisationBp);
            json.WriteNumber("netUtilisationBp", f.NetUtilisationBp);
        }

        json.WriteBoolean("breached", f.Breached);
        json.WriteString("riskState", f.RiskState.ToString());
        json.WriteBoolean("provisional", f.Provisional);
        json.WriteStartObject("components");
        Amount(json, "openOrders", f.OrdersInside);
        Amount(json, "ordersBeyondHorizon", f.OrdersOutside);
        Amount(json, "held", f.Held);
        Amount(json, "delivered", f.Delivered);
        Amount(json, "billed", f.Billed);
        Amount(json, "receivables", f.Receivables);
        Amount(json, "acceptances", f.Acceptances);
        Amount(json, "paymentsAtRisk", f.PaymentsAtRisk);
        Amount(json, "unapplied", f.Unapplied);
        Amount(json, "reserved", f.Reserved);
        Amount(json, "external", f.External);
        json.WriteEndObject();
        json.WriteStartObject("ageing");
        Amount(json, "notDue", f.NotDue);
        Amount(json, "days1To30", f.Late30);
        Amount(json, "days31To60", f.Late60);
        Amount(json, "days61To90", f.Late90);
        Amount(json, "days91To180", f.Late180);
        Amount(json, "daysAbove180", f.LateMore);
        json.WriteEndObject();
        Amount(json, "overdue", f.Overdue);
        json.WriteNumber("oldestDays", f.OldestDays);
        json.WriteNumber("openOrderCount", f.OpenOrders);
        json.WriteNumber("openItemCount", f.OpenItems);
        json.WriteNumber("heldOrderCount", f.HeldOrders);
        json.WriteNumber("daysLateThousandths", f.DaysLate);
        json.WriteNumber("daysLateClippedThousandths", f.DaysLateClipped);
        if (f.LimitExpired) json.WriteBoolean("limitExpired", true);
        // A part in a currency without a rate is in no sum: whoever reads the figures must see that.
        if (f.RateMissing) json.WriteBoolean("rateMissing", true);
    }

    private static void Amount(Utf8JsonWriter json, string name, long value) =>
        json.WriteString(name, value.ToString(CultureInfo.InvariantCulture));
}
