using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>What goes out: schemas follow the code, messages follow the schemas, and nothing is too large to be sent.</summary>
public sealed class OutboxContractTests
{
    public static TheoryData<string> Types => [.. OutboxSchemas.All];

    [Theory]
    [MemberData(nameof(Types))]
    public void Schema_is_up_to_date(string type)
    {
        var expected = PublishedContracts.TextOf(OutboxSchemas.Of(type));
        var path = Path.Combine(Repository.Root, "docs", "events", "out", type + ".json");
        if (Repository.UpdateContracts)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, expected);
        }

        Assert.True(File.Exists(path), $"{type}.json is missing: run the tests once with UPDATE_CONTRACTS=1.");
        Assert.Equal(expected, File.ReadAllText(path));
        Assert.Contains($"`{type}`", File.ReadAllText(Path.Combine(Repository.Root, "docs", "kafka.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void No_schema_of_a_type_that_is_gone() =>
        Assert.Equal(OutboxSchemas.All.Select(t => t + ".json").Order(StringComparer.Ordinal),
            Directory.GetFiles(Path.Combine(Repository.Root, "docs", "events", "out")).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));

    [Fact]
    public void A_message_has_its_envelope_and_the_data_of_its_row()
    {
        var message = Message(Row("""{"id":"3-7-0-1","type":"credit.order.held.v1","customer":"C1","at":"2026-03-02T09:00:00.000000Z","orderId":"O1","amount":"125"}""", "credit.order.held.v1"));
        Assert.Equal("""{"specversion":"1.0","id":"3-7-0-1","source":"exposure:env","type":"credit.order.held.v1","subject":"C1","time":"2026-03-02T09:00:00.000000Z","datacontenttype":"application/json","entry":"3-7-0","data":{"orderId":"O1","amount":"125"}}""", message);
    }

    /// <summary>The row is kept in binary and written once; by way of its JSON, as the API shows it, the message is the same.</summary>
    [Theory]
    [MemberData(nameof(KeptInBinary))]
    public void A_row_kept_in_binary_says_what_its_json_says(Effect effect)
    {
        var body = new ByteBuffer();
        new BinaryFieldWriter(body).Write(effect);
        var kept = Row(body.Written.ToArray(), effect.Kind);
        var told = kept with { Row = kept.Row with { Body = kept.Row.Json() } };
        Assert.Equal((byte)'{', told.Row.Body.Span[0]);
        Assert.Equal(Message(told), Message(kept));
    }

    public static TheoryData<Effect> KeptInBinary =>
    [
        new CheckDecided { Decision = Verdict.Refused, OrderId = "O-1", Amount = 12_500, Currency = "EUR", Reasons = [new HoldReason { Rule = "010" }], Actor = "orders \"north\" 订单", Key = "k" },
        new CheckDecided { Decision = Verdict.Approved, ReservationId = "R-1", ExpiresAt = new Instant(1_772_442_000_000_000) },
        new HoldChanged { Step = HoldChanged.Held, HoldId = "h-O-1", OrderId = "O-1", Amount = 12_500, Currency = "EUR", Forced = true },
        new ReservationEnded { ReservationId = "R-1" },
    ];

    [Fact]
    public void Data_is_copied_as_it_stands()
    {
        var message = Message(Row("""{"id":"3-7-0-1","type":"t","customer":"C1","at":"x","reason":"a \u0022b\u0022 \u8BA2\u5355","none":null,"list":[1,{"id":"kept","at":[]}],"flag":true,"low":-5}""", "t"));
        Assert.EndsWith("""data":{"reason":"a \u0022b\u0022 \u8BA2\u5355","none":null,"list":[1,{"id":"kept","at":[]}],"flag":true,"low":-5}}""", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{not json", "record")]
    [InlineData("/wAS", "recordBase64")]
    [InlineData("", "record")]
    // Base64 of a text would have been kept as text by itself, so it is one.
    [InlineData("aGVsbG8=", "record")]
    public void A_dead_record_is_text_or_base64(string kept, string member)
    {
        var data = Dead($$"""{"reasonCode":"NOT_JSON","reason":"NOT_JSON","detail":"$: x","record":{{JsonSerializer.Serialize(kept)}},"stream":"kafka:credit.orders:AAAA:5","offset":17}""");
        Assert.Equal(kept, data.GetProperty(member).GetString());
        Assert.Equal("""{"stream":"kafka:credit.orders:AAAA:5","topic":"credit.orders","topicId":"AAAA","partition":5,"offset":17}""", data.GetProperty("position").GetRawText());
    }

    [Fact]
    public void A_lapsed_fact_says_what_it_waited_for()
    {
        var data = Dead("""{"id":"3-7-0-1","type":"NO_PREDECESSOR","customer":"C1","at":"x","reason":"NO_PREDECESSOR","eventId":"e1","entry":"3-1-0","waitedFor":"invoice:I1"}""");
        Assert.Equal(("e1", "3-1-0", "invoice:I1", false), (data.GetProperty("eventId").GetString(), data.GetProperty("parkedAt").GetString(), data.GetProperty("waitedFor").GetString(), data.TryGetProperty("event", out _)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_no_broker_would_take_is_cut_and_says_so(bool isDead)
    {
        var row = Row($$"""{"id":"x","reason":"NOT_JSON","record":"{{new string('x', OutboxMessage.Max)}}"}""", isDead ? "NOT_JSON" : "credit.order.held.v1") with { IsDeadLetter = isDead };
        var message = Message(row);
        Assert.InRange(message.Length, 1, 1_000);
        Assert.True(JsonDocument.Parse(message).RootElement.GetProperty("data").GetProperty("cut").GetBoolean());
    }

    private static JsonElement Dead(string row)
    {
        var data = JsonDocument.Parse(Message(Row(row, "NOT_JSON") with { IsDeadLetter = true })).RootElement.GetProperty("data");
        var known = OutboxSchemas.Of(OutboxMessage.DeadLetterType)["properties"]!["data"]!["properties"]!.AsObject();
        Assert.All(data.EnumerateObject(), member => Assert.True(known.ContainsKey(member.Name), member.Name));
        return data;
    }

    private static string Message(OutboxRow row) => Encoding.UTF8.GetString(OutboxMessage.Write(row, OutboxMessage.SourceOf("env")));

    private static OutboxRow Row(string json, string kind) => Row(Encoding.UTF8.GetBytes(json), kind);

    private static OutboxRow Row(byte[] body, string kind) => new()
    {
        IsDeadLetter = false,
        Row = new JournalRow
        {
            Table = RowTable.Hold, Partition = 3, Seq = 7, Index = 0, Ordinal = 1, Customer = "C1", Subject = "", Kind = kind, Body = body,
            At = Instant.From(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero)).Micros,
        },
    };
}
