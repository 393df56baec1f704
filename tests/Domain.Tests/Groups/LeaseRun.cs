using ExposureMonitor.Domain;

namespace ExposureMonitor.Domain.Tests.Groups;

/// <summary>
/// One seed: a random tree of customers in several partitions, orders, checks, payments, invoices, cuts and moves, over wires that
/// lose, double and reorder what they carry; silent partitions, restarts and time. The oracle adds up by hand what was
/// approved and shares no code with the product: it knows names, limits, who is under whom, and amounts.
/// </summary>
internal sealed class LeaseRun
{
    private readonly Random _dice;
    private readonly Conglomerate _firm;
    private readonly List<string> _names = [];
    private readonly Dictionary<(string From, string To), MessageSent> _newest = [];
    private readonly bool _loses;
    private int _next;

    // The oracle.
    private readonly Dictionary<string, string> _parent = [];
    private readonly Dictionary<string, long> _limit = [], _owed = [], _above = [], _paid = [];
    private readonly Dictionary<(string Customer, string Order), long> _accepted = [], _held = [];
    private int _read;

    internal LeaseRun(int seed)
    {
        _dice = new Random(seed);
        _firm = new Conglomerate(partitions: 1 + _dice.Next(5));
        _loses = _dice.Next(3) > 0;
    }

    /// <summary>Situations that the run met.</summary>
    internal Dictionary<string, int> Met { get; } = [];

    /// <summary>Of everything that was said in the run.</summary>
    internal ulong Digest => _firm.Digest;

    /// <summary>The bug that is built in: no parent ever hears what came back.</summary>
    internal bool NothingComesBack { get; init; }

    private void Note(string what) => Met[what] = Met.GetValueOrDefault(what) + 1;

    /// <returns>What is wrong, or <c>null</c>.</returns>
    internal string? Go()
    {
        if (NothingComesBack) _firm.Sent = f => _ = f is LeaseReport r ? r.Returned = 0 : 0;
        _firm.Rules(("step.020", 0), ("group.slackDivisor", _dice.Next(3) == 0 ? 0 : 1 + _dice.Next(6)), ("signal.01.step1", 0));
        Found();
        for (var step = 0; step < 60 + _dice.Next(80); step++)
        {
            Act();
            for (var passes = _dice.Next(8); passes > 0; passes--) PassOne();
            if (Wrong() is { } wrong) return $"step {step}: {wrong}";
        }

        return End();
    }

    /// <summary>A tree of up to three levels, each parent with or without a limit of its own.</summary>
    private void Found()
    {
        for (var i = 0; i < 4 + _dice.Next(6); i++)
        {
            var name = "C" + i;
            var parent = i == 0 ? "" : i < 3 ? _names[0] : _names[_dice.Next(3)];
            _names.Add(name);
            _parent[name] = parent;
            (_owed[name], _above[name], _paid[name]) = (0, 0, 0);
            _firm.Open(name, parent);
            if (i == 0 || (i < 3 && _dice.Next(2) == 0)) SetLimit(name, 1_000 * (1 + _dice.Next(20)));
        }

        Settle();
    }

    private void SetLimit(string name, long amount)
    {
        // What was approved under the old one stays.
        if (_limit.TryGetValue(name, out var before) && amount < before) _above[name] += before - amount;
        else if (!_limit.ContainsKey(name)) _above[name] += Used(name);
        _limit[name] = amount;
        _firm.Limit(name, amount);
    }

    private string Any() => _names[_dice.Next(_names.Count)];

    private long Amount() => _dice.Next(5) switch { 0 => 1 + _dice.Next(10), 1 => 5_000 + _dice.Next(10_000), _ => 100 * (1 + _dice.Next(40)) };

    private void Act()
    {
        var who = Any();
        switch (_dice.Next(20))
        {
            case < 8:
                var order = "O" + _next++;
                var amount = Amount();
                _held[(who, order)] = amount;
                _firm.Order(who, order, amount, priority: 1 + _dice.Next(4));
                break;
            case < 11:
                _firm.Check(who, "K" + _next++, Amount());
                break;
            case < 14:
                if (_accepted.Keys.Concat(_held.Keys).OrderBy(k => k.Order, StringComparer.Ordinal).ToList() is { Count: > 0 } orders)
                {
                    var key = orders[_dice.Next(orders.Count)];
                    if (key.Order.StartsWith("r-", StringComparison.Ordinal)) _firm.Tell(key.Customer, new EndReservation { ReservationId = key.Order, Actor = "svc" });
                    else _firm.Cancel(key.Customer, key.Order);
                    _accepted.Remove(key);
                    _held.Remove(key);
                }

                break;
            case 14:
                var invoice = Amount();
                _owed[who] += invoice;
                for (var at = who; at.Length > 0; at = _parent[at]) _above[at] += invoice;
                _firm.Tell(who, new InvoicePosted { InvoiceId = "I" + _next++, Amount = invoice, Currency = Conglomerate.Eur, IssuedOn = _firm.BookOf(who).Today, DueOn = _firm.BookOf(who).Today + 30 });
                Note("forced value");
                break;
            case 15:
                Clear(who);
                break;
            case 16:
                if (_dice.Next(3) == 0) Move();
                else if (_limit.ContainsKey(who)) SetLimit(who, 1_000 * _dice.Next(20));
                break;
            case 17:
                _firm.Wait(_dice.Next(3) switch { 0 => 600_000, 1 => 6 * Instant.Second, _ => 3_700 * Instant.Second });
                break;
            case 18:
                _firm.Restart();
                Note("restart");
                break;
            default:
                Settle();
                break;
        }
    }

    /// <summary>What is owed is paid.</summary>
    private void Clear(string who)
    {
        if (_owed[who] == 0) return;
        _firm.Pay(who, "P" + _next++, _owed[who]);
        _owed[who] = 0;
    }

    /// <summary>A leaf gets another parent: what it uses counts there, fits or not.</summary>
    private void Move()
    {
        var leaves = _names.Where(n => !_parent.ContainsValue(n)).ToList();
        var (who, to) = (leaves[_dice.Next(leaves.Count)], _names[_dice.Next(3)]);
        if (to == who || to == _parent[who]) return;
        // The oracle knows one tree at a time: what was on its way under the old parent arrives first.
        Settle();
        foreach (var at in PathOf(who).Concat([.. PathOf(to)]).Distinct()) _above[at] += Used(who);
        _parent[who] = to;
        _firm.Reparent(who, to);
        Settle();
        Note("move");
    }

    private IEnumerable<string> PathOf(string name)
    {
        for (var at = name; at.Length > 0; at = _parent[at]) yield return at;
    }

    /// <summary>One message arrives, is lost, arrives twice, or overtakes another.</summary>
    private void PassOne()
    {
        var wires = _firm.Waiting.ToList();
        if (wires.Count == 0) return;
        var wire = wires[_dice.Next(wires.Count)];
        if (!_loses)
        {
            _firm.Pass(wire);
            return;
        }

        var sent = _firm.Take(wire, 0);
        if (sent.Fact is LeaseReport or LeaseStatement)
        {
            // The order among messages to and from the house is kept: they say who belongs to whom.
            _firm.PutBack(wire, sent);
            var index = _dice.Next(Math.Min(4, _firm.CountOn(wire)));
            sent = _firm.Take(wire, index);
            if (sent.Fact is not (LeaseReport or LeaseStatement))
            {
                _firm.Insert(wire, index, sent);
                return;
            }

            Keep(sent);
            switch (_dice.Next(8))
            {
                case 0:
                    Note("lost");
                    return;
                case 1:
                    Note("doubled");
                    _firm.Deliver(wire, sent, isNumbered: false);
                    break;
            }

            if (index > 0) Note("reordered");
        }

        _firm.Deliver(wire, sent, isNumbered: false);
    }

    /// <summary>The newest word of each pair: whoever repeats it has said everything.</summary>
    private void Keep(MessageSent sent)
    {
        var (from, version) = sent.Fact switch { LeaseReport r => (r.Child, r.Version), LeaseStatement s => (s.Parent, s.Version), _ => ("", 0L) };
        var key = (sent.Fact is LeaseReport ? "^" + from : from, sent.To);
        if (_newest.TryGetValue(key, out var known) && known.Fact switch { LeaseReport r => r.Version, LeaseStatement s => s.Version, _ => 0L } >= version) return;
        _newest[key] = sent;
    }

    /// <summary>Everything arrives; what was lost is said again.</summary>
    private void Settle()
    {
        var passed = 0;
        for (var again = true; again;)
        {
            while (_firm.Waiting.Any())
            {
                if (++passed > 5_000) throw new InvalidOperationException("the messages never end; the last: " + string.Join("; ", _firm.History.OfType<MessageSent>().TakeLast(8).Select(m => Conglomerate.TextOf(m.Fact) + " to " + m.To)) + Picture());
                var wire = _firm.Waiting.First();
                var sent = _firm.Take(wire, 0);
                Keep(sent);
                _firm.Deliver(wire, sent, isNumbered: false);
            }

            foreach (var (_, sent) in _newest.OrderBy(n => n.Key.From, StringComparer.Ordinal).ThenBy(n => n.Key.To, StringComparer.Ordinal).ToList())
            {
                var from = sent.Fact switch { LeaseReport r => r.Child, LeaseStatement s => s.Parent, _ => "" };
                _firm.Deliver((Ids.PartitionOf(from, _firm.Partitions), Ids.PartitionOf(sent.To, _firm.Partitions)), sent, isNumbered: false);
            }

            _newest.Clear();
            again = _firm.Waiting.Any();
            if (!again) continue;
            Read();
        }

        Read();
    }

    /// <summary>What the product told the outside since the last look: approvals and releases.</summary>
    private void Read()
    {
        for (; _read < _firm.History.Count; _read++)
        {
            switch (_firm.History[_read])
            {
                case CheckDecided { OrderId.Length: > 0, Actor.Length: 0, Decision: Verdict.Approved or Verdict.ApprovedWithWarnings } approved:
                    Accept(approved.Customer, approved.OrderId);
                    break;
                case HoldChanged { Step: HoldChanged.Released } released:
                    Accept(released.Customer, released.OrderId);
                    Note("released");
                    break;
                case CheckDecided { Actor.Length: > 0, Decision: Verdict.Approved or Verdict.ApprovedWithWarnings } reserved:
                    _accepted[(reserved.Customer, reserved.ReservationId)] = reserved.Amount;
                    if (reserved.Asked.Length > 0) Note("check waited and passed");
                    break;
                case CheckDecided { Actor.Length: > 0, Decision: Verdict.Held, Asked.Length: > 0 }:
                    Note("check waited in vain");
                    break;
                case ReservationEnded ended:
                    _accepted.Remove((ended.Customer, ended.ReservationId));
                    break;
                case HoldChanged { Step: HoldChanged.Held } held when held.Reasons.Any(r => r.Rule == "GROUP_HEADROOM_PENDING"):
                    Note("short");
                    break;
            }
        }
    }

    private void Accept(string customer, string order)
    {
        if (_held.Remove((customer, order), out var amount)) _accepted[(customer, order)] = amount;
    }

    /// <summary>What a customer and all below him use.</summary>
    private long Used(string name)
    {
        var used = _owed[name] + _accepted.Where(a => a.Key.Customer == name).Sum(a => a.Value);
        foreach (var (child, parent) in _parent)
            if (parent == name) used += Used(child);
        return used;
    }

    /// <summary>No limit is ever exceeded but by value that nobody could refuse.</summary>
    private string? Wrong()
    {
        Read();
        foreach (var (name, limit) in _limit)
            if (Used(name) > limit + _above[name]) return $"{name} uses {Used(name)} of {limit}, and only {_above[name]} was forced";
        foreach (var name in _names)
        {
            var members = _firm.Group(name).Members;
            foreach (var member in members)
                if (_firm.Group(member.Customer).Slices.FirstOrDefault(s => s.Parent == name) is { } slice && slice.Slice > member.Slice + slice.Forced - member.Forced)
                    return $"{member.Customer} holds {slice.Slice} of {name}, which booked {member.Slice}";
        }

        return null;
    }

    /// <summary>When the dust has settled nobody waits who would fit, and the whole pool can be spent again to the last cent.</summary>
    private string? End()
    {
        for (var i = 0; i < 3; i++)
        {
            Settle();
            _firm.Wait(6 * Instant.Second);
        }

        Settle();
        if (Wrong() is { } wrong) return wrong;
        foreach (var ((customer, order), amount) in _held)
            if (Fits(customer, amount)) return $"{order} of {customer} over {amount} fits and is held: {string.Join(", ", _firm.Reasons(customer, order).Select(r => $"{r.Rule} {r.Observed} {r.Threshold} {r.Excess}"))}{Picture()}";
        foreach (var name in _names)
            if (_firm.Group(name).Members is { Count: > 0 } members && members.Sum(m => m.Slice) != members.Sum(m => _firm.Group(m.Customer).Slices.Single(s => s.Parent == name).Slice))
                return $"{name} booked other slices than its members hold";
        return Again();
    }

    /// <summary>Every pair, for whoever looks at a seed that failed.</summary>
    private string Picture() => (_loses ? "\nlossy" : "\nreliable") + string.Concat(_names.Select(name =>
    {
        var group = _firm.Group(name);
        return $"\n{name} under '{_parent[name]}' ({group.Parent}) limit {(_limit.TryGetValue(name, out var limit) ? limit : -1)} used {Used(name)} own {_firm.Figures(name).Gross} pool {group.Pool}: "
            + string.Join(" | ", group.Slices.Select(s => $"slice {s.Slice} of {s.Parent} limit {s.Limit} want {s.Want} {(s.Recalled ? "recalled" : "")} {(s.Former ? "former" : "")}")) + " members "
            + string.Join(" | ", group.Members.Select(m => $"{m.Customer} slice {m.Slice} want {m.Want} use {m.Use} {(m.Refused ? "refused" : "")} {(m.Recalled ? "recalled" : "")} {(m.Former ? "former" : "")}")) + "; held "
            + string.Join(", ", _held.Where(h => h.Key.Customer == name).Select(h => $"{h.Key.Order} {h.Value} {string.Join("+", _firm.Reasons(name, h.Key.Order).Select(r => r.Rule))}"));
    }));

    private bool Fits(string customer, long amount) =>
        PathOf(customer).Any(_limit.ContainsKey) && PathOf(customer).All(at => !_limit.TryGetValue(at, out var limit) || Used(at) + amount <= limit);

    private string? Again()
    {
        foreach (var (customer, order) in _accepted.Keys.Concat(_held.Keys).ToList())
        {
            if (order.StartsWith("r-", StringComparison.Ordinal)) _firm.Tell(customer, new EndReservation { ReservationId = order, Actor = "svc" });
            else _firm.Cancel(customer, order);
        }

        foreach (var name in _names) Clear(name);
        Settle();
        _accepted.Clear();
        _held.Clear();
        SetLimit("C0", 77_777);
        Settle();
        foreach (var name in _names)
        {
            var whole = PathOf(name).Where(_limit.ContainsKey).Min(at => _limit[at]);
            if (whole == 0) continue;
            _firm.Order(name, "whole" + name, whole);
            Settle();
            if (_firm.StateOf(name, "whole" + name) != OrderState.Accepted)
                return $"{name} cannot spend the whole {whole}: {string.Join(", ", _firm.Reasons(name, "whole" + name).Select(r => $"{r.Rule} {r.Observed} {r.Threshold} {r.Excess}"))}";
            _firm.Order(name, "cent" + name, 1);
            Settle();
            if (_firm.StateOf(name, "cent" + name) != OrderState.OnHold) return $"{name} spends a cent more than {whole}";
            _firm.Cancel(name, "cent" + name);
            _firm.Cancel(name, "whole" + name);
            Settle();
        }

        return null;
    }
}
