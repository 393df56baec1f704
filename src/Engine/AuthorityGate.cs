using System.Globalization;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Events that carry authority (limits, covers, rates, policies): those that need a second person become proposals of the
/// house, and no value changes before somebody agrees. The rule stands in <see cref="SecondPerson"/>; here it is asked
/// against what is committed.
/// </summary>
public sealed class AuthorityGate(ExposureEngine engine)
{
    /// <summary>The proposal that an event becomes: its id follows from the event, so that the same event is the same proposal.</summary>
    public static string ProposalOf(Fact fact) => "p-" + Hashing.Text(fact.EventId, Hashing.Text(fact.Source, 17)).ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>What the event waits for, or <c>null</c> when it may take effect. One that came before as a proposal stays one.</summary>
    /// <param name="hasRight">Its source may carry authority.</param>
    public async Task<ProposalKind?> NeededAsync(Fact fact, bool hasRight, CancellationToken cancel)
    {
        var id = ProposalOf(fact);
        if (await engine.ReadAsync(Book.House, book => book.Desk.Find(id)?.Kind, cancel) is { } known) return known;
        return await engine.AskAsync(fact is HouseFact ? Book.House : engine.PartitionOf(fact.Customer), BookQuestions.SecondPerson(fact, hasRight), cancel);
    }

    /// <summary>Makes the proposal; the same again is the same.</summary>
    /// <param name="record">The event as its source wrote it: what takes effect when somebody agrees.</param>
    /// <param name="by">The subject of the source.</param>
    public Task<Answer> ProposeAsync(ProposalKind kind, Fact fact, string record, string by, CancellationToken cancel) => engine.SubmitAsync(
        new MakeProposal
        {
            ProposalId = ProposalOf(fact), Kind = kind, About = fact.Customer, Event = record, Told = unchecked((long)fact.ContentHash(new ByteBuffer())), Actor = by,
        }, cancel);

    /// <summary>True when a key of the subject lives that may carry authority.</summary>
    public Task<bool> HasRightAsync(string subject, CancellationToken cancel) => engine.ReadAsync(Book.House,
        book => book.Desk.Keys.Any(k => k.Subject == subject && k is { MayCarryAuthority: true, State: KeyState.Live } && (k.ExpiresAt.Micros == 0 || book.StreamTime < k.ExpiresAt)), cancel);

    /// <summary>Submits an event of a stream: it takes effect, or waits as a proposal and its record is noted as taken.</summary>
    /// <param name="subject">Whose right to carry authority counts for the stream.</param>
    /// <exception cref="EngineUnavailableException">It was not committed: read again from the position of the stream.</exception>
    public async Task SubmitAsync(int partition, string stream, long after, Fact fact, string record, string subject, CancellationToken cancel = default)
    {
        var kind = await NeededAsync(fact, await HasRightAsync(subject, cancel), cancel);
        if (kind is not { } waits)
        {
            await engine.SubmitStreamAsync(partition, stream, after, [fact], cancel);
            return;
        }

        await ProposeAsync(waits, fact, record, subject, cancel);
        await engine.SubmitStreamAsync(partition, stream, after,
            [new AuthorityRequested { ProposalId = ProposalOf(fact), Type = FactCatalogue.WireTypeOf(fact), Customer = fact.Customer, EventId = fact.EventId, Source = fact.Source, Time = fact.Time, Position = fact.Position }], cancel);
    }
}
