using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>A scorecard becomes part of the policy of the house: one proposes it, another confirms, and anybody of the two trades takes it out again.</summary>
public sealed class HouseCards
{
    private const string January = "exposure-scorecard 1\ntarget late5 5\nfitted in January\n", June = "exposure-scorecard 1\ntarget late5 5\nfitted in June\n";

    private readonly List<Fact> _told = [];
    private readonly Book _house = new(Book.House, Currency.Parse("EUR"), eventClock: true);
    private Instant _now = Instant.From(new DateOnly(2026, 3, 2));
    private int _seq;

    /// <summary>A Monday, with a policy owner, two policy approvers and an approver of limits.</summary>
    public HouseCards()
    {
        Day("2026-03-02");
        foreach (var (subject, roles) in new[] { ("olga", Roles.PolicyOwner), ("pia", Roles.PolicyApprover), ("paul", Roles.PolicyApprover), ("bob", Roles.Approver) })
            Assert.Equal(OutcomeKind.Applied, Tell(new MakeKey { ProposalId = "k-" + subject, Prefix = "em_" + subject, Hash = new string('a', 64), Subject = subject, Roles = roles, AtConsole = true, Actor = "adm" }).Kind);
    }

    private IReadOnlyList<HouseCard> InForce => _house.Desk.Cards;

    [Fact]
    public void Card_scores_nothing_before_a_second_person_confirmed_it()
    {
        Assert.Equal(OutcomeKind.Applied, Propose("p1", January).Kind);
        Assert.Empty(InForce);
        Assert.Equal("ROLE", Decide("p1", "bob").Reason);
        Assert.Equal("ROLE", Decide("p1", "olga").Reason);
        Assert.Empty(InForce);
        var effects = new List<Effect>();
        Assert.Equal(OutcomeKind.Applied, Decide("p1", "pia", effects: effects).Kind);
        var card = Assert.Single(InForce);
        Assert.Equal(("p1", "late5", CardUse.InUse, January, "olga", "pia"), (card.ProposalId, card.Card.Target, card.Card.Use, card.Card.Text, card.ProposedBy, card.ApprovedBy));
        Assert.False(_house.Desk.Find("p1")!.IsDue);
        var noted = Assert.IsType<AuditNoted>(Assert.Single(effects));
        Assert.Equal(("scorecard.in-use", "late5", "pia", "", ScorecardText.VersionOf(January)), (noted.Act, noted.About, noted.Actor, noted.Before, noted.After));
        Assert.Equal(OutcomeKind.Duplicate, Decide("p1", "pia").Kind);
    }

    [Fact]
    public void Nobody_confirms_the_own_card()
    {
        Propose("p1", January, by: "pia");
        Assert.Equal("SELF_APPROVAL", Decide("p1", "pia").Reason);
        Assert.Empty(InForce);
        Assert.Equal(OutcomeKind.Applied, Decide("p1", "paul").Kind);
        Assert.Single(InForce);
    }

    [Fact]
    public void Card_that_was_turned_down_or_that_nobody_decided_about_never_scores_and_keeps_its_hashes_alone()
    {
        Propose("p1", January);
        Propose("p2", June);
        Assert.Equal(OutcomeKind.Applied, Tell(new DecideProposal { ProposalId = "p1", Reason = "too few late ones", Actor = "pia" }).Kind);
        Day("2026-03-06");
        Assert.Equal((ProposalState.Rejected, ProposalState.Lapsed), (_house.Desk.Find("p1")!.State, _house.Desk.Find("p2")!.State));
        Assert.Empty(InForce);
        foreach (var (id, text) in new[] { ("p1", January), ("p2", June) })
        {
            var card = new ProposedCard(_house.Desk.Find(id)!.Event);
            Assert.Equal(("", ScorecardText.VersionOf(text), ProposedCard.HashOf(text)), (card.Text, card.Version, card.Sha256));
        }

        Assert.Equal("DECIDED", Decide("p1", "paul").Reason);
    }

    [Fact]
    public void New_card_takes_the_place_of_the_one_before_it()
    {
        Confirmed("p1", January);
        var effects = new List<Effect>();
        Confirmed("p2", June, effects: effects);
        Assert.Equal("p2", Assert.Single(InForce).ProposalId);
        Assert.Equal(ProposalState.Replaced, _house.Desk.Find("p1")!.State);
        var before = new ProposedCard(_house.Desk.Find("p1")!.Event);
        Assert.Equal(("", InForce[0].Since), (before.Text, before.EndedAt));
        Assert.Equal((ScorecardText.VersionOf(January), ScorecardText.VersionOf(June)), Assert.IsType<AuditNoted>(Assert.Single(effects)) is var noted ? (noted.Before, noted.After) : default);
    }

    [Fact]
    public void Shadow_stands_beside_the_card_in_use_until_it_comes_into_use_itself()
    {
        Confirmed("p1", January);
        Confirmed("p2", June, CardUse.Shadow);
        Confirmed("p3", "of another target", CardUse.Shadow, target: "onset15");
        Assert.Equal([("p1", CardUse.InUse), ("p2", CardUse.Shadow), ("p3", CardUse.Shadow)], InForce.Select(c => (c.ProposalId, c.Card.Use)));
        // The January card as a shadow of June's, and back: each is a proposal of its own.
        Confirmed("p4", June);
        Assert.Equal([("p4", CardUse.InUse), ("p3", CardUse.Shadow)], InForce.Select(c => (c.ProposalId, c.Card.Use)));
        Confirmed("p5", January, CardUse.Shadow);
        Assert.Equal(["p4", "p5", "p3"], InForce.Select(c => c.ProposalId));
    }

    [Fact]
    public void One_person_takes_a_card_out_of_force_and_no_earlier_one_comes_back()
    {
        Confirmed("p1", January);
        Confirmed("p2", June);
        var effects = new List<Effect>();
        Assert.Equal(OutcomeKind.Applied, Withdraw("p2", "paul", effects).Kind);
        Assert.Empty(InForce);
        Assert.Equal(("scorecard.in-use", "late5", ScorecardText.VersionOf(June), "", "wrong ledger"), Assert.IsType<AuditNoted>(Assert.Single(effects)) is var noted ? (noted.Act, noted.About, noted.Before, noted.After, noted.Reason) : default);
        var gone = _house.Desk.Find("p2")!;
        Assert.Equal((ProposalState.Withdrawn, "paul", "wrong ledger", _now), (gone.State, gone.RejectedBy, gone.Reason, new ProposedCard(gone.Event).EndedAt));
        Assert.Equal(OutcomeKind.Duplicate, Withdraw("p2", "paul").Kind);
        Assert.Equal("DECIDED", Withdraw("p2", "pia").Reason);
        Assert.Equal("DECIDED", Withdraw("p1", "pia").Reason);
        Assert.Equal("NO_PROPOSAL", Withdraw("p9", "pia").Reason);
        // What is to come back is proposed again.
        Confirmed("p3", January);
        Assert.Equal("p3", Assert.Single(InForce).ProposalId);
    }

    [Fact]
    public void Card_that_waits_is_withdrawn_by_its_proposer_alone()
    {
        Propose("p1", January);
        Assert.Equal("NOT_YOURS", Withdraw("p1", "pia").Reason);
        var effects = new List<Effect>();
        Assert.Equal(OutcomeKind.Applied, Withdraw("p1", "olga", effects).Kind);
        Assert.Empty(effects);
        Assert.Equal((ProposalState.Withdrawn, default), (_house.Desk.Find("p1")!.State, new ProposedCard(_house.Desk.Find("p1")!.Event).EndedAt));
        Assert.Equal("DECIDED", Decide("p1", "pia").Reason);
        Assert.Empty(InForce);
    }

    [Fact]
    public void Another_proposal_is_no_card_to_withdraw()
    {
        Tell(new MakeProposal { ProposalId = "p1", Kind = ProposalKind.TemporaryLimit, About = "C1", Event = "{}", Actor = "olga" });
        Assert.Equal("NO_PROPOSAL", Withdraw("p1", "olga").Reason);
        Assert.Equal("BAD_KIND", Tell(new MakeProposal { ProposalId = "p2", Kind = ProposalKind.Scorecard, Event = January, Actor = "olga" }).Reason);
    }

    [Theory]
    [InlineData("late30", CardUse.InUse, January, null, null, "BAD_CARD")]
    [InlineData("late5", (CardUse)0, January, null, null, "BAD_CARD")]
    [InlineData("late5", CardUse.InUse, "", null, null, "TOO_LARGE")]
    [InlineData("late5", CardUse.InUse, January, "0123456789abcdef", null, "BAD_CARD")]
    [InlineData("late5", CardUse.InUse, January, null, "00", "BAD_CARD")]
    public void Card_that_is_not_what_the_proposal_says_is_refused(string target, CardUse use, string card, string? version, string? hash, string reason) =>
        Assert.Equal(reason, Tell(new ProposeScorecard
        {
            ProposalId = "p1", Target = target, Use = use, Card = card, Version = version ?? ScorecardText.VersionOf(card), Sha256 = hash ?? ProposedCard.HashOf(card), Actor = "olga",
        }).Reason);

    [Fact]
    public void Same_card_waits_once_and_stands_in_one_place_once()
    {
        Assert.Equal(OutcomeKind.Applied, Propose("p1", January).Kind);
        Assert.Equal(OutcomeKind.Duplicate, Propose("p1", January).Kind);
        Assert.Equal(OutcomeKind.ConflictingDuplicate, Propose("p1", June).Kind);
        Assert.Equal("WAITS", Propose("p2", January).Reason);
        Decide("p1", "pia");
        Assert.Equal("IN_FORCE", Propose("p3", January).Reason);
        Assert.Equal(OutcomeKind.Applied, Propose("p4", January, CardUse.Shadow).Kind);
    }

    [Fact]
    public void Few_cards_wait_at_once()
    {
        for (var i = 0; i < HouseDesk.OpenCardsMax; i++) Assert.Equal(OutcomeKind.Applied, Propose("p" + i, "card " + i).Kind);
        Assert.Equal("TOO_MANY", Propose("more", January).Reason);
        Tell(new DecideProposal { ProposalId = "p0", Actor = "pia" });
        Assert.Equal(OutcomeKind.Applied, Propose("more", January).Kind);
    }

    [Fact]
    public void Card_in_force_is_not_forgotten_however_many_proposals_are_decided_after_it()
    {
        Confirmed("first", January);
        for (var i = 0; i <= HouseDesk.DecidedKept; i++)
        {
            Tell(new MakeProposal { ProposalId = "q" + i, Kind = ProposalKind.TemporaryLimit, About = "C1", Event = "{}", Actor = "olga" });
            Tell(new DecideProposal { ProposalId = "q" + i, Actor = "bob" });
        }

        Day("2026-03-03");
        Assert.Null(_house.Desk.Find("q0"));
        Assert.Equal(January, Assert.Single(InForce).Card.Text);
    }

    [Fact]
    public void Snapshot_and_replay_give_the_same_bytes()
    {
        Confirmed("p1", January);
        Confirmed("p2", June);
        Confirmed("p3", January, CardUse.Shadow);
        Withdraw("p3", "paul");
        Propose("p4", January, CardUse.Shadow);
        var bytes = State(_house);
        var read = new Book(Book.House, Currency.Parse("EUR"), eventClock: true);
        read.ReadState(bytes);
        Assert.Equal(bytes, State(read));
        Assert.Equal(June, Assert.Single(read.Desk.Cards).Card.Text);
        var again = new Book(Book.House, Currency.Parse("EUR"), eventClock: true);
        for (var i = 0; i < _told.Count; i++) PartitionMachine.Apply(again, _told[i], new EntryPosition(Book.House, i + 1, 0), new EffectBuffer());
        Assert.Equal(bytes, State(again));
    }

    private static byte[] State(Book book)
    {
        var buffer = new ByteBuffer();
        book.WriteState(buffer);
        return buffer.Written.ToArray();
    }

    private Outcome Propose(string id, string card, CardUse use = CardUse.InUse, string target = "late5", string by = "olga") => Tell(new ProposeScorecard
    {
        ProposalId = id, Target = target, Use = use, Version = ScorecardText.VersionOf(card), Sha256 = ProposedCard.HashOf(card), Card = card, Actor = by,
    });

    private Outcome Decide(string id, string by, List<Effect>? effects = null) => Tell(new DecideProposal { ProposalId = id, Approve = true, Actor = by }, effects);

    private void Confirmed(string id, string card, CardUse use = CardUse.InUse, string target = "late5", List<Effect>? effects = null)
    {
        Assert.Equal(OutcomeKind.Applied, Propose(id, card, use, target).Kind);
        Assert.Equal(OutcomeKind.Applied, Decide(id, "pia", effects).Kind);
    }

    private Outcome Withdraw(string id, string by, List<Effect>? effects = null) => Tell(new WithdrawScorecard { ProposalId = id, Reason = "wrong ledger", Actor = by }, effects);

    private Outcome Tell(Fact fact, List<Effect>? effects = null)
    {
        fact.Time = fact.Arrival = _now = _now.Plus(Instant.Second);
        _told.Add(fact);
        var buffer = new EffectBuffer();
        var outcome = PartitionMachine.Apply(_house, fact, new EntryPosition(Book.House, ++_seq, 0), buffer);
        effects?.AddRange(buffer.Effects);
        return outcome;
    }

    private void Day(string date)
    {
        var day = DateOnly.ParseExact(date, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        if (Instant.From(day) > _now) _now = Instant.From(day);
        Tell(new DayStarted { Day = day.DayNumber });
    }
}
