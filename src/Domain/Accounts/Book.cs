using System.Runtime.CompilerServices;

namespace ExposureMonitor.Domain;

/// <summary>
/// All accounts of one partition, and what the partition knows. Touched by one thread only. The slabs below are the
/// state; everything that reads or changes them stands in the other files of this class and in the machine.
/// </summary>
public sealed partial class Book
{
    /// <summary>Number of the house partition, which owns no customer.</summary>
    public const int House = -1;

    internal readonly Slab<LedgerRecord> Ledgers = new();
    internal readonly Slab<OrderRecord> Orders = new();
    internal readonly Slab<DeliveryRecord> Deliveries = new();
    internal readonly Slab<ItemRecord> Items = new();
    internal readonly Slab<ItemExtra> Extras = new();
    internal readonly Slab<LinkRecord> Links = new();
    internal readonly Slab<SourceRecord> Sources = new();
    internal readonly Slab<AllocationRecord> Allocations = new();
    internal readonly Slab<PartRecord> Parts = new();
    internal readonly Slab<MovementRecord> Movements = new();
    internal readonly TextHeap Texts = new();
    internal readonly DocumentIndex Index = new();
    internal readonly NameTable Names = new();

    /// <summary>Scratch of the one account whose state is being written or read.</summary>
    internal readonly AccountNumbers Numbers = new();

    private readonly Slab<AccountRecord> _accounts = new();
    private Rare?[] _rare = new Rare?[16];
    private Habits?[] _habits = [];
    private readonly List<int> _touched = [], _shown = [];

    public Book(int partition, Currency baseCurrency, bool eventClock, int partitions = 1)
    {
        (Partition, Partitions) = (partition, partitions);
        BaseCurrency = baseCurrency;
        EventClock = eventClock;
        Contexts.Add(new PartitionContext { BaseCurrency = baseCurrency });
    }

    public int Partition { get; }

    /// <summary>How many partitions share the customers.</summary>
    public int Partitions { get; }

    /// <summary>
    /// Version of the rules that the partition goes by: the newest where it is made anew, that of its frames where it has some, and a later one from
    /// <see cref="RulesRaised"/> on.
    /// </summary>
    public int Rules { get; private set; } = PartitionMachine.Version;

    /// <summary>Replay: the frame at hand was written under this version.</summary>
    public void GoBy(int rules) => Rules = rules;

    internal Outcome RaiseRules(int version)
    {
        if (version > PartitionMachine.Version) return Outcome.Refused("RULES_UNKNOWN", $"Rules {version} are unknown; the newest are {PartitionMachine.Version}.");
        Rules = Math.Max(Rules, version);
        return Outcome.Applied;
    }

    /// <summary>Number of the last message that was sent to each partition.</summary>
    public SortedDictionary<int, long> Sent { get; } = [];

    /// <summary>Number of the last message that was taken from a partition; 0 before the first.</summary>
    public long TakenFrom(int sender) => PositionMap.GetValueOrDefault(SourcePosition.OfPartition(sender));

    public Currency BaseCurrency { get; }

    /// <summary>True while the database runs on the clock of its events.</summary>
    public bool EventClock { get; internal set; }

    /// <summary>Number of accounts; slots run from 0.</summary>
    public int AccountCount => _accounts.Highest;

    /// <summary>What the partition knows now.</summary>
    public PartitionContext Context => Contexts[^1];

    /// <summary>The business day (day number); 0 before the first <see cref="DayStarted"/>.</summary>
    public int Today => Context.Today;

    /// <summary>The latest instant that the partition has applied.</summary>
    public Instant StreamTime { get; internal set; }

    /// <summary>Sequence of the house's frame from which the last entry was taken over.</summary>
    public long HouseSeq { get; internal set; }

    /// <summary>Index of that entry in the house's frame.</summary>
    public int HouseIndex { get; internal set; }

    /// <summary>True when the last fact entered the window of event ids; an entry says so, so that the window can be rebuilt.</summary>
    public bool EnteredWindow { get; internal set; }

    /// <summary>Last offset taken from each stream.</summary>
    public IReadOnlyDictionary<string, long> Positions => PositionMap;

    /// <summary>The entry before the last one of the same customer, as (seq, index); (0, 0) when it was the first.</summary>
    public (long Seq, int Index) Previous { get; internal set; }

    /// <summary>Content hash of the last fact, when the machine needed it.</summary>
    public ulong? EntryContent { get; internal set; }

    /// <summary>What <see cref="EntryContent"/> was taken of, when there is one: kind and fields of the entry's fact, as <see cref="FactCodec"/> writes them.</summary>
    public ByteBuffer EntryBytes { get; } = new();

    /// <summary>Slot of the last fact's customer, when the machine came as far as the account; else −1.</summary>
    public int EntrySlot { get; internal set; } = -1;

    /// <summary>Place of the entry that is being applied.</summary>
    internal EntryPosition Entry { get; set; }

    /// <summary>Slots that the last fact touched.</summary>
    public IReadOnlyList<int> Touched => _touched;

    /// <summary>Slots whose figures the day moved, though nothing of their state changed.</summary>
    public IReadOnlyList<int> Shown => _shown;

    /// <summary>Versions of the context that some account has not folded yet, oldest first; the last is the current.</summary>
    internal List<PartitionContext> Contexts { get; } = [];

    internal StreamPositions PositionMap { get; } = new();

    /// <summary>Slot of a customer, or −1.</summary>
    public int FindSlot(string customer)
    {
        return FindSlot(customer, HashOf(customer));
    }

    /// <summary>Hash under which a customer stands in the index; never 0.</summary>
    internal static uint HashOf(string customer) => DocumentIndex.Hash(0, DocumentKind.Customer, customer);

    internal int FindSlot(string customer, uint hash)
    {
        for (var probe = -1; Index.Next(hash, ref probe) is var slot && slot != 0;)
            if (Texts.Holds(_accounts[slot].Id, customer)) return slot - 1;
        return -1;
    }

    /// <summary>The customer of a slot.</summary>
    public string CustomerAt(int slot) => Texts.Get(Account(slot).Id);

    internal ref AccountRecord Account(int slot) => ref _accounts[slot + 1];

    /// <summary>Orders that were counted in or out of the sums since the work on an account began, each as often as it was.</summary>
    internal List<int> Counted { get; } = [];

    /// <summary>True in tests that compare: no pass over held orders is ever left out.</summary>
    internal bool JudgesEveryHold { get; set; }

    internal Rare? RareOf(int slot) => slot < _rare.Length ? _rare[slot] : null;

    /// <summary>The rare state of an account, made when it is first needed.</summary>
    internal Rare RareFor(int slot)
    {
        if (slot >= _rare.Length) Array.Resize(ref _rare, Math.Max(slot + 1, _rare.Length * 2));
        return _rare[slot] ??= new Rare();
    }

    internal Habits? HabitsOf(int slot) => slot < _habits.Length ? _habits[slot] : null;

    /// <summary>Bytes of memory that the pattern indicators take for an account; 0 while they remember nothing of it.</summary>
    public int BytesOfHabits(int slot) => HabitsOf(slot)?.Bytes ?? 0;

    /// <summary>What the pattern indicators remember of an account, made when it is first needed.</summary>
    internal Habits HabitsFor(int slot)
    {
        if (slot >= _habits.Length) Array.Resize(ref _habits, Math.Max(slot + 1, Math.Max(16, _habits.Length * 2)));
        return _habits[slot] ??= new Habits();
    }

    internal int OpenAccount(string customer)
    {
        var record = _accounts.Take();
        ref var account = ref _accounts[record];
        account.Id = Texts.Add(customer);
        account.Flags = AccountFlags.Provisional;
        account.LimitCurrency = BaseCurrency;
        account.Folded = Context.Version;
        account.WakeOn = int.MaxValue;
        Index.Add(DocumentIndex.Hash(0, DocumentKind.Customer, customer), record);
        return record - 1;
    }

    internal void Touch(int slot)
    {
        foreach (var touched in _touched)
            if (touched == slot) return;
        _touched.Add(slot);
    }

    internal void Show(int slot) => _shown.Add(slot);

    internal void TouchNone()
    {
        _touched.Clear();
        _shown.Clear();
    }

    /// <summary>The ledger of an account in a currency, opened when it is first needed.</summary>
    internal int LedgerOf(int slot, Currency currency)
    {
        ref var account = ref Account(slot);
        var last = 0;
        for (var ledger = account.Ledger; ledger != 0; ledger = Ledgers[ledger].Next)
        {
            if (Ledgers[ledger].Currency == currency) return ledger;
            last = ledger;
        }

        var opened = Ledgers.Take();
        Ledgers[opened].Currency = currency;
        if (last == 0) account.Ledger = opened;
        else Ledgers[last].Next = opened;
        return opened;
    }

    /// <summary>The policy as the segment of an account sees it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // Asked dozens of times for each fact.
    internal Policy PolicyOf(int slot, PartitionContext context) => context.Policy is { HasSegments: false } policy ? policy : context.Policy.For(Names.Get(Account(slot).Segment));
}

/// <summary>Words that many accounts share (segments, countries, controllers), each kept once. 0 is "".</summary>
internal sealed class NameTable
{
    private readonly List<string> _names = [""];
    private readonly Dictionary<string, short> _numbers = new(StringComparer.Ordinal) { [""] = 0 };

    internal string Get(short number) => _names[number];

    /// <summary>Number of a word; "" once 32,000 different words are kept, which no master data has.</summary>
    internal short Of(string name)
    {
        if (name.Length == 0) return 0;
        if (_numbers.TryGetValue(name, out var number)) return number;
        if (_names.Count >= 32_000) return 0;
        _names.Add(name);
        _numbers[name] = (short)(_names.Count - 1);
        return (short)(_names.Count - 1);
    }
}
