using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>
/// A desk with one channel, on a clock that the test turns: signals come, the channel answers as it is told, and what was sent stands in
/// <see cref="Sent"/> with its time since the beginning. The rows are kept as the store keeps them, so that the story can restart.
/// </summary>
internal sealed class Story
{
    private readonly Dictionary<string, DeliveryRow> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Alert> _alerts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Silence> _silences = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AlertHandling> _handled = new(StringComparer.Ordinal);
    private readonly RoutePlan _plan;
    private readonly ChannelRules _rules;
    private readonly IReadOnlyList<InhibitRule> _inhibits;
    private ChannelMemory _memory = new();
    private ChannelDesk _desk = null!;
    private long _number;

    internal Story(RoutePlan? plan = null, ChannelRules? rules = null, IReadOnlyList<InhibitRule>? inhibits = null, string start = "2026-03-02T09:00:10Z")
    {
        Now = Start = Instant.From(DateTimeOffset.Parse(start, System.Globalization.CultureInfo.InvariantCulture));
        _plan = plan ?? new RoutePlan { Name = "desk", To = ["chat"] };
        _rules = rules ?? new ChannelRules { Rates = [new Rate(100, TimeSpan.FromSeconds(1))] };
        _inhibits = inhibits ?? InhibitRule.Defaults;
        Restart();
    }

    internal Instant Start { get; }

    internal Instant Now { get; private set; }

    internal AlertBook Book { get; private set; } = null!;

    internal string Settings { get; set; } = "s1";

    /// <summary>What the channel says to the next messages; delivered when nothing is queued.</summary>
    internal Queue<Answer> Answers { get; } = new();

    /// <summary>The same for every message, while it is set.</summary>
    internal Func<OutMessage, Answer>? AnswerOf { get; set; }

    internal List<(double At, OutMessage Message)> Sent { get; } = [];

    internal List<DeskNotice> Notices { get; } = [];

    internal List<(string Alert, string Next)> NextTold { get; } = [];

    internal ChannelMemory Memory => _desk.Memory;

    /// <summary>All records, by key without the channel.</summary>
    internal IReadOnlyDictionary<string, DeliveryRow> Rows => _rows;

    internal DeliveryRow RowOf(Alert alert, string transition = Transition.Raised) => _rows[DeliveryRow.KeyOf(alert.Id, transition, "chat")];

    /// <summary>What was sent, one line a message: seconds, then what it told.</summary>
    internal string[] Log => [.. Sent.Select(s => System.FormattableString.Invariant($"{s.At:0.#}s {string.Join(", ", s.Message.Items.Select(Line))}"))];

    private static string Line(DeliveryItem item) => $"{Severities.Name(item.Row.Severity)} {item.Alert.Customer} {item.Alert.Rule}/{item.Alert.Step} {item.Row.Transition}";

    internal Alert Raise(string customer, string rule = "EW-05", int step = 1, Severity severity = Severity.High, string cause = "", string group = "", int crossing = 1)
    {
        var alert = new Alert
        {
            Id = $"{customer}/{rule}//{step}/{crossing}", Rule = rule, Customer = customer, Severity = severity, Step = step, RaisedAt = Now, ChangedAt = Now, Cause = cause,
            Labels = new Labels([new("alertname", rule), new("customer", customer), new("customerGroup", group.Length > 0 ? group : customer), new("severity", Severities.Name(severity)), new("step", rule == "EW-01" ? $"{60 + (10 * step)}" : $"{step}")]),
        };
        Tell(alert, Transition.Raised);
        return alert;
    }

    internal void Resolve(Alert alert, string transition = Transition.Resolved) =>
        Tell(alert with { State = transition == Transition.Resolved ? AlertState.Resolved : AlertState.Retracted, ChangedAt = Now }, transition);

    internal void Tell(Alert alert, string transition)
    {
        _alerts[alert.Id] = alert;
        foreach (var silence in Book.Take(alert, Now)) _silences[silence.Id] = silence;
        Put(new DeliveryRow { Alert = alert.Id, Transition = transition, Channel = "chat", Route = _plan.Name, Severity = alert.Severity, State = DeliveryState.Pending, CreatedAt = Now, ChangedAt = Now });
        TakeOpen();
        Settle();
    }

    internal void Silence(string id, TimeSpan span, bool untilResolved, params string[] matchers)
    {
        var silence = new Silence { Id = id, StartsAt = Now, EndsAt = Now.Plus(span), Creator = "li.wei", Comment = "money is on its way", UntilResolved = untilResolved, Matchers = [.. matchers.Select(LabelMatcher.Parse)] };
        _silences[id] = Book.Take(silence, Now);
        Settle();
    }

    internal void Handle(Alert alert, AlertHandling handling)
    {
        _handled[alert.Id] = handling;
        Book.Handle(alert.Id, handling);
        Settle();
    }

    /// <summary>Somebody wants to send something beside the messages.</summary>
    internal Instant? Request() => _desk.Request(Now);

    internal void Repaired()
    {
        _desk.Repaired();
        Settle();
    }

    /// <summary>Lets time go by, step by step as the desk asks for it.</summary>
    internal void Pass(TimeSpan span)
    {
        var end = Now.Plus(span);
        while (true)
        {
            var until = Settle();
            if (until > end) break;
            Now = until;
        }

        Now = end;
        Settle();
    }

    /// <summary>Time goes by while nobody looks.</summary>
    internal void PassWithoutSending(TimeSpan span) => Now = Now.Plus(span);

    /// <summary>The process ends, whatever it was doing, and another one begins with what was written.</summary>
    internal void Restart()
    {
        Book = new AlertBook(_inhibits);
        foreach (var silence in _silences.Values) Book.Take(silence, Now);
        foreach (var alert in _alerts.Values.Where(a => a.State == AlertState.Firing)) Book.Take(alert, Now, _handled.GetValueOrDefault(alert.Id));
        _desk = new ChannelDesk("chat", _rules, Settings, ChannelMemory.From(_memory.ToBytes(), Now), Book);
        var open = _rows.Values.Where(r => !r.IsFinal).Select(r => r.Alert).ToHashSet(StringComparer.Ordinal);
        foreach (var row in _rows.Values.Where(r => r.IsFinal && (_alerts[r.Alert].State == AlertState.Firing || open.Contains(r.Alert))).OrderBy(r => r.Number)) _desk.Remember(ItemOf(row));
        TakeOpen();
        _desk.Begin(Now);
        Settle();
    }

    /// <summary>The message leaves, and the process is killed before it could write what came of it.</summary>
    internal void KillAfterNextSend()
    {
        var step = _desk.Next(Now);
        while (step is DeskStep.Write write)
        {
            foreach (var row in write.Rows) Put(row);
            step = _desk.Next(Now);
        }

        var send = Assert.IsType<DeskStep.Send>(step);
        foreach (var row in send.Rows) Put(row);
        _memory = _desk.Memory;
        Sent.Add(((Now.Micros - Start.Micros) / 1e6, send.Message));
        Restart();
    }

    private void TakeOpen()
    {
        foreach (var row in _rows.Values.Where(r => !r.IsFinal).OrderBy(r => r.Number).ToList()) _desk.Take(ItemOf(row), Now);
    }

    private DeliveryItem ItemOf(DeliveryRow row)
    {
        var alert = _alerts[row.Alert];
        return new DeliveryItem(row, Transition.IsEnd(row.Transition) ? alert : alert with { State = alert.State == AlertState.Told ? AlertState.Told : AlertState.Firing }, _plan);
    }

    private void Put(DeliveryRow row)
    {
        if (_rows.TryGetValue(row.Key, out var before))
        {
            Assert.False(before.IsFinal, $"{row.Key} was final");
            row = row with { Number = before.Number };
        }
        else row = row with { Number = ++_number };

        _rows[row.Key] = row;
    }

    private Instant Settle()
    {
        for (var steps = 0; ; steps++)
        {
            Assert.True(steps < 20_000, "the desk does not come to rest");
            NextTold.AddRange(_desk.Overdue(Now).Select(o => (o.Item.Alert.Id, o.Next)));
            var step = _desk.Next(Now);
            switch (step)
            {
                case DeskStep.Write write:
                    foreach (var row in write.Rows) Put(row);
                    break;
                case DeskStep.Send send:
                    foreach (var row in send.Rows) Put(row);
                    _memory = _desk.Memory;
                    Sent.Add(((Now.Micros - Start.Micros) / 1e6, send.Message));
                    var answer = AnswerOf?.Invoke(send.Message) ?? (Answers.TryDequeue(out var told) ? told : new Answer(AnswerKind.Delivered, "ok"));
                    foreach (var row in _desk.Answered(send.Message, answer, Now)) Put(row);
                    break;
                case DeskStep.Wait wait:
                    Notices.AddRange(_desk.Notices);
                    _desk.Noticed();
                    _memory = _desk.Memory;
                    Assert.True(wait.Until > Now, "a wait that ends before it begins");
                    return wait.Until;
            }
        }
    }
}
