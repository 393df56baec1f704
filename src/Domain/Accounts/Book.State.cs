namespace ExposureMonitor.Domain;

/// <summary>
/// The canonical state of an account and of the partition: equal state gives equal bytes. Documents refer to each
/// other by their number in the account's lists, never by slot.
/// </summary>
public sealed partial class Book
{
    /// <summary>Of rows of accounts, and of states of partitions that go by the first rules: the release before reads them.</summary>
    private const int RowFormat = 8;

    /// <summary>Of states that name their rules; those before have the first ones.</summary>
    private const int RulesFormat = 9;

    /// <summary>The oldest format that is still read: rows without habits, a state without figures of the portfolio. Rows of 5 have no scores, those of 6 fewer figures of statements, those of 7 no ends of months.</summary>
    internal const int OldestFormat = 4;

    /// <summary>The first format whose rows keep all figures of filed statements.</summary>
    private const int StatementsFormat = 7;

    /// <summary>The first format whose rows keep what was owed at the ends of months.</summary>
    private const int MonthEndsFormat = 8;

    /// <summary>The format in which an account or a state was written; 0 for bytes that are none.</summary>
    public static int FormatOf(ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty) return 0;
        var format = new ByteReader(stored).Signed();
        return format is >= OldestFormat and <= RulesFormat ? (int)format : 0;
    }

    /// <summary>True when an account that was read from a row of this format would know more if it were made from the journal.</summary>
    public bool KnowsLess(int slot, int format) => HabitsOf(slot) is { } habits
        && ((format < StatementsFormat && habits.Outside is { Filed.Count: > 0 }) || (format is >= 5 and < MonthEndsFormat && habits.HasUse));

    /// <summary>Writes one account.</summary>
    public void WriteAccount(int slot, ByteBuffer to) => WriteAccount(slot, to, RowFormat);

    /// <summary>Writes one account as an earlier release did, to compare.</summary>
    public void WriteAccount(int slot, ByteBuffer to, int format) => new AccountState(this, slot, new StateStream(to)).Run(format);

    /// <summary>Reads one account back; accounts come in slot order. Returns the slot.</summary>
    /// <param name="ahead">
    /// 0, or the sequence up to which the account already holds its entries although the partition state is older:
    /// entries up to there move the partition and leave the account alone.
    /// </param>
    /// <exception cref="InvalidDataException">The bytes are cut or of another format.</exception>
    public int ReadAccount(ReadOnlyMemory<byte> from, long ahead = 0)
    {
        var slot = _accounts.Take() - 1;
        var stream = new StateStream(from);
        new AccountState(this, slot, stream).Run(RowFormat);
        if (!stream.AtEnd) throw new InvalidDataException("Bytes follow the end of the account.");
        Index.Add(DocumentIndex.Hash(0, DocumentKind.Customer, CustomerAt(slot)), slot + 1);
        if (ahead > 0) _ahead[slot] = ahead;
        return slot;
    }

    private readonly Dictionary<int, long> _ahead = [];

    /// <summary>The account holds the entries up to this one already.</summary>
    internal bool IsAhead(int slot, long seq) => _ahead.Count > 0 && _ahead.TryGetValue(slot, out var asOf) && seq <= asOf;

    /// <summary>All frames are applied: no account is ahead of the partition any more.</summary>
    public void EndRecovery()
    {
        _ahead.Clear();
        _ahead.TrimExcess();
    }

    /// <summary>The account alone in a book of its own, with all that the partition knows folded in; what happens there leaves no trace.</summary>
    internal (Book Book, int Slot) ScratchOf(int slot)
    {
        var (scratch, buffer) = (new Book(Partition, BaseCurrency, EventClock, Partitions), new ByteBuffer());
        WriteState(buffer);
        scratch.ReadState(buffer.Written.ToArray());
        buffer.Clear();
        WriteAccount(slot, buffer);
        var alone = scratch.ReadAccount(buffer.Written.ToArray());
        scratch.BringUp(alone, new EffectBuffer());
        return (scratch, alone);
    }

    /// <summary>Writes what follows from entries and is no account.</summary>
    public void WriteState(ByteBuffer to) => WriteState(to, Rules == 1 ? RowFormat : RulesFormat);

    /// <summary>Writes it as an earlier release did, to compare.</summary>
    public void WriteState(ByteBuffer to, int format) => State(new StateStream(to), format);

    /// <summary>Reads it back, before the accounts.</summary>
    public void ReadState(ReadOnlyMemory<byte> from) => State(new StateStream(from), RulesFormat);

    private void State(StateStream s, int format)
    {
        format = s.Count(format);
        if (format is < OldestFormat or > RulesFormat) throw new InvalidDataException($"State format {format} is unknown to this version.");
        var (clock, stream, house, index, sweep) = (EventClock, StreamTime, HouseSeq, HouseIndex, SweepFrom);
        s.Do(ref clock);
        s.Do(ref stream);
        s.Do(ref house);
        s.Do(ref index);
        s.Do(ref sweep);
        (EventClock, StreamTime, HouseSeq, HouseIndex, SweepFrom) = (clock, stream, house, index, sweep);
        var rules = format < RulesFormat ? 1 : Rules;
        if (format >= RulesFormat) s.Do(ref rules);
        if (rules > PartitionMachine.Version) throw new InvalidDataException($"Rules {rules} are unknown to this version.");
        if (s.Reading) Rules = rules;
        List<KeyValuePair<string, long>> positions = s.Reading ? [] : [.. PositionMap];
        var count = s.Count(positions.Count);
        for (var i = 0; i < count; i++)
        {
            var (name, offset) = s.Reading ? ("", 0L) : (positions[i].Key, positions[i].Value);
            s.Do(ref name);
            s.Do(ref offset);
            if (s.Reading) PositionMap.Set(name, offset);
        }

        var sent = s.Reading ? [] : Sent.ToList();
        count = s.Count(sent.Count);
        for (var i = 0; i < count; i++)
        {
            var (receiver, number) = s.Reading ? (0, 0L) : (sent[i].Key, sent[i].Value);
            s.Do(ref receiver);
            s.Do(ref number);
            if (s.Reading) Sent[receiver] = number;
        }

        count = s.Count(Pending.Count);
        for (var i = 0; i < count; i++)
        {
            var policy = s.Reading ? new PolicyActivated() : Pending[i];
            s.Described(ref policy);
            if (s.Reading) Pending.Add(policy);
        }

        var contexts = s.Count(Contexts.Count);
        if (s.Reading) Contexts.Clear();
        for (var i = 0; i < contexts; i++)
        {
            var context = s.Reading ? new PartitionContext { BaseCurrency = BaseCurrency } : Contexts[i];
            context = StateOf(context, s, Partition, format);
            if (s.Reading) Contexts.Add(i == 0 ? context : Shared(Contexts[i - 1], context));
        }

        if (Partition != House) return;
        Desk.State(s);
        // A state of before there were groups ends here.
        if (s.Reading ? !s.AtEnd : Tree.Count > 0) Tree.State(s);
    }

    /// <summary>What did not change between two versions is the same object, so that a fold tells what did.</summary>
    private static PartitionContext Shared(PartitionContext before, PartitionContext read) => read with
    {
        Policy = before.Policy.Id == read.Policy.Id && before.Policy.Version == read.Policy.Version ? before.Policy : read.Policy,
        Rates = before.Rates.SequenceEqual(read.Rates) ? before.Rates : read.Rates,
        StaleFeeds = before.StaleFeeds.SequenceEqual(read.StaleFeeds) ? before.StaleFeeds : read.StaleFeeds,
        Baselines = before.Baselines.SequenceEqual(read.Baselines) ? before.Baselines : read.Baselines,
    };

    private static PartitionContext StateOf(PartitionContext c, StateStream s, int partition, int format)
    {
        var (version, since, today, hold, index) = (c.Version, c.Since, c.Today, c.GlobalHold, c.PortfolioIndex);
        s.Do(ref version);
        s.Do(ref since);
        var (madeSeq, madeIndex) = (c.MadeAt.Seq, c.MadeAt.Index);
        s.Do(ref madeSeq);
        s.Do(ref madeIndex);
        s.Do(ref today);
        s.Do(ref hold);
        s.Do(ref index);
        var loads = s.Reading ? new List<string>() : [.. c.OpeningLoads];
        s.Texts(loads);
        var policy = new PolicyActivated { PolicyId = c.Policy.Id, Version = c.Policy.Version, Parameters = c.Policy.ToParameters() };
        s.Described(ref policy);
        var rates = s.Reading ? new List<RateEntry>() : [.. c.Rates];
        var count = s.Count(rates.Count);
        for (var i = 0; i < count; i++)
        {
            var (from, rate, asOf) = s.Reading ? default : (rates[i].From, rates[i].Rate.Trillionths, rates[i].AsOf);
            s.Do(ref from);
            s.Do(ref rate);
            s.Do(ref asOf);
            if (s.Reading) rates.Add(new RateEntry(from, new FxRate(rate), asOf));
        }

        var calendar = new CalendarPublished { CalendarId = c.Calendar.Id, Weekend = c.Calendar.Weekend, Holidays = [.. c.Calendar.Holidays.Select(DayText)] };
        s.Described(ref calendar);
        var feeds = s.Reading ? [] : new List<StaleFeed>(c.StaleFeeds);
        count = s.Count(feeds.Count);
        for (var i = 0; i < count; i++)
        {
            var (feed, silent) = s.Reading ? ("", default) : (feeds[i].Feed, feeds[i].Since);
            s.Do(ref feed);
            s.Do(ref silent);
            if (s.Reading) feeds.Add(new StaleFeed(feed, silent));
        }

        var baselines = BaselinesOf(c, s, format);
        if (!s.Reading) return c;
        var known = calendar.CalendarId.Length == 0 ? BusinessCalendar.Default
            : BusinessCalendar.Create(calendar.CalendarId, calendar.Holidays, calendar.Weekend, out var wrong) ?? throw new InvalidDataException(wrong);
        var read = policy.Version == 1 && policy.Parameters.Count == 0 && policy.PolicyId == "default"
            ? Policy.Default
            : Policy.Create(policy.PolicyId, policy.Version, policy.Parameters, out var error) ?? throw new InvalidDataException(error);
        return c with { Version = version, Since = since, MadeAt = new EntryPosition(partition, madeSeq, madeIndex), Today = today, GlobalHold = hold, PortfolioIndex = index, Policy = read, Rates = rates, Calendar = known, StaleFeeds = feeds, OpeningLoads = loads, Baselines = baselines };
    }

    private static List<PortfolioBaseline> BaselinesOf(PartitionContext c, StateStream s, int format)
    {
        var list = s.Reading ? [] : new List<PortfolioBaseline>(c.Baselines);
        if (format < 5) return list;
        var count = s.Count(list.Count);
        for (var i = 0; i < count; i++)
        {
            var (segment, asOn, receivables, ead, overdue, late, orders, mad) = s.Reading ? new PortfolioBaseline("", 0, 0, 0, 0, 0, 0, 0) : list[i];
            s.Do(ref segment);
            s.Do(ref asOn);
            s.Do(ref receivables);
            s.Do(ref ead);
            s.Do(ref overdue);
            s.Do(ref late);
            s.Do(ref orders);
            s.Do(ref mad);
            if (s.Reading) list.Add(new PortfolioBaseline(segment, asOn, receivables, ead, overdue, late, orders, mad));
        }

        return list;
    }

    private static string DayText(int day) => DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    internal void Relist(int slot)
    {
        // The account stands as of the version that it folded last.
        var context = Contexts.Find(c => c.Version >= Account(slot).Folded) ?? Context;
        var last = context.Today + PolicyOf(slot, context).HorizonDays;
        for (var order = Account(slot).Orders.First; order != 0; order = Orders[order].Next)
        {
            ref var record = ref Orders[order];
            var undelivered = Undelivered(record);
            if (undelivered != 0 || DeliveredOf(record) != 0) ListOrder(order, true);
            if (undelivered != InsideOf(order, record, undelivered, last)) ListOutside(order, true);
        }

        for (var item = Account(slot).Items.First; item != 0; item = Items[item].Next)
        {
            ref var record = ref Items[item];
            if (OpenOf(record) != 0) ListItem(item, true);
            Root(item);
        }
    }
}
