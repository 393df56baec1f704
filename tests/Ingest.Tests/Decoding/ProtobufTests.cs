using System.Text;
using System.Text.Json.Nodes;
using ExposureMonitor.Credit.V1;
using ExposureMonitor.Domain;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>Protobuf says what JSON says: the same facts, the same refusals; Google's library is the judge of the bytes.</summary>
public sealed class ProtobufTests
{
    private static readonly FactCatalogue.Entry[] Events = [.. FactCatalogue.All.Where(entry => entry.IsEvent)];

    private readonly EventDecoder _decoder = new();
    private readonly ProtobufEventWriter _writer = new();

    [Fact]
    public void Googles_library_and_ours_write_and_read_the_same() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var fact = RandomValues.Of(Events[random.Next(Events.Length)], random);
        var theirs = GoogleEvent.Of(fact);
        Assert.Equal(theirs, Event.Parser.ParseFrom(_writer.Write(fact)));
        Same(fact, _decoder.Decode(theirs.ToByteArray(), default, default));
        Same(fact, _decoder.Decode(_writer.Write(fact), default, default));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void A_JSON_event_and_its_twin_decode_to_the_same_fact_or_the_same_refusal() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var fact = RandomValues.Of(Events[random.Next(Events.Length)], random);
        var (json, twin, spoil) = (JsonNode.Parse(CloudEventWriter.Write(fact))!, GoogleEvent.Of(fact), Spoils.Of(fact, random));
        var (data, message) = (json["data"]!.AsObject(), GoogleEvent.DataOf(twin));
        var field = GoogleEvent.FieldOf(message, spoil.Number, spoil.Name);
        data.Remove(spoil.Name);
        if (spoil.Json is not null) data[spoil.Name] = spoil.Json.DeepClone();
        field.Accessor.Clear(message);
        if (spoil.Wire is not null) GoogleEvent.Set(message, field, spoil.Wire);
        var (told, also) = (_decoder.Decode(Encoding.UTF8.GetBytes(json.ToJsonString()), default, default), _decoder.Decode(twin.ToByteArray(), default, default));
        Assert.Equal((told.Fault?.Reason, told.Fault?.Path, spoil), (also.Fault?.Reason, also.Fault?.Path, spoil));
        if (told.IsDecoded) Same(told.Fact, also);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(4_000));

    [Theory]
    [InlineData("format", 0, "BAD_ENVELOPE", "format")]
    [InlineData("format", 2, "BAD_ENVELOPE", "format")]
    [InlineData("id", "", "BAD_ID", "id")]
    [InlineData("id", null, "BAD_ENVELOPE", "id")]
    [InlineData("id", "e 1", "BAD_ID", "id")]
    [InlineData("source", "ba nk", "BAD_ENVELOPE", "source")]
    [InlineData("source", null, "BAD_ENVELOPE", "source")]
    [InlineData("subject", null, "NO_SUBJECT", "subject")]
    [InlineData("subject", "", "NO_SUBJECT", "subject")]
    [InlineData("subject", "C 1", "NO_SUBJECT", "subject")]
    [InlineData("time", null, "BAD_ENVELOPE", "time")]
    [InlineData("time", 0, "BAD_ENVELOPE", "time")]
    [InlineData("time", long.MaxValue, "BAD_TIME", "time")]
    [InlineData("time", long.MinValue, "BAD_TIME", "time")]
    [InlineData("payment_received", null, "BAD_ENVELOPE", "data")]
    public void A_wrong_envelope_gets_its_reason(string name, object? value, string reason, string path)
    {
        var made = Payment();
        var field = Event.Descriptor.FindFieldByName(name);
        field.Accessor.Clear(made);
        if (value is not null) GoogleEvent.Set(made, field, value);
        var fault = Fault(made.ToByteArray());
        Assert.Equal((reason, path), (fault.Reason, fault.Path));
        Assert.True(_decoder.Decode(Payment().ToByteArray(), default, default).IsDecoded);
    }

    /// <summary>What stands behind the fields of a good event or of its data; each by its tag.</summary>
    [Theory]
    [InlineData(false, "120178", "DUPLICATE_KEY", "the field 'id' twice")]
    [InlineData(false, "0801", "DUPLICATE_KEY", "the field 'format' twice")]
    [InlineData(false, "AA0600", "DUPLICATE_KEY", "the field 'data' twice")]
    [InlineData(false, "02", "NOT_PROTOBUF", "no field number")]
    [InlineData(false, "80", "NOT_PROTOBUF", "a cut number")]
    [InlineData(false, "3B", "NOT_PROTOBUF", "the wire type 3")]
    [InlineData(false, "3C", "NOT_PROTOBUF", "the wire type 4")]
    [InlineData(false, "3E", "NOT_PROTOBUF", "the wire type 6")]
    [InlineData(false, "3A05", "NOT_PROTOBUF", "5 bytes announced, 0 left")]
    [InlineData(false, "3AFFFFFFFFFFFFFFFFFF01", "NOT_PROTOBUF", "18446744073709551615 bytes announced")]
    [InlineData(false, "38FFFFFFFFFFFFFFFFFF02", "NOT_PROTOBUF", "more than 64 bits")]
    [InlineData(false, "3880808080808080808080808000", "NOT_PROTOBUF", "more than 64 bits")]
    [InlineData(false, "3D0000", "NOT_PROTOBUF", "a cut number")]
    [InlineData(false, "808080808001", "NOT_PROTOBUF", "no field number")]
    [InlineData(true, "0A0150", "DUPLICATE_KEY", "field 1 2 times")]
    [InlineData(true, "3002", "DUPLICATE_KEY", "field 6 2 times")]
    [InlineData(true, "0C", "NOT_PROTOBUF", "the wire type 4")]
    [InlineData(true, "EA0305FFFE000000", "NOT_PROTOBUF", "bytes that are not UTF-8")]
    [InlineData(true, "EA0303610062", "BAD_TEXT", "a NUL character")]
    [InlineData(true, "2863", "UNKNOWN_VALUE", "the number 99")]
    [InlineData(true, "2A0000", "NOT_PROTOBUF", "no field number")]
    [InlineData(true, "2D00000000", "UNKNOWN_VALUE", "a number of fixed length")]
    [InlineData(true, "4801", "BAD_ID", "the number 1")]
    [InlineData(true, "3805", "BAD_TEXT", "the number 5")]
    public void Bytes_that_no_event_has_get_their_reason(bool inData, string hex, string reason, string found)
    {
        var bytes = Behind(inData, Convert.FromHexString(hex));
        var fault = Fault(bytes);
        Assert.Equal(reason, fault.Reason);
        Assert.Contains(found, fault.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("120150", "BAD_AMOUNT")]
    [InlineData("1501000000", "BAD_AMOUNT")]
    [InlineData("10FFFFFFFFFFFFFFFFFF01", "BAD_AMOUNT")]
    [InlineData("1A03455552", "UNKNOWN_CURRENCY")]
    [InlineData("18D2FFFFFFFFFFFFFFFF01", "UNKNOWN_CURRENCY")]
    [InlineData("22083230323630333032", "BAD_DATE")]
    [InlineData("20FFFFFFFFFFFFFFFFFF01", "BAD_DATE")]
    [InlineData("3002", "UNKNOWN_VALUE")]
    [InlineData("32025965", "UNKNOWN_VALUE")]
    [InlineData("0801", "BAD_ID")]
    public void A_field_of_another_kind_gets_the_reason_of_the_field(string hex, string reason)
    {
        var bytes = Convert.FromHexString(hex);
        var payment = Payment().PaymentReceived;
        Credit.V1.PaymentReceived.Descriptor.FindFieldByNumber(bytes[0] >> 3).Accessor.Clear(payment);
        Assert.Equal(reason, Fault(With([.. payment.ToByteArray(), .. bytes])).Reason);
    }

    [Fact]
    public void An_unknown_type_or_version_gets_its_reason()
    {
        foreach (var field in new[] { 100 + 39, 100 + 100, 100 + 200, 100 + 203, 5_000, 536_870_911 })
        {
            var made = Payment();
            made.ClearData();
            var buffer = new ByteBuffer();
            buffer.Raw(made.ToByteArray());
            buffer.Varint((ulong)field << 3 | 2);
            buffer.Block("x"u8);
            var fault = Fault(buffer.Written.ToArray());
            Assert.Equal(("UNKNOWN_TYPE", $"field {field}"), (fault.Reason, fault.Found));
        }
    }

    [Fact]
    public void Unknown_fields_are_ignored_and_counted_in_data_and_ignored_in_the_envelope()
    {
        Assert.Equal(0, _decoder.Decode(Behind(inData: false, Convert.FromHexString("3807B20103616263")), default, default).ExtraFields);
        // 40 as a number, 50 (of the journal alone) as a number, 51 as bytes, 1000 as bytes, 62 of fixed length.
        var result = _decoder.Decode(Behind(inData: true, Convert.FromHexString("C00207900307" + "9A0301FF" + "C23E0101" + "F103" + "0011223344556677")), default, default);
        Assert.True(result.IsDecoded, result.Fault?.ToString());
        Assert.Equal(5, result.ExtraFields);
    }

    [Fact]
    public void Every_cut_is_told_and_none_throws()
    {
        foreach (var entry in Events)
        {
            var bytes = _writer.Write(SampleValues.Of(entry)).ToArray();
            for (var length = 1; length < bytes.Length; length++)
            {
                var result = _decoder.Decode(bytes.AsMemory(0, length), default, default);
                var dead = Assert.IsType<UndecodableRecord>(result.Fact);
                Assert.Contains(dead.Reason, (string[])["NOT_PROTOBUF", "BAD_ENVELOPE"]);
                Assert.Equal(bytes[..length], Convert.FromBase64String(dead.Record));
            }
        }
    }

    /// <summary>What ours takes, Google's library takes too and means the same; whatever bytes come, nothing throws.</summary>
    [Fact]
    public void Mutated_events_never_throw_and_mean_what_Google_says() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var bytes = _writer.Write(RandomValues.Of(Events[random.Next(Events.Length)], random)).ToArray();
        for (var i = random.Next(4); i >= 0; i--) bytes[1 + random.Next(bytes.Length - 1)] = (byte)random.Next(256);
        var result = _decoder.Decode(bytes, default, default);
        FactCodec.Write(result.Fact, new ByteBuffer());
        if (result.IsDecoded) Same(result.Fact, _decoder.Decode(Event.Parser.ParseFrom(bytes).ToByteArray(), default, default));
        else Assert.InRange(result.Fault!.Detail.Length, 10, 1_000);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void Any_bytes_behind_the_mark_have_an_answer() => Prop.ForAll<byte[]>(bytes =>
        Assert.IsType<UndecodableRecord>(_decoder.Decode((byte[])[8, .. bytes], default, default).Fact)).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void Lists_and_records_have_bounds()
    {
        var made = GoogleEvent.Of(SampleValues.Of(FactCatalogue.Find("credit.payment.allocated.v1")!));
        var item = made.PaymentAllocated.Items[0];
        while (made.PaymentAllocated.Items.Count <= 10_000) made.PaymentAllocated.Items.Add(item);
        var fault = Fault(made.ToByteArray());
        Assert.Equal(("TOO_LARGE", "data.items"), (fault.Reason, fault.Path));
        Assert.Equal("TOO_LARGE", Fault((byte[])[8, .. new byte[EventDecoder.RecordMax]]).Reason);
        made.PaymentAllocated.Items.Clear();
        Assert.Equal(("MISSING_FIELD", "data.items"), (Fault(made.ToByteArray()).Reason, Fault(made.ToByteArray()).Path));
        made.PaymentAllocated.Items.Add([item, item.Clone()]);
        made.PaymentAllocated.Items[1].Amount = -1;
        fault = Fault(made.ToByteArray());
        Assert.Equal(("BAD_AMOUNT", "data.items[1].amount", "the number -1"), (fault.Reason, fault.Path, fault.Found));
    }

    [Fact]
    public void A_batch_gives_its_events_and_what_breaks_off()
    {
        var batch = new EventBatch { Events = { Payment(), Payment(), Payment() } }.ToByteArray();
        var records = _decoder.Split(batch, "application/protobuf", out _);
        Assert.Equal(3, records.Count);
        Assert.All(records, record => Assert.True(_decoder.Decode(record, default, default).IsDecoded));
        records = _decoder.Split(batch.AsMemory(0, batch.Length - 1), "application/protobuf", out _);
        Assert.Equal([true, true, false], records.Select(record => _decoder.Decode(record, default, default).IsDecoded));
        Assert.Single(_decoder.Split(Payment().ToByteArray(), "application/protobuf", out _));
        Assert.Single(_decoder.Split(Payment().ToByteArray(), "application/octet-stream", out _));
        var own = new ByteBuffer();
        for (var i = 0; i < 3; i++) ProtobufEventWriter.WriteToBatch(Payment().ToByteArray(), own);
        Assert.Equal(batch, own.Written.ToArray());
    }

    [Fact]
    public void The_text_of_a_record_decodes_to_the_same_fact()
    {
        foreach (var entry in Events)
        {
            var fact = SampleValues.Of(entry);
            var record = _writer.Write(fact).ToArray();
            var text = _decoder.TextOf(_decoder.Decode(record, default), record);
            Same(fact, _decoder.Decode(Encoding.UTF8.GetBytes(text), default, default));
            var json = CloudEventWriter.Write(fact, indented: true);
            Assert.Equal(Encoding.UTF8.GetString(json), _decoder.TextOf(fact, json));
        }
    }

    private DecodeFault Fault(byte[] bytes)
    {
        var result = _decoder.Decode(bytes, default, default);
        Assert.Equal(result.Fault?.Reason, Assert.IsType<UndecodableRecord>(result.Fact).Reason);
        return result.Fault!;
    }

    private static Event Payment() => new()
    {
        Format = 1, Id = "e1", Source = "bank", Subject = "C1", Time = 1_772_442_000_000_000,
        PaymentReceived = new Credit.V1.PaymentReceived { PaymentId = "P1", Amount = 100, Currency = 978, ValueOn = 2026_03_02, Cleared = true },
    };

    private static byte[] Behind(bool inData, byte[] more) => inData ? With([.. Payment().PaymentReceived.ToByteArray(), .. more]) : [.. Payment().ToByteArray(), .. more];

    /// <summary>The payment with other bytes as its data.</summary>
    private static byte[] With(byte[] data)
    {
        var made = Payment();
        made.ClearData();
        var buffer = new ByteBuffer();
        buffer.Raw(made.ToByteArray());
        buffer.Varint(117 << 3 | 2);
        buffer.Block(data);
        return buffer.Written.ToArray();
    }

    private static void Same(Fact expected, DecodeResult result)
    {
        Assert.True(result.IsDecoded, result.Fault?.ToString());
        Assert.Equal((expected.Customer, expected.EventId, expected.Source, expected.Time), (result.Fact.Customer, result.Fact.EventId, result.Fact.Source, result.Fact.Time));
        Assert.Equal(expected.ContentHash(new ByteBuffer()), result.Fact.ContentHash(new ByteBuffer()));
    }
}
