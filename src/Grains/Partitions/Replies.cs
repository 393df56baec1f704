using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Grains;

/// <summary>From what the engine says to what travels between silos, and back.</summary>
internal static class Replies
{
    internal static Answered Of(EngineUnavailableException away) => away switch
    {
        PartitionElsewhereException => Answered.Elsewhere,
        PartitionClosedException => Answered.Closed,
        _ => Answered.Unavailable,
    };

    internal static FactReply Of(Answer answer) => new((byte)answer.Outcome.Kind, answer.Outcome.Reason, answer.Outcome.Detail, answer.At.Partition, answer.At.Seq, answer.At.Index, [.. answer.NotYet]);

    internal static Answer AnswerOf(FactReply reply) =>
        new(new Outcome((OutcomeKind)reply.Outcome, reply.Reason, reply.Detail), new EntryPosition(reply.Partition, reply.Seq, reply.Index), []) { NotYet = reply.NotYet };

    internal static async Task<BytesReply> TryAsync(Func<Task<byte[]>> answer)
    {
        try
        {
            return new BytesReply(Answered.Yes, "", await answer());
        }
        catch (EngineUnavailableException away)
        {
            return new BytesReply(Of(away), away.Message, []);
        }
    }

    /// <summary>A call that met nobody, as the engine would say it.</summary>
    internal static EngineUnavailableException Unavailable(Answered answered, string why) => answered switch
    {
        Answered.Elsewhere => new PartitionElsewhereException(why),
        Answered.Closed => new PartitionClosedException(why),
        _ => new EngineUnavailableException(why),
    };
}
