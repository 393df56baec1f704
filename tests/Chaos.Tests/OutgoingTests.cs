using System.Text;
using System.Text.Json;
using Xunit;

namespace ExposureMonitor.Chaos.Tests;

/// <summary>The judge of what goes out, on messages and rows that were written by hand.</summary>
public sealed class OutgoingTests
{
    private readonly Tally _tally = new();
    private readonly Outgoing _judge;
    private long _offset;

    public OutgoingTests() => _judge = new Outgoing(_tally);

    [Fact]
    public void What_is_told_once_or_more_and_shown_is_right()
    {
        Tell(Decision("3-7-0-0", "C1"), Decision("3-7-1-0", "C1"), Decision("3-7-0-0", "C1"), Decision("3-7-1-0", "C1"));
        Tell(Outgoing.Signals, "C1", Signal("3-8-0-1", "C1"));
        Tell(Outgoing.DeadLetters, null, DeadLetter("3-9-0-2"));
        Show(Row("3-7-0-0", "C1"), Row("3-7-1-0", "C1"), SignalRow("3-8-0-1", "C1"), DeadRow("3-9-0"), """{"id":"3-10-0-0","type":"order.noted","customer":"C1"}""");
        Assert.Equal(0, _judge.Match());
        Assert.Equal((2, 1, 1, 2), (_tally.Told[Outgoing.Decisions], _tally.Told[Outgoing.Signals], _tally.Told[Outgoing.DeadLetters], _tally.ToldAgain));
    }

    [Fact]
    public void What_is_shown_and_not_told_is_counted_until_it_is_told()
    {
        Show(Row("3-7-0-0", "C1"), DeadRow("3-9-0"));
        Assert.Equal(2, _judge.Match());
        Assert.StartsWith("2 rows were never told, one of them", _judge.Missing(), StringComparison.Ordinal);
        Tell(Decision("3-7-0-0", "C1"));
        Show(Row("3-7-0-0", "C1"));
        Assert.Equal(1, _judge.Match());
        Tell(Outgoing.DeadLetters, null, DeadLetter("3-9-0-0"));
        Assert.Equal(0, _judge.Match());
    }

    [Fact]
    public void What_nobody_knows_was_invented()
    {
        Tell(Decision("3-7-0-0", "C1"));
        Show(Row("3-7-0-1", "C1"));
        Assert.Contains("the API does not know", Refused(() => _judge.Match()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"amount\":\"100\"", "\"amount\":\"101\"", "another amount")]
    [InlineData(",\"amount\":\"100\"", "", "no amount")]
    [InlineData("\"amount\":\"100\"", "\"amount\":\"100\",\"note\":\"x\"", "members that the row does not have")]
    [InlineData("T09:00:00Z", "T09:00:01Z", "another time")]
    public void A_message_that_says_something_else_than_the_row_is_named(string from, string to, string difference)
    {
        Tell(Outgoing.Decisions, "C1", DecisionBody("3-7-0-0", "C1").Replace(from, to, StringComparison.Ordinal));
        Show(Row("3-7-0-0", "C1"));
        Assert.Contains(difference, Refused(() => _judge.Match()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BAD_ID", "BAD_DATE", "another reason")]
    [InlineData("\"offset\":12", "\"offset\":13", "another offset")]
    [InlineData("\"record\":\"{\"", "\"record\":\"[\"", "another record")]
    [InlineData("what came", "something", "another detail")]
    public void A_dead_letter_that_says_something_else_than_the_row_is_named(string from, string to, string difference)
    {
        Tell(Outgoing.DeadLetters, null, DeadLetter("3-9-0-0").Replace(from, to, StringComparison.Ordinal));
        Show(DeadRow("3-9-0"));
        Assert.Contains(difference, Refused(() => _judge.Match()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_repetition_that_differs_in_a_byte_is_no_repetition()
    {
        Tell(Decision("3-7-0-0", "C1"));
        Assert.Contains("is not the same as when it was told first", Refused(() => Tell(Outgoing.Decisions, "C1", DecisionBody("3-7-0-0", "C1") + " ")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_has_one_dead_letter_under_one_id()
    {
        Tell(Outgoing.DeadLetters, null, DeadLetter("3-9-0-0"));
        Assert.Contains("is not the same", Refused(() => Tell(Outgoing.DeadLetters, null, DeadLetter("3-9-0-1"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_of_a_customer_appear_in_the_order_of_the_journal_and_those_of_others_beside_them()
    {
        Tell(Decision("3-7-1-0", "C1"), Decision("3-6-0-0", "C2"));
        Assert.Contains("appears for the first time behind 3-7-1-0", Refused(() => Tell(Decision("3-7-0-3", "C1"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_of_a_customer_stand_in_one_partition()
    {
        Tell(Decision("3-7-0-0", "C1"));
        Assert.Contains("whose messages stand in partition 0", Refused(() => Tell(Decision("3-8-0-0", "C1") with { Partition = 1 })), StringComparison.Ordinal);
    }

    [Fact]
    public void What_concerns_no_customer_may_come_again_in_any_partition()
    {
        Tell(Outgoing.DeadLetters, null, DeadLetter("3-9-0-0"));
        Tell(new Message(Outgoing.DeadLetters, 5, 0, null, Encoding.UTF8.GetBytes(DeadLetter("3-9-0-0"))));
        Assert.Equal(1, _tally.ToldAgain);
        Tell(Decision("3-7-0-0", "C1"));
        Assert.Contains("is not the same", Refused(() => Tell(Decision("3-7-0-0", "C1") with { Partition = 5 })), StringComparison.Ordinal);
    }

    [Fact]
    public void Key_topic_entry_and_form_are_those_of_the_contract()
    {
        var body = DecisionBody("3-7-0-0", "C1");
        Assert.Contains("has another key than its subject", Refused(() => Tell(Outgoing.Decisions, "C2", body)), StringComparison.Ordinal);
        Assert.Contains("has the type", Refused(() => Tell(Outgoing.Signals, "C1", body)), StringComparison.Ordinal);
        Assert.Contains("names the entry", Refused(() => Tell(Outgoing.Decisions, "C1", body.Replace("\"entry\":\"3-7-0\"", "\"entry\":\"3-7-1\"", StringComparison.Ordinal))), StringComparison.Ordinal);
        Assert.Contains("has the id", Refused(() => Tell(Outgoing.Decisions, "C1", body.Replace("3-7-0-0", "3-07-0-0", StringComparison.Ordinal))), StringComparison.Ordinal);
        Assert.Contains("is no CloudEvent", Refused(() => Tell(Outgoing.Decisions, "C1", body.Replace("\"subject\"", "\"id\"", StringComparison.Ordinal))), StringComparison.Ordinal);
        Assert.Contains("is no CloudEvent", Refused(() => Tell(Outgoing.Decisions, "C1", "{")), StringComparison.Ordinal);
        Tell(Outgoing.Decisions, "C1", body);
        Assert.Contains("is of the source", Refused(() => Tell(Outgoing.Decisions, "C1", DecisionBody("3-8-0-0", "C1").Replace("exposure:e", "exposure:f", StringComparison.Ordinal))), StringComparison.Ordinal);
    }

    private static string Refused(Action judge) => Assert.Throws<ViolationException>(judge).Message;

    private void Tell(params Message[] messages)
    {
        foreach (var message in messages) _judge.Take(message with { Offset = _offset++ });
    }

    private void Tell(string topic, string? key, string body) => Tell(new Message(topic, 0, 0, key is null ? null : Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(body)));

    private void Show(params string[] rows)
    {
        foreach (var row in rows) _judge.Show(JsonElement.Parse(row));
    }

    private static Message Decision(string id, string customer) => new(Outgoing.Decisions, 0, 0, Encoding.UTF8.GetBytes(customer), Encoding.UTF8.GetBytes(DecisionBody(id, customer)));

    private static string Envelope(string id, string type, string subject, string data) =>
        $$"""{"specversion":"1.0","id":"{{id}}","source":"exposure:e","type":"{{type}}",{{subject}}"time":"2026-03-02T09:00:00Z","datacontenttype":"application/json","entry":"{{id[..id.LastIndexOf('-')]}}","data":{{data}}}""";

    private static string DecisionBody(string id, string customer) => Envelope(id, "credit.check.decided.v1", $"\"subject\":\"{customer}\",", """{"decision":"Approved","amount":"100"}""");

    private static string Row(string id, string customer) => $$"""{"id":"{{id}}","type":"credit.check.decided.v1","customer":"{{customer}}","at":"2026-03-02T09:00:00Z","decision":"Approved","amount":"100"}""";

    private static string Signal(string id, string customer) => Envelope(id, "credit.signal.raised.v1", $"\"subject\":\"{customer}\",", """{"step":2}""");

    private static string SignalRow(string id, string customer) => $$"""{"id":"{{id}}","type":"credit.signal.raised.v1","customer":"{{customer}}","at":"2026-03-02T09:00:00Z","step":2}""";

    private static string DeadLetter(string id) => Envelope(id, "credit.dead-letter.noted.v1", "",
        """{"reason":"BAD_ID","detail":"what came","position":{"stream":"kafka:t:i:3","topic":"t","topicId":"i","partition":3,"offset":12},"eventType":"undecodable","record":"{"}""");

    private static string DeadRow(string entry) =>
        $$"""{"id":"{{entry}}","type":"undecodable","customer":"","outcome":"Undecodable","reasonCode":"BAD_ID","outcomeDetail":"what came","stream":"kafka:t:i:3","offset":12,"reason":"BAD_ID","record":"{"}""";
}
