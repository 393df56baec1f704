using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>What an answer means.</summary>
public sealed partial class ChannelDesk
{
    private static readonly TimeSpan ClockOffMax = TimeSpan.FromSeconds(60);

    /// <summary>What came of a message. The rows are to be written.</summary>
    public IReadOnlyList<DeliveryRow> Answered(OutMessage message, Answer answer, Instant now)
    {
        foreach (var item in message.Items) _busy.Remove(item.Alert.Id);
        NoteClock(answer);
        // What may be there already stays together under its id, whatever the channel says of a later attempt.
        var mayBeThere = message.IsRepeat || message.Items.Any(i => i.Row.MayBeThere);
        switch (answer.Kind)
        {
            case AnswerKind.Delivered or AnswerKind.Accepted:
                _memory = _memory with { FailuresInARow = 0, UnknownInARow = 0, LastSuccess = now.Micros };
                return Final(message, answer.Kind == AnswerKind.Delivered ? DeliveryState.Delivered : DeliveryState.Accepted, answer, now);
            case AnswerKind.Rejected:
                return Final(message, DeliveryState.Rejected, answer, now);
            case AnswerKind.Malformed:
                return Final(message, DeliveryState.Dead, answer, now);
            case AnswerKind.TooLarge:
                return message.Minimal ? Final(message, DeliveryState.Dead, answer, now) : Again(message with { Minimal = true }, answer, now, now, mayBeThere);
            case AnswerKind.Slower:
                Rest(now.Plus(answer.Wait ?? Backoff.After(message.Id, message.Attempt)), answer.Text, merge: false);
                break;
            case AnswerKind.Rest:
                Rest(now.Plus(answer.Wait ?? _rules.Rest), answer.Text, merge: true);
                break;
            case AnswerKind.Unhealthy:
                Unhealthy(answer.Text);
                break;
            case AnswerKind.Unrecognised:
                Failed(now, answer.Text);
                mayBeThere = true;
                _memory = _memory with { UnknownInARow = _memory.UnknownInARow + 1 };
                if (_memory.UnknownInARow >= _rules.UnknownAnswers) Unhealthy(answer.Text);
                break;
            case AnswerKind.NotSent:
                Failed(now, answer.Text);
                break;
            default:
                Failed(now, answer.Text);
                mayBeThere = true;
                break;
        }

        if (now.Since(message.FirstSentAt) >= _rules.GiveUpAfter && _memory.Unhealthy.Length == 0)
            return Final(message, DeliveryState.Dead, answer with { Text = "given up: " + answer.Text }, now);
        var due = answer.Kind is AnswerKind.Unknown or AnswerKind.NotSent or AnswerKind.Unrecognised ? now.Plus(Backoff.After(message.Id, message.Attempt)) : now;
        return mayBeThere ? Again(message with { IsRepeat = true }, answer, due, now, mayBeThere) : GiveBack(message, answer, due, now);
    }

    /// <summary>The same message again, with the same records.</summary>
    private List<DeliveryRow> Again(OutMessage message, Answer answer, Instant due, Instant now, bool mayBeThere)
    {
        List<DeliveryItem> items = [.. message.Items.Select(i => i with { Row = i.Row with { State = DeliveryState.Pending, MayBeThere = mayBeThere, Answer = answer.Text, ChangedAt = now } })];
        _tries.Add((message with { Items = items, Attempt = message.Attempt + 1 }, due));
        foreach (var item in items) _busy.Add(item.Alert.Id);
        return [.. items.Select(i => i.Row)];
    }

    /// <summary>It has certainly not arrived: its records wait again, and may go in other company.</summary>
    private List<DeliveryRow> GiveBack(OutMessage message, Answer answer, Instant due, Instant now)
    {
        var rows = new List<DeliveryRow>(message.Items.Count);
        foreach (var item in message.Items)
        {
            var row = item.Row with { State = DeliveryState.Pending, MessageId = "", Answer = answer.Text, ChangedAt = now };
            WaitingIn(item).GiveBack(item with { Row = row }, due);
            rows.Add(row);
        }

        return rows;
    }

    private List<DeliveryRow> Final(OutMessage message, DeliveryState state, Answer answer, Instant now)
    {
        var arrived = state is DeliveryState.Delivered or DeliveryState.Accepted;
        var rows = new List<DeliveryRow>(message.Items.Count);
        foreach (var item in message.Items)
        {
            var done = item with { Row = item.Row with { State = state, Answer = answer.Text, ChangedAt = now } };
            _known.Remove(done.Row.Key);
            _late.Remove(done.Row.Key);
            if (arrived) Told(done, now);
            rows.Add(done.Row);
        }

        if (!arrived) Trouble(DeskNoticeKind.GivenUp, answer.Text, message.Id);
        return rows;
    }

    private void Rest(Instant until, string why, bool merge)
    {
        _memory = _memory with { RestUntil = Math.Max(_memory.RestUntil, until.Micros), RestWhy = why, Merge = _memory.Merge || merge };
    }

    private void Failed(Instant now, string why)
    {
        _memory = _memory with { FailuresInARow = _memory.FailuresInARow + 1 };
        if (_memory.FailuresInARow >= _rules.BreakerFailures) Rest(now.Plus(_rules.BreakerOpen), why, merge: false);
    }

    private void Unhealthy(string why)
    {
        if (_memory.Unhealthy.Length > 0) return;
        _memory = _memory with { Unhealthy = why, UnhealthyWith = Settings };
        Trouble(DeskNoticeKind.Unhealthy, why);
    }

    private void Trouble(DeskNoticeKind kind, string text, string message = "")
    {
        var number = _memory.Troubles + 1;
        _memory = _memory with { Troubles = number, Notices = [.. _memory.Notices, new DeskNotice(kind, text, message, number)] };
    }

    private void NoteClock(Answer answer)
    {
        if (answer.ClockOffBy is not { } off) return;
        var before = _memory.ClockOffSeconds;
        _memory = _memory with { ClockOffSeconds = (int)off.TotalSeconds };
        if (off.Duration() > ClockOffMax && Math.Abs(before) <= ClockOffMax.TotalSeconds)
            Trouble(DeskNoticeKind.ClockOff, $"the clock of this host is {(int)off.TotalSeconds} s off");
    }
}
