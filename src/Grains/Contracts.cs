namespace ExposureMonitor.Grains;

// The contract between silos, of which two releases run side by side during an upgrade: aliases and numbers never change their meaning,
// members are only added, and a test compares all of it with contracts.txt.

/// <summary>Who owns a partition: one activation in the cluster, on the silo that the membership view names. Key: the partition; −1 is the house.</summary>
[Alias("exposure.partition")]
public interface IPartitionGrain : IGrainWithIntegerKey
{
    /// <summary>Keeps the partition alive; returns when it serves. An activation that a newer view has placed elsewhere goes.</summary>
    /// <param name="view">The membership version that the caller has seen.</param>
    [Alias("keep")]
    Task KeepAsync(long view);

    /// <summary>Submits facts of the partition; answers after their commit.</summary>
    [Alias("submit")]
    Task<SubmitReply> SubmitAsync(byte[][] facts);

    /// <summary>Answers a question about the book.</summary>
    [Alias("ask")]
    Task<BytesReply> AskAsync(string question, byte[] arguments);

    /// <summary>The published rows behind a sequence.</summary>
    [Alias("rows")]
    Task<BytesReply> RowsAsync(long behind);

    /// <summary>Answers a request to the API that belongs to this partition.</summary>
    [Alias("call")]
    Task<CallReply> CallAsync(Call call);

    /// <summary>Of the house: how far partitions of another silo have journaled what it told.</summary>
    [Alias("journaled"), OneWay]
    Task JournaledAsync(HousePlace[] places);

    /// <summary>The house has told something: the silo of this partition looks.</summary>
    [Alias("look"), OneWay]
    Task LookAsync();
}

/// <summary>One customer: live exposure, limit and risk state, read in place beside the partition. Key: the customer's id.</summary>
[Alias("exposure.customer")]
public interface ICustomerGrain : IGrainWithStringKey
{
    /// <summary>The committed figures.</summary>
    /// <param name="seen">The newest place that the caller has seen; nothing older is answered.</param>
    [Alias("figures")]
    Task<FiguresReply> FiguresAsync(RowPlace seen);

    /// <summary>Tells of each change, beginning with what stands; ends when the partition leaves the silo, and the caller watches again.</summary>
    [Alias("watch")]
    IAsyncEnumerable<CustomerFigures> Watch(CancellationToken cancel = default);

    /// <summary>Answers a request to the API about this customer: check, reserve, set limit, release, and every read.</summary>
    [Alias("call")]
    Task<CallReply> CallAsync(Call call);
}

/// <summary>One way out, such as Kafka or a chat channel: who carries messages there. Key: its name.</summary>
[Alias("exposure.channel")]
public interface IChannelGrain : IGrainWithStringKey
{
    /// <summary>Keeps the channel alive; returns when its pump runs.</summary>
    [Alias("keep")]
    Task KeepAsync();

    /// <summary>What is known of it.</summary>
    [Alias("status")]
    Task<ChannelStatus> StatusAsync();

    /// <summary>Answers a request to the API about what goes out there.</summary>
    [Alias("call")]
    Task<CallReply> CallAsync(Call call);
}

/// <summary>How a call ended that may meet a partition on its way.</summary>
[GenerateSerializer, Alias("exposure.answered")]
public enum Answered
{
    /// <summary>By the owner.</summary>
    Yes = 0,

    /// <summary>The partition is not here now: nothing was done.</summary>
    Elsewhere = 1,

    /// <summary>The owner cannot answer, or does not know whether it was done: ask again under the same key.</summary>
    Unavailable = 2,

    /// <summary>The partition is closed until somebody has looked.</summary>
    Closed = 3,
}

/// <summary>Bytes, or why there are none.</summary>
[GenerateSerializer, Immutable, Alias("exposure.bytes-reply")]
public sealed record BytesReply([property: Id(0)] Answered Answered, [property: Id(1)] string Why, [property: Id(2)] byte[] Bytes);

/// <summary>The outcomes of facts in their order, or why there are none.</summary>
[GenerateSerializer, Immutable, Alias("exposure.submit-reply")]
public sealed record SubmitReply([property: Id(0)] Answered Answered, [property: Id(1)] string Why, [property: Id(2)] FactReply[] Facts);

/// <summary>What became of a fact.</summary>
[GenerateSerializer, Immutable, Alias("exposure.fact-reply")]
public sealed record FactReply(
    [property: Id(0)] byte Outcome, [property: Id(1)] string Reason, [property: Id(2)] string Detail,
    [property: Id(3)] int Partition, [property: Id(4)] long Seq, [property: Id(5)] int Index, [property: Id(6)] int[] NotYet);

/// <summary>A request to the API as one silo hands it to another.</summary>
/// <param name="Target">Path and query.</param>
/// <param name="Headers">Names and values, in turn; none but those that an endpoint reads.</param>
[GenerateSerializer, Immutable, Alias("exposure.call")]
public sealed record Call([property: Id(0)] string Method, [property: Id(1)] string Target, [property: Id(2)] string[] Headers, [property: Id(3)] byte[] Body);

/// <summary>The answer to a call, or why there is none.</summary>
/// <param name="Headers">Names and values, in turn.</param>
[GenerateSerializer, Immutable, Alias("exposure.call-reply")]
public sealed record CallReply([property: Id(0)] Answered Answered, [property: Id(1)] int Status, [property: Id(2)] string[] Headers, [property: Id(3)] byte[] Body);

/// <summary>How far a partition has journaled what the house told.</summary>
[GenerateSerializer, Immutable, Alias("exposure.house-place")]
public readonly record struct HousePlace([property: Id(0)] int Partition, [property: Id(1)] long Seq, [property: Id(2)] int Index);

/// <summary>A place in the history of a partition; the default is before the first.</summary>
[GenerateSerializer, Immutable, Alias("exposure.row-place")]
public readonly record struct RowPlace([property: Id(0)] long Seq);

/// <summary>Figures, or why there are none; <see cref="Answered.Yes"/> without figures: the customer is unknown.</summary>
[GenerateSerializer, Immutable, Alias("exposure.figures-reply")]
public sealed record FiguresReply([property: Id(0)] Answered Answered, [property: Id(1)] CustomerFigures? Figures);

/// <summary>A customer's committed figures in minor units of the currency of the limit.</summary>
/// <param name="Place">Nothing older is told to whoever has seen this.</param>
/// <param name="LimitKind">As <c>LimitKind</c> of the domain numbers them; likewise <paramref name="RiskState"/>.</param>
/// <param name="UtilisationBp">Basis points; −1 without a limit.</param>
[GenerateSerializer, Immutable, Alias("exposure.figures")]
public sealed record CustomerFigures(
    [property: Id(0)] string Customer, [property: Id(1)] RowPlace Place, [property: Id(2)] string Currency, [property: Id(3)] int LimitKind, [property: Id(4)] long Limit,
    [property: Id(5)] long Available, [property: Id(6)] long Gross, [property: Id(7)] long NetRisk, [property: Id(8)] int RiskState, [property: Id(9)] int UtilisationBp,
    [property: Id(10)] bool Breached, [property: Id(11)] int HeldOrders, [property: Id(12)] long Overdue, [property: Id(13)] long Reserved);

/// <summary>What is known of a channel.</summary>
/// <param name="Owner">The silo that carries messages there; "" when none does.</param>
/// <param name="Starts">How often a silo has taken it over.</param>
/// <param name="Trouble">Why it does not go on; "" while it does.</param>
[GenerateSerializer, Immutable, Alias("exposure.channel-status")]
public sealed record ChannelStatus([property: Id(0)] string Owner, [property: Id(1)] long Starts, [property: Id(2)] string Trouble);
