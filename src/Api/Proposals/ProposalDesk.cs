using System.Globalization;
using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>A proposal as the house has committed it.</summary>
internal sealed record ProposalLine(string Id, ProposalKind Kind, ProposalState State, string About, string Event, string ProposedBy, Instant ProposedAt, int LapsesAfter,
    IReadOnlyList<string> ApprovedBy, string RejectedBy, Instant DecidedAt, string Reason, string Entry, string Failure, bool IsDue)
{
    internal static ProposalLine Of(Proposal p) => new(p.Id, p.Kind, p.State, p.About, p.Event, p.ProposedBy, p.ProposedAt, p.LapsesAfter, [.. p.ApprovedBy], p.RejectedBy,
        p.DecidedAt, p.Reason, p.Entry, p.Failure, p.IsDue);
}

/// <summary>Effects of proposals that stand beside the journal: letters that leave, credentials that are kept encrypted.</summary>
internal interface IBesideEffects
{
    /// <summary>There are channels.</summary>
    bool IsReady { get; }

    /// <summary>There are none yet, and there will be: effects wait for them.</summary>
    bool IsComing { get; }

    /// <summary>What a letter lacks before it can leave, as <c>CODE: words</c>; "" when nothing.</summary>
    ValueTask<string> MissingAsync(ProposalLine proposal, CancellationToken cancel);

    /// <summary>Takes the effect, once or again; "" or why not, as <c>CODE: words</c>.</summary>
    ValueTask<string> TakeAsync(ProposalLine proposal, CancellationToken cancel);
}

/// <summary>
/// Takes proposals to the house and lets approved ones take effect. The approval and its effect are two entries: a
/// process that stops in between finds the approved proposal at its next start and goes on; the id of the event keeps
/// the effect from happening twice.
/// </summary>
internal sealed class ProposalDesk(ExposureEngine engine, IEventDecoder decoder, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _effects = new(1);

    /// <summary>What approved letters and credentials need beside the journal.</summary>
    internal IBesideEffects? Beside { get; init; }

    /// <summary>The id of a proposal, by who asks for what under which idempotency key.</summary>
    internal static string IdOf(Caller caller, ProposalKind kind, string about, string key) =>
        "p-" + Hashing.Text(key, Hashing.Text(about, Hashing.Text(caller.Subject, 7 + (ulong)kind))).ToString("x16", CultureInfo.InvariantCulture);

    internal Task<ProposalLine?> FindAsync(string id, CancellationToken cancel) =>
        engine.ReadAsync(Book.House, book => book.Desk.Find(id) is { } found ? ProposalLine.Of(found) : null, cancel);

    /// <summary>All proposals, newest first.</summary>
    internal async Task<List<ProposalLine>> ListAsync(CancellationToken cancel)
    {
        var all = await engine.ReadAsync(Book.House, book => book.Desk.Proposals.Select(ProposalLine.Of).ToList(), cancel);
        return [.. all.OrderByDescending(p => p.ProposedAt).ThenBy(p => p.Id, StringComparer.Ordinal)];
    }

    /// <summary>Keeps a proposal; the same again is the same.</summary>
    internal Task<Answer> MakeAsync(string id, ProposalKind kind, string about, string wire, ulong told, string by, CancellationToken cancel) =>
        engine.SubmitAsync(new MakeProposal { ProposalId = id, Kind = kind, About = about, Event = wire, Told = unchecked((long)told), Actor = by }, cancel);

    /// <summary>
    /// Submits what a proposal asks for, once it is approved; also after a restart. Returns the outcome of the effect and
    /// the partitions that have not journaled it yet, or <c>null</c> when nothing was due, or what is due waits for the channels.
    /// </summary>
    internal async Task<(Outcome Outcome, IReadOnlyList<int> NotYet)?> TakeEffectAsync(string id, CancellationToken cancel)
    {
        await _effects.WaitAsync(cancel);
        try
        {
            if (await FindAsync(id, cancel) is not { IsDue: true } proposal) return null;
            if (proposal.Kind is ProposalKind.Letter or ProposalKind.ChannelCredential && Beside is { IsComing: true }) return null;
            if (proposal.Kind is ProposalKind.Letter or ProposalKind.ChannelCredential && await BesideAsync(proposal, cancel) is { } beside) return (beside, []);
            var authority = proposal.ApprovedBy.Count == 0 ? 0 : await engine.ReadAsync(Book.House, book => book.Desk.AuthorityOf(proposal.ApprovedBy[^1], book.StreamTime), cancel);
            var answer = await engine.SubmitAsync(FactOf(proposal, authority), cancel);
            var taken = answer.Outcome.Kind is OutcomeKind.Applied or OutcomeKind.Duplicate or OutcomeKind.Parked
                || (proposal.Kind == ProposalKind.GlobalHoldOff && answer.Outcome.Kind == OutcomeKind.Superseded);
            var failure = taken ? "" : answer.Outcome.Reason.Length > 0 ? $"{answer.Outcome.Reason}: {answer.Outcome.Detail}" : answer.Outcome.Kind.ToString().ToUpperInvariant();
            // Before it counts as done: a process that stops here hands the letter over again, under the same id.
            // What cannot leave after all stays due: it goes when what it lacks is there.
            if (taken && proposal.Kind == ProposalKind.Letter && await Beside!.TakeAsync(proposal, cancel) is { Length: > 0 } lacks) return (RefusedBy(lacks), []);
            await engine.SubmitAsync(new CompleteProposal { ProposalId = id, Entry = answer.At.ToString(), Failure = failure.Length > 400 ? failure[..400] : failure, Actor = "rule" }, cancel);
            return (taken ? Outcome.Applied : answer.Outcome, answer.NotYet);
        }
        finally
        {
            _effects.Release();
        }
    }

    /// <summary>
    /// A credential takes its whole effect beside the journal; of a letter it is found out whether it can leave at all before anything is written. The outcome
    /// when nothing is left to do.
    /// </summary>
    private async Task<Outcome?> BesideAsync(ProposalLine proposal, CancellationToken cancel)
    {
        var isLetter = proposal.Kind == ProposalKind.Letter;
        var failure = Beside is null ? "NO_CHANNELS: the service runs without channels." : isLetter ? await Beside.MissingAsync(proposal, cancel) : await Beside.TakeAsync(proposal, cancel);
        if (isLetter && failure.Length == 0) return null;
        await engine.SubmitAsync(new CompleteProposal { ProposalId = proposal.Id, Entry = "beside", Failure = failure, Actor = "rule" }, cancel);
        return failure.Length == 0 ? Outcome.Applied : RefusedBy(failure);
    }

    /// <summary>A refusal of <c>CODE: words</c>.</summary>
    private static Outcome RefusedBy(string failure) => Outcome.Refused(failure.Split(':')[0], failure[(failure.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());

    /// <summary>What was approved before this process started and has no effect yet.</summary>
    internal async Task ResumeAsync(CancellationToken cancel)
    {
        foreach (var proposal in await ListAsync(cancel))
            // What leaves by a channel waits until there are channels: the service may not have come to them yet.
            if (proposal.IsDue && (proposal.Kind is not (ProposalKind.Letter or ProposalKind.ChannelCredential) || Beside is { IsReady: true })) await TakeEffectAsync(proposal.Id, cancel);
    }

    /// <summary>The command that a proposal becomes; <c>null</c> for those that become an event.</summary>
    internal static Command? CommandOf(ProposalKind kind) => kind switch
    {
        ProposalKind.Admission => new AdmitDocument(),
        ProposalKind.Exclusion => new SetExclusion(),
        ProposalKind.ForcedHoldLift => new LiftForcedHold(),
        ProposalKind.StopLift => new LiftStop(),
        ProposalKind.DeadLetterDiscard => new DiscardDeadLetter(),
        _ => null,
    };

    /// <summary>The fact that takes effect. It is built from the proposal alone, so that it is the same after a restart.</summary>
    /// <param name="authority">The authority of the last approver.</param>
    internal Fact FactOf(ProposalLine proposal, long authority = 0)
    {
        var approvers = string.Join(", ", proposal.ApprovedBy);
        if (proposal.Kind == ProposalKind.GlobalHoldOff)
            return new SwitchGlobalHold { On = false, Reason = proposal.Event, Actor = proposal.ProposedBy, ApprovedBy = proposal.ApprovedBy.Count > 0 ? proposal.ApprovedBy[^1] : "", Key = proposal.Id };
        if (proposal.Kind == ProposalKind.Letter)
        {
            var sent = LetterDrafting.EventOf(Alerts.Letter.Parse(proposal.Event));
            (sent.Customer, sent.EventId, sent.Source, sent.Time) = (proposal.About, "proposal:" + proposal.Id, "desk", proposal.ProposedAt);
            sent.Note = $"proposed by {proposal.ProposedBy}, approved by {approvers}";
            return sent;
        }

        if (CommandOf(proposal.Kind) is { } command)
        {
            decoder.Fill(command, Encoding.UTF8.GetBytes(proposal.Event));
            (command.Customer, command.Actor, command.Key, command.Authority) = (proposal.About, proposal.ProposedBy, proposal.Id, authority);
            var approver = proposal.ApprovedBy.Count > 0 ? proposal.ApprovedBy[^1] : "";
            if (command is AdmitDocument admit) admit.ApprovedBy = approver;
            if (command is SetExclusion exclusion) exclusion.ApprovedBy = approver;
            if (command is LiftForcedHold lift) lift.ApprovedBy = approver;
            if (command is LiftStop stop) stop.ApprovedBy = approver;
            // The house alone takes it, whomever the letter was about.
            if (command is DiscardDeadLetter discard) (discard.ApprovedBy, discard.Customer) = (approver, "");
            return command;
        }

        var fact = decoder.Decode(Encoding.UTF8.GetBytes(proposal.Event), default);
        // The event of a source came under its own id, without this note: another id keeps the two apart.
        fact.EventId = "proposal:" + proposal.Id;
        fact.Note = $"proposed by {proposal.ProposedBy}, approved by {approvers}";
        if (fact is TemporaryLimitGranted temporary) temporary.ApprovedBy = [.. proposal.ApprovedBy];
        if (fact is LimitSet limit) limit.ApprovedBy = [.. proposal.ApprovedBy];
        if (fact is RatingOverridden grade) (grade.By, grade.ApprovedBy) = (proposal.ProposedBy, [.. proposal.ApprovedBy]);
        if (fact is FxRatePublished rate) rate.ApprovedBy = approvers;
        return fact;
    }

    /// <summary>The authority that a proposal needs: 0 for none, −1 for one without a ceiling, <c>null</c> when a rate is missing.</summary>
    internal async Task<long?> NeededAsync(Fact fact, CancellationToken cancel)
    {
        if (fact is HouseFact or HouseCommand or DeskCommand) return 0;
        var needed = await engine.AskAsync(engine.PartitionOf(fact.Customer), BookQuestions.Authority(fact), cancel);
        return needed is null ? null : needed > long.MaxValue ? -1 : (long)needed;
    }

    internal Instant Now => Instant.From(time.GetUtcNow());

    public void Dispose() => _effects.Dispose();
}
