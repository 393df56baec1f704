using System.Diagnostics;
using System.Text;
using ExposureMonitor.Domain;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>Whatever bytes come, there is an answer with the right reason; nothing throws.</summary>
public sealed class HostileInputTests
{
    private const string Good =
        """{"specversion":"1.0","id":"e1","type":"credit.payment.received.v1","source":"bank","subject":"C1","time":"2026-03-02T09:00:00Z","data":{"paymentId":"P1","amount":"100","currency":"EUR","valueOn":"2026-03-02","cleared":true}}""";

    private readonly EventDecoder _decoder = new();

    [Fact]
    public void The_plain_event_decodes()
    {
        var result = Decode(Good);
        var payment = Assert.IsType<PaymentReceived>(result.Fact);
        Assert.Equal((100L, "P1", "C1", "e1", "bank", true),
            (payment.Amount, payment.PaymentId, payment.Customer, payment.EventId, payment.Source, payment.Cleared));
        Assert.Equal("2026-03-02T09:00:00.000000Z", payment.Time.ToString());
    }

    [Theory]
    [InlineData("\"100\"", "1e2", "BAD_AMOUNT")]
    [InlineData("\"100\"", "1e400", "BAD_AMOUNT")]
    [InlineData("\"100\"", "100.0", "BAD_AMOUNT")]
    [InlineData("\"100\"", "\"1.00\"", "BAD_AMOUNT")]
    [InlineData("\"100\"", "-0", "BAD_AMOUNT")]
    [InlineData("\"100\"", "0", "BAD_AMOUNT")]
    [InlineData("\"100\"", "-5", "BAD_AMOUNT")]
    [InlineData("\"100\"", "\"+5\"", "BAD_AMOUNT")]
    [InlineData("\"100\"", "\" 5\"", "BAD_AMOUNT")]
    [InlineData("\"100\"", "\"0x1F\"", "BAD_AMOUNT")]
    [InlineData("\"100\"", "\"NaN\"", "BAD_AMOUNT")]
    [InlineData("\"100\"", "\"٣٤\"", "BAD_AMOUNT")]
    [InlineData("\"100\"", "\"\"", "BAD_AMOUNT")]
    [InlineData("\"100\"", "1000000000000001", "BAD_AMOUNT")]
    [InlineData("\"100\"", "9223372036854775807", "BAD_AMOUNT")]
    [InlineData("\"100\"", "9223372036854775808", "BAD_AMOUNT")]
    [InlineData("\"100\"", "-9223372036854775808", "BAD_AMOUNT")]
    [InlineData("\"100\"", "99999999999999999999999999999", "BAD_AMOUNT")]
    [InlineData("\"100\"", "true", "BAD_AMOUNT")]
    [InlineData("\"100\"", "[100]", "BAD_AMOUNT")]
    [InlineData("\"100\"", "null", "MISSING_FIELD")]
    [InlineData("\"100\"", "NaN", "NOT_JSON")]
    [InlineData("\"EUR\"", "\"eur\"", "UNKNOWN_CURRENCY")]
    [InlineData("\"EUR\"", "\"XXY\"", "UNKNOWN_CURRENCY")]
    [InlineData("\"EUR\"", "978", "UNKNOWN_CURRENCY")]
    [InlineData("\"valueOn\":\"2026-03-02\"", "\"valueOn\":\"0000-00-00\"", "BAD_DATE")]
    [InlineData("\"valueOn\":\"2026-03-02\"", "\"valueOn\":\"9999-12-31\"", "BAD_DATE")]
    [InlineData("\"valueOn\":\"2026-03-02\"", "\"valueOn\":\"1899-12-31\"", "BAD_DATE")]
    [InlineData("\"valueOn\":\"2026-03-02\"", "\"valueOn\":\"2026-02-29\"", "BAD_DATE")]
    [InlineData("\"valueOn\":\"2026-03-02\"", "\"valueOn\":\"2026-3-2\"", "BAD_DATE")]
    [InlineData("\"valueOn\":\"2026-03-02\"", "\"valueOn\":\"2026-03-02T00:00:00Z\"", "BAD_DATE")]
    [InlineData("\"valueOn\":\"2026-03-02\"", "\"valueOn\":20260302", "BAD_DATE")]
    [InlineData("T09:00:00Z", "T23:59:60Z", "BAD_TIME")]
    [InlineData("T09:00:00Z", "T09:00:00+99:99", "BAD_TIME")]
    [InlineData("T09:00:00Z", "T09:00:00", "BAD_TIME")]
    [InlineData("T09:00:00Z", "T24:00:00Z", "BAD_TIME")]
    [InlineData("\"P1\"", "\"P 1\"", "BAD_ID")]
    [InlineData("\"P1\"", "\"P\u200b1\"", "BAD_ID")]
    [InlineData("\"P1\"", "\"\u202eP1\"", "BAD_ID")]
    [InlineData("\"P1\"", "\"Р1\"", "BAD_ID")]
    [InlineData("\"P1\"", "\"P\\u00001\"", "BAD_ID")]
    [InlineData("\"P1\"", "\"../../etc/passwd\"", "BAD_ID")]
    [InlineData("\"P1\"", "\"'; DROP TABLE x\"", "BAD_ID")]
    [InlineData("\"P1\"", "\"\"", "BAD_ID")]
    [InlineData("\"P1\"", "17", "BAD_ID")]
    [InlineData("\"P1\"", "\"\\ud800\"", "NOT_JSON")]
    [InlineData("\"C1\"", "\"C\\r\\n1\"", "NO_SUBJECT")]
    [InlineData("\"subject\":\"C1\",", "", "NO_SUBJECT")]
    [InlineData("\"subject\":\"C1\",", "\"subject\":\"\",", "NO_SUBJECT")]
    [InlineData("\"e1\"", "\"e\\n1\"", "BAD_ID")]
    [InlineData("\"id\":\"e1\",", "", "BAD_ENVELOPE")]
    [InlineData("\"1.0\"", "\"0.3\"", "BAD_ENVELOPE")]
    [InlineData("\"bank\"", "\"ba nk\"", "BAD_ENVELOPE")]
    [InlineData("\"data\":{", "\"data_base64\":\"AA==\",\"data\":{", "BAD_ENVELOPE")]
    [InlineData("\"data\":{", "\"datacontenttype\":\"text/xml\",\"data\":{", "BAD_ENVELOPE")]
    [InlineData("received.v1", "received.v2", "UNKNOWN_TYPE")]
    [InlineData("credit.payment.received.v1", "credit.day.started.v1", "UNKNOWN_TYPE")]
    [InlineData("credit.payment.received.v1", "check.credit", "UNKNOWN_TYPE")]
    [InlineData("credit.payment.received.v1", "record.undecodable", "UNKNOWN_TYPE")]
    [InlineData("\"cleared\":true", "\"cleared\":\"true\"", "UNKNOWN_VALUE")]
    [InlineData("\"cleared\":true", "\"cleared\":1", "UNKNOWN_VALUE")]
    [InlineData("\"cleared\":true", "\"method\":\"Barter\"", "UNKNOWN_VALUE")]
    [InlineData("\"cleared\":true", "\"method\":\"transfer\"", "UNKNOWN_VALUE")]
    [InlineData("\"cleared\":true", "\"method\":\"1\"", "UNKNOWN_VALUE")]
    [InlineData("\"cleared\":true", "\"method\":\"None\"", "UNKNOWN_VALUE")]
    [InlineData("\"cleared\":true", "\"method\":\"Card,Cash\"", "UNKNOWN_VALUE")]
    [InlineData("\"cleared\":true", "\"cleared\":true,\"amount\":\"1\"", "DUPLICATE_KEY")]
    [InlineData("\"cleared\":true", "\"cleared\":true,\"am\\u006funt\":\"1\"", "DUPLICATE_KEY")]
    [InlineData("\"cleared\":true", "\"x\":{\"y\":1,\"y\":2}", "DUPLICATE_KEY")]
    [InlineData("\"cleared\":true", "\"note\":5", "BAD_TEXT")]
    [InlineData("\"cleared\":true", "\"note\":\"a\\u0000b\"", "BAD_TEXT")]
    [InlineData("\"paymentId\":\"P1\",", "", "MISSING_FIELD")]
    [InlineData("}}", "}", "NOT_JSON")]
    [InlineData("}}", "}},", "NOT_JSON")]
    [InlineData("}}", "}}{}", "NOT_JSON")]
    [InlineData("\"cleared\":true", "\"cleared\":true,", "NOT_JSON")]
    [InlineData("\"cleared\":true", "/* */\"cleared\":true", "NOT_JSON")]
    public void A_bad_event_gets_its_reason(string old, string @new, string reason)
    {
        Assert.Contains(old, Good, StringComparison.Ordinal);
        var result = Decode(Good.Replace(old, @new, StringComparison.Ordinal));
        Assert.Equal(reason, result.Fault?.Reason);
        var dead = Assert.IsType<UndecodableRecord>(result.Fact);
        Assert.Equal(reason, dead.Reason);
        Assert.InRange(dead.Detail.Length, 1, 1000);
        Assert.DoesNotContain(dead.Detail, c => c is < ' ' or (> '~' and not '…'));
        Assert.True(Decode(Good).IsDecoded);
    }

    [Theory]
    [InlineData("", "NULL_BODY")]
    [InlineData("  \r\n", "NULL_BODY")]
    [InlineData("null", "NULL_BODY")]
    [InlineData("[]", "BAD_ENVELOPE")]
    [InlineData("5", "BAD_ENVELOPE")]
    [InlineData("{}", "BAD_ENVELOPE")]
    [InlineData("\u0000", "NOT_JSON")]
    [InlineData("{", "NOT_JSON")]
    public void A_body_that_is_no_event_gets_its_reason(string body, string reason) => Assert.Equal(reason, Decode(body).Fault?.Reason);

    [Fact]
    public void Data_that_is_null_is_a_null_body()
    {
        var body = Good[..Good.IndexOf("{\"paymentId", StringComparison.Ordinal)] + "null}";
        Assert.Equal("NULL_BODY", Decode(body).Fault?.Reason);
    }

    [Fact]
    public void The_fault_says_what_where_and_what_was_expected()
    {
        const string Allocation =
            """{"specversion":"1.0","id":"e1","type":"credit.payment.allocated.v1","source":"bank","subject":"C1","time":"2026-03-02T09:00:00+01:00","data":{"allocationId":"A1","fromId":"P1","allocatedOn":"2026-03-02","items":[{"itemId":"I1","amount":1},{"itemId":"I2","amount":2.5}]}}""";
        var fault = Decode(Allocation).Fault!;
        Assert.Equal("data.items[1].amount", fault.Path);
        Assert.Contains("found the number '2.5', expected minor units as a whole number", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Extra_fields_are_ignored_and_counted()
    {
        var result = Decode(Good.Replace("\"cleared\":true", "\"cleared\":true,\"x\":{\"deep\":[1,2]},\"y\":null", StringComparison.Ordinal));
        Assert.True(result.IsDecoded);
        Assert.Equal(2, result.ExtraFields);
        Assert.Equal(1, _decoder.RecordsWithExtraFields);
    }

    [Fact]
    public void A_producer_cannot_set_fields_of_the_journal()
    {
        var body = """{"specversion":"1.0","id":"e1","type":"credit.calendar.published.v1","source":"hq","time":"2026-03-02T09:00:00Z","data":{"calendarId":"DE","houseSeq":99,"houseIndex":7}}""";
        var result = Decode(body);
        Assert.Equal(0, Assert.IsType<CalendarPublished>(result.Fact).HouseSeq);
        Assert.Equal(2, result.ExtraFields);
    }

    [Fact]
    public void Depth_is_limited_at_32_levels()
    {
        string Nested(int levels) => Good.Replace("\"cleared\":true",
            "\"x\":" + new string('[', levels) + new string(']', levels), StringComparison.Ordinal);
        Assert.True(Decode(Nested(30)).IsDecoded);
        Assert.Equal("TOO_DEEP", Decode(Nested(31)).Fault?.Reason);
        Assert.Equal("TOO_DEEP", Decode(Nested(100_000)).Fault?.Reason);
    }

    [Fact]
    public void Size_is_limited_and_the_record_is_kept_in_part()
    {
        var result = Decode(Good.Replace("\"cleared\":true", "\"note\":\"" + new string('é', 200_000) + "\"", StringComparison.Ordinal));
        Assert.Equal("TOO_LARGE", result.Fault?.Reason);
        var kept = ((UndecodableRecord)result.Fact).Record;
        Assert.StartsWith("{\"specversion\"", kept, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(kept), EventDecoder.KeptBytes - 3, EventDecoder.KeptBytes);
    }

    [Theory]
    [InlineData(new byte[] { 0xC0, 0xAF })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xFF })]
    public void Bytes_that_are_not_UTF_8_are_no_JSON_and_kept_in_base64(byte[] bytes)
    {
        byte[] body = [.. Encoding.UTF8.GetBytes(Good.Replace("\"cleared\":true}}", "\"note\":\"", StringComparison.Ordinal)), .. bytes, .. "\"}}"u8];
        var result = _decoder.Decode(body, default, default);
        Assert.Equal("NOT_JSON", result.Fault?.Reason);
        Assert.Equal(body, Convert.FromBase64String(((UndecodableRecord)result.Fact).Record));
    }

    [Fact]
    public void A_byte_order_mark_is_no_obstacle() =>
        Assert.True(_decoder.Decode(Encoding.UTF8.Preamble.ToArray().Concat(Encoding.UTF8.GetBytes(Good)).ToArray(), default, default).IsDecoded);

    [Fact]
    public void A_wide_object_takes_no_quadratic_time()
    {
        var fields = string.Join(",", Enumerable.Range(0, 20_000).Select(i => $"\"f{i}\":1"));
        var watch = Stopwatch.StartNew();
        var result = Decode(Good.Replace("\"cleared\":true", fields, StringComparison.Ordinal));
        Assert.Equal(20_000, result.ExtraFields);
        Assert.True(watch.ElapsedMilliseconds < 1000, $"{watch.ElapsedMilliseconds} ms");
    }

    [Fact]
    public void Mutated_events_never_throw()
    {
        var original = Encoding.UTF8.GetBytes(Good);
        Prop.ForAll<int, byte, ushort>((seed, with, times) =>
        {
            var random = new Random(seed);
            var bytes = original.ToArray();
            for (var i = 0; i <= times % 5; i++) bytes[random.Next(bytes.Length)] = i == 0 ? with : (byte)random.Next(256);
            var result = _decoder.Decode(bytes.AsMemory(0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length), default, default);
            Assert.Equal(result.IsDecoded, result.Fact is not UndecodableRecord);
            var buffer = new ByteBuffer();
            FactCodec.Write(result.Fact, buffer);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    private DecodeResult Decode(string body) => _decoder.Decode(Encoding.UTF8.GetBytes(body), default, default);
}
