namespace ExposureMonitor.Domain;

/// <summary>Every kind of fact: its number in the journal (never reused), its type on the wire, how to make one.</summary>
public static partial class FactCatalogue
{
    private static readonly Entry[] Entries =
    [
        new(1, "credit.order.placed.v1", typeof(OrderPlaced), static () => new OrderPlaced()),
        new(2, "credit.order.changed.v1", typeof(OrderChanged), static () => new OrderChanged()),
        new(3, "credit.order.cancelled.v1", typeof(OrderCancelled), static () => new OrderCancelled()),
        new(4, "credit.order.closed.v1", typeof(OrderClosed), static () => new OrderClosed()),
        new(5, "credit.order.reopened.v1", typeof(OrderReopened), static () => new OrderReopened()),
        new(6, "credit.order.hold-acknowledged.v1", typeof(HoldAcknowledged), static () => new HoldAcknowledged()),
        new(7, "credit.order.payer-changed.v1", typeof(OrderPayerChanged), static () => new OrderPayerChanged()),
        new(8, "credit.delivery.posted.v1", typeof(DeliveryPosted), static () => new DeliveryPosted()),
        new(9, "credit.delivery.reversed.v1", typeof(DeliveryReversed), static () => new DeliveryReversed()),
        new(10, "credit.return.received.v1", typeof(ReturnReceived), static () => new ReturnReceived()),
        new(200, "credit.day.started.v1", typeof(DayStarted), static () => new DayStarted()),
        new(201, "credit.timer.due.v1", typeof(TimerDue), static () => new TimerDue()),
        new(202, "sweep.due", typeof(SweepDue), static () => new SweepDue()),
        new(203, "record.undecodable", typeof(UndecodableRecord), static () => new UndecodableRecord()),
    ];

    private static readonly Dictionary<Type, int> Numbers = Entries.ToDictionary(e => e.Type, e => e.Number);
    private static readonly Dictionary<int, Entry> ByNumber = Entries.ToDictionary(e => e.Number);
    private static readonly Dictionary<string, Entry> ByWireType =
        Entries.ToDictionary(e => e.WireType, StringComparer.Ordinal);

    /// <summary>One kind of fact.</summary>
    /// <param name="Number">Number in the journal.</param>
    /// <param name="WireType">CloudEvents type, or the name of a command or of a fact that the partition makes itself.</param>
    /// <param name="Type">The class.</param>
    /// <param name="Create">Makes an empty one.</param>
    public sealed record Entry(int Number, string WireType, Type Type, Func<Fact> Create)
    {
        /// <summary>True when the type may arrive from a topic, a file or the events endpoint.</summary>
        public bool IsEvent => !Type.IsSubclassOf(typeof(Command)) && !Type.IsSubclassOf(typeof(PartitionFact));
    }

    /// <summary>All kinds, by number.</summary>
    public static IReadOnlyList<Entry> All => Entries;

    /// <summary>Number of the fact's kind.</summary>
    public static int NumberOf(Fact fact) => Numbers[fact.GetType()];

    /// <summary>Type on the wire of the fact's kind.</summary>
    public static string WireTypeOf(Fact fact) => ByNumber[NumberOf(fact)].WireType;

    /// <summary>The kind with this type on the wire, or <c>null</c>.</summary>
    public static Entry? Find(string wireType) => ByWireType.GetValueOrDefault(wireType);

    /// <summary>An empty fact of a kind.</summary>
    /// <exception cref="InvalidDataException">The number belongs to a later version.</exception>
    public static Fact Create(int number) => ByNumber.TryGetValue(number, out var entry)
        ? entry.Create()
        : throw new InvalidDataException($"Fact kind {number} is unknown to this version.");
}

/// <summary>A fact that a partition journals by itself; never taken from a topic.</summary>
public abstract class PartitionFact : Fact
{
    private protected PartitionFact()
    {
    }
}
