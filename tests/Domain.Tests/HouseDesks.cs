using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Proposals and keys of the house: who asks, who decides, when it lapses, and that a replay gives the same bytes.</summary>
public sealed class HouseDesks
{
    private readonly List<Fact> _told = [];
    private Book _house = new(Book.House, Currency.Parse("EUR"), eventClock: true);
    private Instant _now = Instant.From(new DateOnly(2026, 3, 2));
    private int _seq;

    /// <summary>A Monday, with an analyst, two approvers of 1,000.00 and one without ceiling.</summary>
    public HouseDesks()
    {
        Day("2026-03-02");
        foreach (var (subject, roles, limit) in new[] { ("ann", Roles.Analyst, 0L), ("bob", Roles.Approver, 100_000L), ("eve", Roles.Analyst | Roles.Approver, 100_000L), ("cfo", Roles.Approver, -1L), ("cro", Roles.Approver, -1L), ("adm", Roles.Admin, 0L) })
            Assert.Equal(OutcomeKind.Applied, Tell(Key(subject, roles, limit, atConsole: true)).Kind);
    }

    [Theory]
    [InlineData("bob", 0, "Applied")]
    [InlineData("bob", 100_000, "Applied")]
    [InlineData("bob", 100_001, "AUTHORITY")]
    [InlineData("bob", -1, "AUTHORITY")]
    [InlineData("cfo", -1, "Applied")]
    [InlineData("ann", 0, "ROLE")]
    [InlineData("adm", 0, "ROLE")]
    [InlineData("nobody", 0, "ROLE")]
    public void Decision_needs_role_and_authority(string who, long needed, string expected)
    {
        Propose("p1", "ann");
        var outcome = Tell(new DecideProposal { ProposalId = "p1", Approve = true, Actor = who, Needed = needed });
        Assert.Equal(expected, outcome.Kind == OutcomeKind.Applied ? "Applied" : outcome.Reason);
        Assert.Equal(expected == "Applied" && needed >= 0, _house.Desk.Find("p1")!.IsDue);
    }

    [Fact]
    public void Nobody_decides_about_the_own_proposal_with_any_key()
    {
        Tell(Key("eve", Roles.Approver, -1, atConsole: true, prefix: "em_second1"));
        Propose("p1", "eve");
        Assert.Equal("SELF_APPROVAL", Decide("p1", "eve").Reason);
        Assert.Equal(ProposalState.Open, _house.Desk.Find("p1")!.State);
    }

    [Fact]
    public void Large_amount_needs_two_people()
    {
        Propose("p1", "ann");
        Assert.Equal(OutcomeKind.Applied, Decide("p1", "cfo", 100_000_001).Kind);
        Assert.Equal(ProposalState.Open, _house.Desk.Find("p1")!.State);
        Assert.Equal(OutcomeKind.Duplicate, Decide("p1", "cfo", 100_000_001).Kind);
        Assert.Equal(OutcomeKind.Applied, Decide("p1", "cro", 100_000_001).Kind);
        Assert.Equal(["cfo", "cro"], _house.Desk.Find("p1")!.ApprovedBy);
        Assert.True(_house.Desk.Find("p1")!.IsDue);
    }

    [Fact]
    public void Proposal_lapses_after_three_business_days_and_the_trail_says_so()
    {
        Day("2026-03-05");
        Propose("p1", "ann"); // Thursday: Friday, Monday and Tuesday remain.
        Day("2026-03-10");
        Assert.Equal(ProposalState.Open, _house.Desk.Find("p1")!.State);
        var effects = Day("2026-03-11");
        Assert.Equal(ProposalState.Lapsed, _house.Desk.Find("p1")!.State);
        Assert.Equal("proposal.lapsed", Assert.IsType<AuditNoted>(Assert.Single(effects)).Act);
        Assert.Equal("DECIDED", Decide("p1", "bob").Reason);
    }

    [Fact]
    public void Same_proposal_again_is_a_duplicate_and_other_content_a_conflict()
    {
        Assert.Equal(OutcomeKind.Applied, Propose("p1", "ann").Kind);
        Assert.Equal(OutcomeKind.Duplicate, Propose("p1", "ann").Kind);
        Assert.Equal(OutcomeKind.ConflictingDuplicate, Propose("p1", "ann", told: 8).Kind);
    }

    [Fact]
    public void Key_opens_nothing_before_a_second_person_agrees_or_after_it_was_turned_down()
    {
        Tell(Key("new", Roles.Approver, 5, prefix: "em_new00001"));
        Propose("p1", "ann");
        Assert.Equal("ROLE", Decide("p1", "new").Reason);
        Assert.Equal("SELF_APPROVAL", Decide("k-em_new00001", "adm").Reason);
        Assert.Equal(OutcomeKind.Applied, Decide("k-em_new00001", "bob").Kind);
        Assert.Equal(OutcomeKind.Applied, Decide("p1", "new").Kind);
        Tell(Key("other", Roles.Approver, 5, prefix: "em_other001"));
        Tell(new DecideProposal { ProposalId = "k-em_other001", Actor = "bob" });
        Assert.Equal(KeyState.Ended, _house.Desk.Keys.Single(k => k.Subject == "other").State);
    }

    [Theory]
    [InlineData("a b", Roles.Viewer, 0)]
    [InlineData("x", Roles.None, 0)]
    [InlineData("x", Roles.Service | Roles.Approver, 0)]
    [InlineData("x", Roles.PolicyOwner | Roles.PolicyApprover, 0)]
    [InlineData("x", Roles.Viewer, 5)]
    [InlineData("x", Roles.Approver, -2)]
    [InlineData("ann", Roles.Service, 0)]
    public void Contradictory_key_is_refused(string subject, Roles roles, long authority) =>
        Assert.Equal("BAD_KEY", Tell(Key(subject, roles, authority, prefix: "em_contra01")).Reason);

    [Fact]
    public void Another_partition_takes_no_command_of_the_house() =>
        Assert.Equal("NOT_THE_HOUSE", PartitionMachine.Apply(new Book(0, Currency.Parse("EUR"), true), new EndKey { Prefix = "em_1" }, new EntryPosition(0, 1, 0), new EffectBuffer()).Reason);

    [Fact]
    public void That_the_journal_is_pruned_is_noted_and_changes_nothing()
    {
        var before = State(_house);
        var house = new Book(Book.House, Currency.Parse("EUR"), eventClock: true);
        house.ReadState(before);
        var noted = PartitionMachine.Apply(house, new PruneJournal { Before = 202601, Reason = "ten years", Actor = "console:ann" }, new EntryPosition(Book.House, 1, 0), new EffectBuffer());
        Assert.Equal(OutcomeKind.Applied, noted.Kind);
        Assert.Equal(before, State(house));
    }

    [Fact]
    public void Snapshot_and_replay_give_the_same_bytes()
    {
        Propose("p1", "ann");
        Propose("p2", "ann");
        Decide("p1", "bob");
        Tell(new CompleteProposal { ProposalId = "p1", Entry = "0-1-0", Actor = "rule" });
        Tell(Key("late", Roles.Viewer, 0, prefix: "em_late0001"));
        Day("2026-03-20");
        var bytes = State(_house);
        var read = new Book(Book.House, Currency.Parse("EUR"), eventClock: true);
        read.ReadState(bytes);
        Assert.Equal(bytes, State(read));
        Assert.Equal("0-1-0", read.Desk.Find("p1")!.Entry);
        var again = new HouseDesks();
        again._house = new Book(Book.House, Currency.Parse("EUR"), eventClock: true);
        for (var i = 0; i < _told.Count; i++) PartitionMachine.Apply(again._house, _told[i], new EntryPosition(Book.House, i + 1, 0), new EffectBuffer());
        Assert.Equal(bytes, State(again._house));
    }

    private static byte[] State(Book book)
    {
        var buffer = new ByteBuffer();
        book.WriteState(buffer);
        return buffer.Written.ToArray();
    }

    private static MakeKey Key(string subject, Roles roles, long limit, bool atConsole = false, string? prefix = null) => new()
    {
        ProposalId = "k-" + (prefix ?? "em_" + subject), Prefix = prefix ?? "em_" + subject, Hash = new string('a', 64), Subject = subject, Roles = roles, Limit = limit, AtConsole = atConsole, Actor = "adm",
    };

    private Outcome Propose(string id, string by, long told = 7) => Tell(new MakeProposal { ProposalId = id, Kind = ProposalKind.TemporaryLimit, About = "C1", Event = "{}", Told = told, Actor = by });

    private Outcome Decide(string id, string by, long needed = 0) => Tell(new DecideProposal { ProposalId = id, Approve = true, Actor = by, Needed = needed });

    private Outcome Tell(Fact fact) => Tell(fact, out _);

    private Outcome Tell(Fact fact, out IReadOnlyList<Effect> effects)
    {
        fact.Time = fact.Arrival = _now = _now.Plus(Instant.Second);
        _told.Add(fact);
        var buffer = new EffectBuffer();
        var outcome = PartitionMachine.Apply(_house, fact, new EntryPosition(Book.House, ++_seq, 0), buffer);
        effects = buffer.Effects;
        return outcome;
    }

    private IReadOnlyList<Effect> Day(string date)
    {
        var day = DateOnly.ParseExact(date, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        if (Instant.From(day) > _now) _now = Instant.From(day);
        Tell(new DayStarted { Day = day.DayNumber }, out var effects);
        return effects;
    }
}
