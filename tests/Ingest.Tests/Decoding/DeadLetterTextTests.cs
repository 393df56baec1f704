using System.Text;
using ExposureMonitor.Domain;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>A record in Protobuf that was refused is shown as JSON that says the same: as good, or as bad, as the record.</summary>
public sealed class DeadLetterTextTests
{
    private static readonly FactCatalogue.Entry[] Events = [.. FactCatalogue.All.Where(entry => entry.IsEvent)];

    private readonly EventDecoder _decoder = new();
    private readonly ProtobufEventWriter _writer = new();

    [Fact]
    public void A_good_record_reads_as_its_event() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var fact = RandomValues.Of(Events[random.Next(Events.Length)], random);
        var shown = _decoder.Decode(Encoding.UTF8.GetBytes(TextOf(_writer.Write(fact).ToArray())), default, default);
        Assert.True(shown.IsDecoded, shown.Fault?.ToString());
        // What comes out again is the whole fact: nothing was left out on the way.
        Assert.Equal(_writer.Write(fact).ToArray(), _writer.Write(shown.Fact).ToArray());
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void A_spoilt_field_reads_as_spoilt_for_the_same_reason_in_the_same_place() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var fact = RandomValues.Of(Events[random.Next(Events.Length)], random);
        var (twin, spoil) = (GoogleEvent.Of(fact), Spoils.Of(fact, random));
        var message = GoogleEvent.DataOf(twin);
        var field = GoogleEvent.FieldOf(message, spoil.Number, spoil.Name);
        field.Accessor.Clear(message);
        if (spoil.Wire is not null) GoogleEvent.Set(message, field, spoil.Wire);
        var record = twin.ToByteArray();
        var (told, shown) = (_decoder.Decode(record, default, default), _decoder.Decode(Encoding.UTF8.GetBytes(TextOf(record)), default, default));
        Assert.Equal((told.Fault?.Reason, told.Fault?.Path, spoil), (shown.Fault?.Reason, shown.Fault?.Path, spoil));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(4_000));

    /// <summary>Whatever bytes come: nothing throws, and the text is taken only where the record would be, unless it says that it is not all.</summary>
    [Fact]
    public void A_mutated_record_never_reads_as_a_good_one() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var record = _writer.Write(RandomValues.Of(Events[random.Next(Events.Length)], random)).ToArray();
        for (var i = random.Next(4); i >= 0; i--) record[1 + random.Next(record.Length - 1)] = (byte)random.Next(256);
        if (random.Next(4) == 0) record = record[..(1 + random.Next(record.Length - 1))];
        var told = _decoder.Decode(record, default, default);
        var text = TextOf(record);
        var shown = _decoder.Decode(Encoding.UTF8.GetBytes(text), default, default);
        if (text.Contains("\"incomplete\": ", StringComparison.Ordinal)) Assert.False(told.IsDecoded);
        else Assert.Equal((told.IsDecoded, text), (shown.IsDecoded, text));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Theory]
    [InlineData("0802", "\"specversion\": {")]
    [InlineData("08011801", "\"source\": {")]
    [InlineData("0801B20901AA", "\"type\": \"field150\"")]
    [InlineData("0801AA0702C082", "\"incomplete\": \"a cut number at byte 6\"")]
    [InlineData("0801AA0707", "\"incomplete\": \"7 bytes announced, 0 left, at byte 3\"")]
    public void What_nobody_could_read_is_shown_as_it_was_found(string hex, string expected) =>
        Assert.Contains(expected, TextOf(Convert.FromHexString(hex)), StringComparison.Ordinal);

    [Fact]
    public void Records_come_back_as_they_came()
    {
        foreach (var record in (byte[][])[[], "{\"a\":1}"u8.ToArray(), "é"u8.ToArray(), [8, 1], [8, 1, (byte)'a'], [0xFF, 0xFE], [(byte)'a', 0], "aGk="u8.ToArray(), "CAFE"u8[..3].ToArray()])
        {
            var dead = Assert.IsType<UndecodableRecord>(_decoder.Decode(record, default));
            Assert.Equal(record, _decoder.RecordOf(dead).ToArray());
            Assert.Equal(record is [8, ..], _decoder.ReadableOf(dead) is not null);
        }
    }

    private string TextOf(byte[] record) => _decoder.ReadableOf(new UndecodableRecord { Record = Convert.ToBase64String(record) })!;
}
