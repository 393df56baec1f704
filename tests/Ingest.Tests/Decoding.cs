using System.Text;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>What cannot be read says what, where and what was expected, and never throws.</summary>
public sealed class Decoding
{
    private const string Good = """{"specversion":"1.0","id":"e1","source":"erp","type":"credit.payment.received.v1","subject":"C1","time":"2026-03-01T10:00:00Z","data":{"paymentId":"P1","amount":"1234","currency":"EUR","valueOn":"2026-03-01","cleared":true}}""";

    [Fact]
    public void Payment_is_read_with_its_envelope()
    {
        var payment = Assert.IsType<PaymentReceived>(Decode(Good));
        Assert.Equal(("C1", "e1", "erp", "P1", 1234L, "EUR", true),
            (payment.Customer, payment.EventId, payment.Source, payment.PaymentId, payment.Amount, payment.Currency.Code, payment.Cleared));
    }

    [Theory]
    [InlineData("\"1234\"", "\"12.34\"", "BAD_AMOUNT")]
    [InlineData("\"1234\"", "12.5", "BAD_AMOUNT")]
    [InlineData("\"1234\"", "1e3", "BAD_AMOUNT")]
    [InlineData("\"1234\"", "-5", "BAD_AMOUNT")]
    [InlineData("\"1234\"", "0", "BAD_AMOUNT")]
    [InlineData("\"1234\"", "\"1000000000000001\"", "BAD_AMOUNT")]
    [InlineData("\"1234\"", "99999999999999999999999999999", "BAD_AMOUNT")]
    [InlineData("\"1234\"", "null", "MISSING_FIELD")]
    [InlineData("\"EUR\"", "\"XXX\"", "UNKNOWN_CURRENCY")]
    [InlineData("\"2026-03-01\",", "\"0000-00-00\",", "BAD_DATE")]
    [InlineData("payment.received", "payment.imagined", "UNKNOWN_TYPE")]
    [InlineData("payment.received.v1", "day.started.v1", "UNKNOWN_TYPE")]
    [InlineData("\"C1\"", "\"C 1\"", "NO_SUBJECT")]
    [InlineData("\"P1\"", "\"P\\u202e1\"", "BAD_ID")]
    [InlineData("10:00:00Z", "25:00:00Z", "BAD_TIME")]
    [InlineData("\"id\":\"e1\",", "\"id\":\"e1\",\"id\":\"e2\",", "DUPLICATE_KEY")]
    [InlineData("\"cleared\":true", "\"cleared\":\"yes\"", "UNKNOWN_VALUE")]
    [InlineData("}}", "}", "NOT_JSON")]
    public void Bad_record_becomes_an_undecodable_one_with_its_reason(string from, string to, string reason)
    {
        var bad = Assert.IsType<UndecodableRecord>(Decode(Good.Replace(from, to, StringComparison.Ordinal)));
        Assert.Equal(reason, bad.Reason);
        Assert.NotEmpty(bad.Detail);
        Assert.NotEmpty(bad.Record);
    }

    [Fact]
    public void Depth_size_and_emptiness_have_bounds()
    {
        Assert.Equal("TOO_DEEP", ((UndecodableRecord)Decode(new string('[', 100) + new string(']', 100))).Reason);
        Assert.Equal("NULL_BODY", ((UndecodableRecord)Decode("null")).Reason);
        Assert.Equal("TOO_LARGE", ((UndecodableRecord)Decode(new string(' ', EventDecoder.RecordMax + 1))).Reason);
        Assert.Equal("NOT_JSON", ((UndecodableRecord)new EventDecoder().Decode(new byte[] { 0xff, 0xfe, 0x00 }, default)).Reason);
    }

    [Fact]
    public void Unknown_extra_fields_are_no_error() =>
        Assert.IsType<PaymentReceived>(Decode(Good.Replace("\"cleared\":true", "\"cleared\":true,\"colour\":\"red\"", StringComparison.Ordinal)));

    [Theory]
    [InlineData("application/x-ndjson", "{\"a\":1}\n\n{\"b\":2}\r\n", 2)]
    [InlineData("application/cloudevents-batch+json", " [ {\"a\":[1,2]} , {\"b\":2} ]", 2)]
    [InlineData("application/json", "{\"a\":1}", 1)]
    [InlineData("application/json", "[{\"a\":1},", 2)]
    public void Body_splits_into_records(string type, string body, int records) =>
        Assert.Equal(records, new EventDecoder().Split(Encoding.UTF8.GetBytes(body), type, out _).Count);

    [Fact]
    public void Every_kind_of_fact_survives_the_journal()
    {
        foreach (var entry in FactCatalogue.All)
        {
            var fact = entry.Create();
            (fact.EventId, fact.Source, fact.Time, fact.Note) = ("e", "s", new Instant(5), "n");
            var buffer = new ByteBuffer();
            FactCodec.Write(fact, buffer);
            Assert.Equal(buffer.Length, new FactCodec().Read(buffer.Written.ToArray(), out var read));
            Assert.Equal(entry.Type, read.GetType());
            Assert.Equal(fact.ContentHash(new ByteBuffer()), read.ContentHash(new ByteBuffer()));
            Assert.Equal("n", read.Note);
        }
    }

    [Fact]
    public void Amounts_of_a_file_are_exact_or_rejected()
    {
        var format = new FileFormat { Thousands = ".", Decimal = "," };
        Assert.True(format.TryAmount("1.234,56", Currency.Parse("EUR"), out var minor));
        Assert.Equal(123_456, minor);
        Assert.False(format.TryAmount("1,234", Currency.Parse("EUR"), out _));
        Assert.True(format.TryAmount("1,234", Currency.Parse("KWD"), out minor));
        Assert.Equal(1_234, minor);
    }

    private static Fact Decode(string json) => new EventDecoder().Decode(Encoding.UTF8.GetBytes(json), default);
}
