namespace ExposureMonitor.Domain;

/// <summary>
/// What waits for a second person, and the keys of people and systems: state of the house partition, changed by its
/// commands only. Total: every command has an outcome.
/// </summary>
public sealed partial class HouseDesk
{
    /// <summary>Proposals that may wait at once; more are refused.</summary>
    public const int OpenMax = 5_000;

    /// <summary>Decided proposals that stay listed; the journal has all of them.</summary>
    public const int DecidedKept = 2_000;

    /// <summary>Keys that may be listed, ended ones too.</summary>
    public const int KeysMax = 10_000;

    /// <summary>Live or waiting keys of one subject: one in use, and the next one during a rotation.</summary>
    public const int KeysPerSubject = 2;

    private readonly SortedDictionary<string, HouseKey> _keys = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Proposal> _proposals = new(StringComparer.Ordinal);

    /// <summary>All keys, by prefix.</summary>
    public IReadOnlyCollection<HouseKey> Keys => _keys.Values;

    /// <summary>Proposals, by id: all that are open, and the newest decided ones.</summary>
    public IReadOnlyCollection<Proposal> Proposals => _proposals.Values;

    /// <summary>A proposal, or <c>null</c>.</summary>
    public Proposal? Find(string id) => _proposals.GetValueOrDefault(id);

    /// <summary>Roles that may decide about a kind of proposal.</summary>
    public static Roles DecidersOf(ProposalKind kind) => kind switch
    {
        ProposalKind.Policy or ProposalKind.Rate or ProposalKind.Scorecard => Roles.PolicyApprover,
        // An administrator has no business power: whoever approves business may agree to a key as well as another administrator.
        ProposalKind.Key or ProposalKind.ChannelCredential => Roles.Admin | Roles.Approver,
        _ => Roles.Approver,
    };

    internal Outcome Take(DeskCommand command, EntryPosition at, Instant now, PartitionContext context, EffectBuffer effects)
    {
        switch (command)
        {
            case MakeProposal make:
                return Make(make, now, context);
            case DecideProposal decide:
                return Decide(decide, at, now, context, effects);
            case CompleteProposal complete:
                return Complete(complete);
            case MakeKey key:
                return Make(key, now, context);
            case ProposeScorecard card:
                return Make(card, now, context);
            case WithdrawScorecard withdraw:
                return Withdraw(withdraw, now, effects);
            case EndKey end:
                if (!_keys.TryGetValue(end.Prefix, out var ending)) return Outcome.Refused("NO_KEY", $"No key begins with '{end.Prefix}'.");
                if (ending.State == KeyState.Ended) return Outcome.Superseded;
                (ending.State, ending.EndedAt) = (KeyState.Ended, now);
                return Outcome.Applied;
            case PruneJournal:
            case NoteExport:
            case DiscardDeadLetter:
                return Outcome.Applied;
            default:
                return Outcome.Refused("UNKNOWN_COMMAND", "The house does not take this command.");
        }
    }

    /// <summary>Proposals lapse and keys expire at the start of a day; each leaves a row in the audit trail.</summary>
    internal void StartDay(int today, Instant now, EffectBuffer effects)
    {
        foreach (var proposal in _proposals.Values)
        {
            if (proposal.State != ProposalState.Open || proposal.LapsesAfter >= today) continue;
            (proposal.State, proposal.DecidedAt) = (ProposalState.Lapsed, now);
            DropText(proposal);
            if (proposal.Kind == ProposalKind.Key && _keys.TryGetValue(proposal.Event, out var key)) (key.State, key.EndedAt) = (KeyState.Ended, now);
            effects.Add(new AuditNoted { Act = "proposal.lapsed", About = proposal.Id, Actor = "rule", Before = nameof(ProposalState.Open), After = nameof(ProposalState.Lapsed), Reason = "nobody decided in time" });
        }

        foreach (var key in _keys.Values)
        {
            if (key.State != KeyState.Live || key.ExpiresAt.Micros == 0 || now < key.ExpiresAt) continue;
            (key.State, key.EndedAt) = (KeyState.Ended, key.ExpiresAt);
            effects.Add(new AuditNoted { Act = "key.expired", About = key.Prefix, Actor = "rule", Before = nameof(KeyState.Live), After = nameof(KeyState.Ended) });
        }

        Forget();
    }

    internal void State(StateStream s)
    {
        var keys = s.Reading ? [] : _keys.Values.ToList();
        s.List(keys, key => key.Stream(s));
        var proposals = s.Reading ? [] : _proposals.Values.ToList();
        s.List(proposals, proposal => proposal.Stream(s));
        if (!s.Reading) return;
        foreach (var key in keys) _keys[key.Prefix] = key;
        foreach (var proposal in proposals) _proposals[proposal.Id] = proposal;
    }

    private Outcome Make(MakeProposal command, Instant now, PartitionContext context)
    {
        if (Known(command.ProposalId, command.Kind, command.About, command.Told) is { } known) return known;
        if (command.Kind is 0 or ProposalKind.Key or ProposalKind.Scorecard) return Outcome.Refused("BAD_KIND", "Keys and scorecards are proposed by commands of their own.");
        if (command.Event.Length > MakeProposal.EventMax) return Outcome.Refused("TOO_LARGE", $"A proposal carries at most {MakeProposal.EventMax} characters.");
        if (_proposals.Values.Count(p => p.State == ProposalState.Open) >= OpenMax) return Outcome.Refused("TOO_MANY", $"{OpenMax} proposals wait already; decide some of them.");
        Add(command.ProposalId, command.Kind, command.About, command.Event, command.Told, command.Actor, now, LastDay(context));
        return Outcome.Applied;
    }

    private Outcome Decide(DecideProposal command, EntryPosition at, Instant now, PartitionContext context, EffectBuffer effects)
    {
        if (Find(command.ProposalId) is not { } proposal) return Outcome.Refused("NO_PROPOSAL", $"No proposal '{command.ProposalId}'.");
        if ((RolesOf(command.Actor, now) & DecidersOf(proposal.Kind)) == 0)
            return Outcome.Refused("ROLE", $"A proposal of the kind {proposal.Kind} is decided by {DecidersOf(proposal.Kind)}.");
        // By subject: a second key of the same person is the same person.
        if (proposal.ProposedBy == command.Actor) return Outcome.Refused("SELF_APPROVAL", "Who proposed may not decide.");
        if (command.Approve ? proposal.State is ProposalState.Open or ProposalState.Approved && proposal.Approvers.Contains(command.Actor) : proposal.RejectedBy == command.Actor) return Outcome.Duplicate;
        if (proposal.State != ProposalState.Open) return Outcome.Refused("DECIDED", $"The proposal is {proposal.State} already.");
        if (proposal.LapsesAfter < context.Today) return Outcome.Refused("DECIDED", $"The proposal lapsed after {DateOnly.FromDayNumber(proposal.LapsesAfter):yyyy-MM-dd}.");
        (proposal.Reason, proposal.DecidedAt) = (command.Reason, now);
        if (!command.Approve)
        {
            (proposal.State, proposal.RejectedBy) = (ProposalState.Rejected, command.Actor);
            DropText(proposal);
            if (proposal.Kind == ProposalKind.Key && _keys.TryGetValue(proposal.Event, out var refused)) (refused.State, refused.EndedAt) = (KeyState.Ended, now);
            return Outcome.Applied;
        }

        if (command.Needed != 0 && AuthorityOf(command.Actor, now) is var authority and not -1 && (command.Needed < 0 || command.Needed > authority))
            return Outcome.Refused("AUTHORITY", command.Needed < 0 ? "A limit without a ceiling needs an authority without a ceiling." : $"It needs an authority of {command.Needed}; {command.Actor} has {authority}.");
        proposal.Approvers.Add(command.Actor);
        var two = context.Policy[Parameter.TwoApproversAbove];
        if (two >= 0 && (command.Needed > two || command.Needed < 0) && proposal.Approvers.Count < 2) return Outcome.Applied;
        proposal.State = ProposalState.Approved;
        // Keys and cards are state of the house itself: their effect is this entry.
        if (proposal.Kind is not (ProposalKind.Key or ProposalKind.Scorecard)) return Outcome.Applied;
        proposal.Entry = at.ToString();
        if (proposal.Kind == ProposalKind.Scorecard)
        {
            TakePlace(proposal, command.Actor, effects);
            return Outcome.Applied;
        }

        if (_keys.TryGetValue(proposal.Event, out var key) && key.State == KeyState.Waiting) (key.State, key.ApprovedBy) = (KeyState.Live, command.Actor);
        return Outcome.Applied;
    }

    private Outcome Complete(CompleteProposal command)
    {
        if (Find(command.ProposalId) is not { } proposal) return Outcome.Refused("NO_PROPOSAL", $"No proposal '{command.ProposalId}'.");
        if (!proposal.IsDue) return Outcome.Superseded;
        (proposal.Entry, proposal.Failure) = (command.Entry, command.Failure);
        if (command.Failure.Length > 0) proposal.State = ProposalState.Failed;
        return Outcome.Applied;
    }

    private Outcome Make(MakeKey command, Instant now, PartitionContext context)
    {
        if (Known(command.ProposalId, ProposalKind.Key, "", command.Told) is { } known) return known;
        if (_keys.ContainsKey(command.Prefix)) return Outcome.Refused("PREFIX_TAKEN", "Another key begins so.");
        if (Wrong(command, now) is { } wrong) return Outcome.Refused("BAD_KEY", wrong);
        var key = new HouseKey
        {
            Prefix = command.Prefix, Hash = command.Hash, Subject = command.Subject, Roles = command.Roles, Authority = command.Limit, MayCarryAuthority = command.MayCarryAuthority,
            CreatedAt = now, CreatedBy = command.Actor, ExpiresAt = command.ExpiresAt,
            State = command.AtConsole ? KeyState.Live : KeyState.Waiting, ApprovedBy = command.AtConsole ? command.Actor : "",
        };
        key.SegmentList.AddRange(command.Segments);
        _keys.Add(command.Prefix, key);
        if (!command.AtConsole) Add(command.ProposalId, ProposalKind.Key, "", command.Prefix, command.Told, command.Actor, now, LastDay(context));
        return Outcome.Applied;
    }

    private string? Wrong(MakeKey command, Instant now)
    {
        if (!Ids.IsValid(command.Subject)) return "subject: expected 1 to 64 characters of A–Z a–z 0–9 . _ : -";
        if (command.Roles == Roles.None) return "roles: expected at least one.";
        if ((command.Roles & Roles.Service) != 0 && command.Roles != Roles.Service) return "roles: a service never acts for a person; it has no other role.";
        if ((command.Roles & Roles.PolicyOwner) != 0 && (command.Roles & Roles.PolicyApprover) != 0) return "roles: drafting and approving a policy are two people's work.";
        if (command.Limit != 0 && (command.Roles & Roles.Approver) == 0) return "authority: only an Approver has one.";
        if (command.Limit < -1) return "authority: expected minor units from 0, or -1 for no ceiling.";
        if (command.MayCarryAuthority && command.Roles != Roles.Service) return "mayCarryAuthority: only a Service, as the source of events, has this right.";
        if (command.Hash.Length != 64 || command.Prefix.Length == 0) return "hash: expected SHA-256 in hex, and a prefix.";
        if (_keys.Count >= KeysMax) return $"keys: {KeysMax} are listed already.";
        var others = _keys.Values.Where(k => k.Subject == command.Subject && k.State != KeyState.Ended && (k.State == KeyState.Waiting || k.IsLive(now))).ToList();
        if (others.Count >= KeysPerSubject) return $"subject: '{command.Subject}' has two live keys, as many as a rotation needs; end one first.";
        return others.Exists(k => (k.Roles == Roles.Service) != (command.Roles == Roles.Service)) ? $"subject: '{command.Subject}' is a person and a service at once." : null;
    }

    /// <summary>All roles that the subject's live keys give.</summary>
    private Roles RolesOf(string subject, Instant now) => Live(subject, now).Aggregate(Roles.None, (sum, key) => sum | key.Roles);

    /// <summary>The largest authority of the subject's live keys; −1 without ceiling.</summary>
    public long AuthorityOf(string subject, Instant now) => Live(subject, now).Aggregate(0L, (most, key) => most < 0 || key.Authority < 0 ? -1 : Math.Max(most, key.Authority));

    private IEnumerable<HouseKey> Live(string subject, Instant now) => _keys.Values.Where(k => k.Subject == subject && k.IsLive(now));

    private Outcome? Known(string id, ProposalKind kind, string about, long told) => Find(id) is not { } known ? null
        : known.Kind == kind && known.About == about && known.Content == told ? Outcome.Duplicate
        : Outcome.Conflict($"Proposal '{id}' came before with other content.");

    private void Add(string id, ProposalKind kind, string about, string wire, long content, string by, Instant now, int lapsesAfter) => _proposals.Add(id, new Proposal
    {
        Id = id, Kind = kind, State = ProposalState.Open, About = about, Event = wire, Content = content, ProposedBy = by, ProposedAt = now, LapsesAfter = lapsesAfter,
    });

    /// <summary>The last day on which it can be decided, in business days of the credit control.</summary>
    private static int LastDay(PartitionContext context) => context.Calendar.After(context.Today, context.Policy[Parameter.ApprovalDays]);

    private void Forget()
    {
        var decided = _proposals.Values.Where(p => p.State != ProposalState.Open && !p.IsDue && !IsInForce(p)).OrderByDescending(p => p.ProposedAt).ThenBy(p => p.Id, StringComparer.Ordinal).Skip(DecidedKept).ToList();
        foreach (var old in decided) _proposals.Remove(old.Id);
    }
}
