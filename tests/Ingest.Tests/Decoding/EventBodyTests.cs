using System.Text;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>Bodies with several events: a bad one spoils none of its neighbours.</summary>
public sealed class EventBodyTests
{
    [Fact]
    public void Lines_are_cut_at_line_ends_and_blank_ones_are_none()
    {
        var records = Split("{\"a\":1}\r\n\n{bad\n{\"a\":3}");
        Assert.Equal(["{\"a\":1}", "{bad", "{\"a\":3}"], records.Select(Text));
    }

    [Fact]
    public void A_batch_gives_its_elements_as_they_stand()
    {
        Assert.Equal(["{ \"a\" : [1,{}] }", "5", "\"x]\""], Split(" [ { \"a\" : [1,{}] } ,5,\"x]\"] ").Select(Text));
        Assert.Empty(Split("[]"));
    }

    [Fact]
    public void A_batch_that_breaks_keeps_what_came_before()
    {
        var records = Split("[{\"a\":1},{\"b\":},{\"c\":3}]");
        Assert.Equal("{\"a\":1}", Text(records[0]));
        Assert.Equal(2, records.Count);
        Assert.Equal("NOT_JSON", new EventDecoder().Decode(records[1], default, default).Fault?.Reason);
    }

    [Fact]
    public void Anything_behind_a_batch_is_told()
    {
        var records = Split("[{\"a\":1}] x");
        Assert.Equal(2, records.Count);
        Assert.Equal("NOT_JSON", new EventDecoder().Decode(records[1], default, default).Fault?.Reason);
    }

    [Fact]
    public void A_deep_element_does_not_spoil_the_batch() =>
        Assert.Equal(2, Split("[" + new string('[', 5000) + new string(']', 5000) + ",{}]").Count);

    [Theory]
    [InlineData("{\n \"a\": 1\n}\n")]
    [InlineData("{\"a\":1}\n")]
    [InlineData("")]
    public void One_event_on_one_or_many_lines_is_one_record(string body) => Assert.Single(Split(body));

    [Theory]
    [InlineData("application/cloudevents+json; charset=utf-8", EventBodyKind.Single)]
    [InlineData("application/cloudevents-batch+json", EventBodyKind.Batch)]
    [InlineData("application/x-ndjson", EventBodyKind.Lines)]
    [InlineData("application/json", EventBodyKind.Auto)]
    [InlineData(null, EventBodyKind.Auto)]
    public void The_media_type_tells_the_kind(string? type, EventBodyKind kind) => Assert.Equal(kind, EventBody.KindOf(type));

    [Theory]
    [InlineData("{}", EventBodyKind.Auto, false)]
    [InlineData("[{}]", EventBodyKind.Auto, true)]
    [InlineData("{}\n{}", EventBodyKind.Auto, true)]
    [InlineData("{}", EventBodyKind.Lines, true)]
    [InlineData("{}", EventBodyKind.Batch, true)]
    [InlineData("[{}]", EventBodyKind.Single, false)]
    [InlineData("\u0008\u0001", EventBodyKind.Auto, false)]
    [InlineData("\u0008\u0001", EventBodyKind.Protobuf, false)]
    [InlineData("\u000a\u0002\u0008\u0001", EventBodyKind.Protobuf, true)]
    public void One_event_is_told_from_a_batch_of_one(string body, EventBodyKind kind, bool expected)
    {
        EventBody.Split(Encoding.UTF8.GetBytes(body), kind, out var isBatch);
        Assert.Equal(expected, isBatch);
    }

    private static IReadOnlyList<ReadOnlyMemory<byte>> Split(string body) => EventBody.Split(Encoding.UTF8.GetBytes(body));

    private static string Text(ReadOnlyMemory<byte> record) => Encoding.UTF8.GetString(record.Span);
}
