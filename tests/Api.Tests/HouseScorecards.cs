using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>A scorecard in use: one proposes, another confirms, a shadow scores beside, and a score says of itself what it is made of.</summary>
public sealed class HouseScorecards
{
    /// <summary>A card of one factor: an invoice on terms of 30 days or less is worth so many hundredths of a point, a longer one loses them.</summary>
    private static string Card(int worth, string target = "late5", int days = 5) => ScorecardText.Write(new Scorecard
    {
        Target = target, Days = days, Base = 55_000, Chances = [.. Enumerable.Range(0, 351).Select(n => 999_000 - n * 2_800)], Trees = [],
        Tables = [new ScoreTable(PaymentFactors.IndexOf("invoice.terms"), [30], [0, worth, -worth])],
    });

    /// <summary>A customer that owes an invoice on terms of 60 days.</summary>
    private static async Task<(string Customer, string Invoice)> DebtorAsync(Service service)
    {
        var (customer, invoice) = (await service.CustomerAsync(), service.New("I"));
        var today = DateOnly.FromDateTime(DateTime.UtcNow).DayNumber;
        await service.TellAsync("invoice.posted", customer, new { invoiceId = invoice, amount = 5_000_00, currency = "EUR", issuedOn = JsonFieldWriter.DateText(today), dueOn = JsonFieldWriter.DateText(today + 60) });
        return (customer, invoice);
    }

    private static Task<Reply> ProposeAsync(Service service, string who, string card, string use = "InUse") => service.PostAsync(who, "/scorecards/drafts", new { card, use });

    private static async Task<string> ConfirmedAsync(Service service, string card, string use = "InUse")
    {
        var asked = await ProposeAsync(service, "PolicyOwner", card, use);
        Assert.True(asked.Code == 202, asked.Body);
        var done = await service.PostAsync("PolicyApprover", $"/proposals/{asked.Text("id")}/approve");
        Assert.True(done.Code == 200, done.Body);
        return asked.Text("id")!;
    }

    private static async Task<JsonElement> ScoreAsync(Service service, string customer)
    {
        var reply = await service.GetAsync("Viewer", $"/customers/{customer}/score");
        Assert.True(reply.Code == 200, reply.Body);
        return reply.Json;
    }

    private static JsonElement ShareOf(JsonElement score, int days) => score.GetProperty("shares").EnumerateArray().Single(s => s.GetProperty("days").GetInt32() == days);

    private static List<JsonElement> Scores(JsonElement score) => [.. score.GetProperty("open").EnumerateArray().Single().GetProperty("scores").EnumerateArray()];

    private static string? Version(JsonElement score) => score.GetProperty("version").GetString();

    [Fact]
    public async Task Card_scores_when_a_second_person_has_confirmed_it_and_explains_itself()
    {
        await using var house = await House.OpenAsync();
        var service = house.Service;
        var (customer, invoice) = await DebtorAsync(service);
        var before = await ScoreAsync(service, customer);
        Assert.Empty(Scores(before));
        Assert.Equal((true, "NO_CARD", "No card for late5 is in use."), (ShareOf(before, 5).GetProperty("serves").GetBoolean(), ShareOf(before, 5).GetProperty("whyCode").GetString(), ShareOf(before, 5).GetProperty("why").GetString()));
        // Nothing was ever paid: two customers of 20 % stand for the book, three for the customer.
        Assert.Equal((200_000, 200_000), (ShareOf(before, 5).GetProperty("ppm").GetInt32(), ShareOf(before, 5).GetProperty("bookPpm").GetInt32()));

        var card = Card(3_000);
        var asked = await ProposeAsync(service, "PolicyOwner", card);
        Assert.Equal((202, "Scorecard", "Open"), (asked.Code, asked.Text("kind"), asked.Text("state")));
        var shown = asked.Json.GetProperty("proposed");
        Assert.Equal(("late5", "InUse", ScorecardText.VersionOf(card), ProposedCard.HashOf(card)), (shown.GetProperty("target").GetString(), shown.GetProperty("use").GetString(), Version(shown), shown.GetProperty("sha256").GetString()));
        var waits = await ScoreAsync(service, customer);
        Assert.Empty(Scores(waits));
        Assert.Equal("WAITS", ShareOf(waits, 5).GetProperty("whyCode").GetString());

        Assert.Equal("Approved", (await service.PostAsync("PolicyApprover", $"/proposals/{asked.Text("id")}/approve?reason=judged")).Text("state"));
        var scored = await ScoreAsync(service, customer);
        var score = Assert.Single(Scores(scored));
        Assert.Equal(("late5", ScorecardText.VersionOf(card), false, 52_000, 55_000), (score.GetProperty("target").GetString(), Version(score), score.GetProperty("isShadow").GetBoolean(), score.GetProperty("points").GetInt32(), score.GetProperty("base").GetInt32()));
        var factor = Assert.Single(score.GetProperty("factors").EnumerateArray());
        Assert.Equal(("invoice.terms", 60, -3_000, "Invoice"), (factor.GetProperty("factor").GetString(), factor.GetProperty("value").GetInt32(), factor.GetProperty("points").GetInt32(), factor.GetProperty("madeOf").GetString()));
        var fact = Assert.Single(scored.GetProperty("open")[0].GetProperty("facts").GetProperty("invoice").EnumerateArray());
        Assert.Equal(("credit.invoice.posted.v1", invoice), (fact.GetProperty("type").GetString(), fact.GetProperty("document").GetString()));
        Assert.Equal(200, (await service.GetAsync("Viewer", $"/customers/{customer}/history/{fact.GetProperty("entry").GetString()}")).Code);
        // Where a card scores nothing is to be explained; where none does it still is.
        Assert.Equal((false, null, true), (ShareOf(scored, 5).GetProperty("serves").GetBoolean(), ShareOf(scored, 5).GetProperty("why").GetString(), ShareOf(scored, 15).GetProperty("serves").GetBoolean()));
    }

    [Fact]
    public async Task Nobody_confirms_the_own_card_with_any_key()
    {
        await using var house = await House.OpenAsync();
        var service = house.Service;
        service.Key("Dora", Roles.PolicyOwner, 0);
        var asked = await ProposeAsync(service, "Dora", Card(3_000));
        Assert.Equal("ROLE", (await service.PostAsync("Approver", $"/proposals/{asked.Text("id")}/approve")).Problem);
        service.Key("Dora", Roles.PolicyApprover, 0);
        Assert.Equal("SELF_APPROVAL", (await service.PostAsync("Dora", $"/proposals/{asked.Text("id")}/approve")).Problem);
        Assert.Equal("SELF_APPROVAL", (await service.PostAsync("Dora", $"/proposals/{asked.Text("id")}/reject")).Problem);
        Assert.Equal("Open", (await service.GetAsync("Viewer", $"/proposals/{asked.Text("id")}")).Text("state"));
    }

    [Fact]
    public async Task Shadow_scores_beside_the_card_in_use_and_changes_nothing()
    {
        await using var house = await House.OpenAsync();
        var service = house.Service;
        var (customer, _) = await DebtorAsync(service);
        await ConfirmedAsync(service, Card(3_000));
        var (account, alone) = ((await service.GetAsync("Viewer", "/customers/" + customer)).Body, await ScoreAsync(service, customer));
        await ConfirmedAsync(service, Card(-1_000), "Shadow");
        var beside = await ScoreAsync(service, customer);
        Assert.Equal([(false, 52_000), (true, 56_000)], Scores(beside).Select(s => (s.GetProperty("isShadow").GetBoolean(), s.GetProperty("points").GetInt32())));
        Assert.True(JsonElement.DeepEquals(Scores(alone)[0], Scores(beside)[0]));
        foreach (var same in (string[])["shares", "remarks", "paid"]) Assert.True(JsonElement.DeepEquals(alone.GetProperty(same), beside.GetProperty(same)));
        Assert.True(JsonElement.DeepEquals(alone.GetProperty("open")[0].GetProperty("expected"), beside.GetProperty("open")[0].GetProperty("expected")));
        Assert.Equal(account, (await service.GetAsync("Viewer", "/customers/" + customer)).Body);
        // A shadow alone is no card in use.
        await ConfirmedAsync(service, Card(500, "late15", 15), "Shadow");
        Assert.Equal("NO_CARD", ShareOf(await ScoreAsync(service, customer), 15).GetProperty("whyCode").GetString());
    }

    [Fact]
    public async Task Withdrawn_card_scores_no_more_and_the_trail_tells_its_whole_life()
    {
        await using var house = await House.OpenAsync();
        var service = house.Service;
        var (customer, _) = await DebtorAsync(service);
        var card = Card(3_000);
        var id = await ConfirmedAsync(service, card);
        Assert.Equal(card, (await service.GetAsync("Viewer", $"/scorecards/{id}/text")).Body);
        Assert.Equal("ROLE", (await service.PostAsync("Approver", $"/scorecards/{id}/withdraw")).Problem);
        Assert.Equal(200, (await service.PostAsync("PolicyApprover", $"/scorecards/{id}/withdraw?reason=fitted%20on%20a%20wrong%20ledger")).Code);
        var score = await ScoreAsync(service, customer);
        Assert.Empty(Scores(score));
        Assert.Equal("WITHDRAWN", ShareOf(score, 5).GetProperty("whyCode").GetString());
        Assert.EndsWith("by PolicyApprover: fitted on a wrong ledger.", ShareOf(score, 5).GetProperty("why").GetString(), StringComparison.Ordinal);
        Assert.Equal("CARD_ENDED", (await service.GetAsync("Viewer", $"/scorecards/{id}/text")).Problem);
        var line = Assert.Single((await service.GetAsync("Viewer", "/scorecards")).Json.GetProperty("cards").EnumerateArray());
        Assert.Equal(("Withdrawn", "PolicyApprover", ProposedCard.HashOf(card), 0), (line.GetProperty("state").GetString(), line.GetProperty("rejectedBy").GetString(), line.GetProperty("sha256").GetString(), line.GetProperty("characters").GetInt32()));
        Assert.NotNull(line.GetProperty("endedAt").GetString());

        var trail = (await service.GetAsync("Auditor", "/audit")).Json.GetProperty("rows").EnumerateArray().Select(r => r.GetRawText()).ToList();
        Assert.Contains(trail, r => r.Contains("\"scorecard.propose\"", StringComparison.Ordinal) && r.Contains(ProposedCard.HashOf(card), StringComparison.Ordinal) && r.Contains("PolicyOwner", StringComparison.Ordinal));
        Assert.Contains(trail, r => r.Contains("\"scorecard.in-use\"", StringComparison.Ordinal) && r.Contains($"\"after\":\"{ScorecardText.VersionOf(card)}\"", StringComparison.Ordinal));
        Assert.Contains(trail, r => r.Contains("\"scorecard.withdraw\"", StringComparison.Ordinal) && r.Contains("fitted on a wrong ledger", StringComparison.Ordinal));
        // The trail names a card by its hash; its text is long, and stands in the journal.
        Assert.DoesNotContain(trail, r => r.Contains("invoice.terms", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cards_outlive_the_process_and_the_journal_proves_them()
    {
        await using var house = await House.OpenAsync();
        var service = house.Service;
        var (customer, _) = await DebtorAsync(service);
        await ConfirmedAsync(service, Card(3_000));
        await ConfirmedAsync(service, Card(1_000));
        await ConfirmedAsync(service, Card(2_000), "Shadow");
        var before = Scores(await ScoreAsync(service, customer));
        await service.RestartAsync();
        Assert.Equal(before.Select(s => s.GetRawText()), Scores(await ScoreAsync(service, customer)).Select(s => s.GetRawText()));
        await using var reader = await JournalFactory.OpenMomentAsync("sqlite:" + Path.Combine(service.Folder, "book.db"));
        var report = await JournalVerifier.RunAsync(reader, reader.Database, default);
        Assert.Null(report.Violation);
    }

    [Fact]
    public async Task Card_that_is_confirmed_while_events_stream_in_scores_from_its_entry_on_and_a_replay_says_what_was_said()
    {
        await using var house = await House.OpenAsync();
        var service = house.Service;
        var (customer, _) = await DebtorAsync(service);
        using var enough = new CancellationTokenSource();
        var stream = StreamAsync(service, enough.Token);
        List<(Instant At, List<JsonElement> Scores)> said = [];
        async Task SayAsync() => said.Add((await service.Engine.ReadAsync(Book.House, book => book.StreamTime), Scores(await ScoreAsync(service, customer))));
        await SayAsync();
        await ConfirmedAsync(service, Card(3_000));
        await SayAsync();
        await ConfirmedAsync(service, Card(1_000), "Shadow");
        await SayAsync();
        var second = await ConfirmedAsync(service, Card(2_000));
        await SayAsync();
        Assert.Equal(200, (await service.PostAsync("PolicyApprover", $"/scorecards/{second}/withdraw")).Code);
        await SayAsync();
        await enough.CancelAsync();
        Assert.True(await stream > 0, "no event came in between");
        var (first, shadow, other) = (ScorecardText.VersionOf(Card(3_000)), ScorecardText.VersionOf(Card(1_000)), ScorecardText.VersionOf(Card(2_000)));
        Assert.Equal(["", first, $"{first} {shadow}", $"{other} {shadow}", shadow], said.Select(s => string.Join(' ', s.Scores.Select(Version))));

        // The journal says at each moment what was said then, to the last point of the last factor.
        await using var reader = await JournalFactory.OpenMomentAsync("sqlite:" + Path.Combine(service.Folder, "book.db"));
        var journal = await JournalBook.ReadAsync(reader, reader.Database.Partitions, default);
        foreach (var (at, scores) in said)
        {
            var cards = CardsInForce.Of((await AsOf.BookAsync(reader, reader.Database, Book.House, new PastBound(at, long.MaxValue), default)).Desk);
            var again = JsonSerializer.SerializeToElement(new ExplainedScore(journal, customer, cards.Read(), cards.WhyNone).ToJson(), JsonSerializerOptions.Web);
            Assert.Equal(scores.Select(s => s.GetRawText()), Scores(again).Select(s => s.GetRawText()));
        }

        // So does the service, asked for that moment; today's book is that of the end of its day.
        foreach (var (at, scores) in said)
        {
            var past = await service.GetAsync("Viewer", $"/customers/{customer}/score?at={Uri.EscapeDataString(at.ToString())}");
            Assert.True(past.Code == 200, past.Body);
            Assert.Equal(scores.Select(s => s.GetRawText()), Scores(past.Json).Select(s => s.GetRawText()));
            Assert.Contains(past.Json.GetProperty("remarks").EnumerateArray(), r => r.GetString() == $"The cards are those that were in force at {at}.");
        }

        var yesterday = await service.GetAsync("Viewer", $"/customers/{customer}/score?at={DateTime.UtcNow.AddDays(-1):yyyy-MM-dd}");
        Assert.Empty(yesterday.Json.GetProperty("open").EnumerateArray());
        Assert.Equal("BAD_TIME", (await service.GetAsync("Viewer", $"/customers/{customer}/score?at=once")).Problem);

        // A card comes, goes and is replaced in the entry by which a person decided it, and in no other.
        var (before, decided) = ("", 0);
        await foreach (var frame in reader.FramesAsync(Book.House, 0, long.MaxValue, default))
        {
            var now = string.Join(' ', (await AsOf.BookAsync(reader, reader.Database, Book.House, new PastBound(new Instant(long.MaxValue), frame.Seq), default)).Desk.Cards.Select(c => c.Card.Version));
            var decides = FrameCodec.Read(frame.Payload).Entries.Any(e => e.Fact is WithdrawScorecard or DecideProposal { Approve: true });
            Assert.Equal(decides, now != before);
            if (decides) decided++;
            before = now;
        }

        Assert.Equal(4, decided);
        Assert.Null((await JournalVerifier.RunAsync(reader, reader.Database, default)).Violation);
    }

    /// <summary>Invoices and payments of somebody else, one after the other, until it is enough; how many.</summary>
    private static async Task<int> StreamAsync(Service service, CancellationToken enough)
    {
        var (other, told) = (await service.CustomerAsync(), 0);
        while (!enough.IsCancellationRequested)
        {
            var (invoice, payment) = (service.New("S"), service.New("P"));
            await service.TellAsync("invoice.posted", other, new { invoiceId = invoice, amount = 1_00, currency = "EUR", issuedOn = Service.Today, dueOn = Service.Today });
            await service.TellAsync("payment.received", other, new { paymentId = payment, amount = 1_00, currency = "EUR", valueOn = Service.Today, cleared = true });
            await service.TellAsync("payment.allocated", other, new { allocationId = service.New("A"), fromId = payment, allocatedOn = Service.Today, items = new[] { new { itemId = invoice, amount = 1_00 } } });
            told++;
        }

        return told;
    }

    [Fact]
    public async Task What_can_never_score_is_told_to_whoever_proposes_it()
    {
        await using var house = await House.OpenAsync();
        var service = house.Service;
        var card = Card(3_000);
        Assert.Equal("BAD_CARD", (await service.PostAsync("PolicyOwner", "/scorecards/drafts", new { use = "InUse" })).Problem);
        Assert.Equal("BAD_CARD", (await service.PostAsync("PolicyOwner", "/scorecards/drafts", "[1]")).Problem);
        Assert.Equal("BAD_USE", (await ProposeAsync(service, "PolicyOwner", card, "Champion")).Problem);
        Assert.Equal("BAD_USE", (await ProposeAsync(service, "PolicyOwner", card, "1")).Problem);
        var other = await ProposeAsync(service, "PolicyOwner", card.Replace("invoice.terms ", "invoice.words ", StringComparison.Ordinal));
        Assert.Equal((422, "BAD_CARD"), (other.Code, other.Problem));
        Assert.Contains("the factors are not those of this version", other.Body, StringComparison.Ordinal);
        Assert.Contains("line 2", (await ProposeAsync(service, "PolicyOwner", card.Replace("target late5 5", "target late5 five", StringComparison.Ordinal))).Body, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("BAD_CARD", (await ProposeAsync(service, "PolicyOwner", Card(1, "late30", 30))).Problem);
        Assert.Equal("BAD_CARD", (await ProposeAsync(service, "PolicyOwner", Card(1, "late5", 15))).Problem);
        foreach (var told in new object[] { new { card, use = "InUse", version = "0123456789abcdef" }, new { card, use = "InUse", target = "onset5" }, new { card, use = "InUse", sha256 = new string('0', 64) } })
            Assert.Equal("OTHER_CARD", (await service.PostAsync("PolicyOwner", "/scorecards/drafts", told)).Problem);
        Assert.Equal("TOO_LARGE", (await ProposeAsync(service, "PolicyOwner", card + new string(' ', ProposeScorecard.CardMax))).Problem);
        Assert.Empty((await service.GetAsync("Viewer", "/scorecards")).Json.GetProperty("cards").EnumerateArray());
        // The same key twice is one proposal; with another card it is a mistake.
        var first = await service.PostAsync("PolicyOwner", "/scorecards/drafts", new { card, use = "InUse" }, ("Idempotency-Key", "k1"));
        Assert.Equal(first.Text("id"), (await service.PostAsync("PolicyOwner", "/scorecards/drafts", new { card, use = "InUse" }, ("Idempotency-Key", "k1"))).Text("id"));
        Assert.Equal("KEY_REUSED", (await service.PostAsync("PolicyOwner", "/scorecards/drafts", new { card = Card(7), use = "InUse" }, ("Idempotency-Key", "k1"))).Problem);
        Assert.Equal("WAITS", (await ProposeAsync(service, "PolicyOwner", card)).Problem);
        Assert.Equal("NO_PROPOSAL", (await service.PostAsync("PolicyOwner", "/scorecards/p-none/withdraw")).Problem);
        Assert.Equal("NOT_YOURS", (await service.PostAsync("PolicyApprover", $"/scorecards/{first.Text("id")}/withdraw")).Problem);
    }

    [Fact]
    public async Task Customer_without_an_invoice_has_the_share_of_the_book()
    {
        await using var house = await House.OpenAsync();
        var customer = await house.Service.CustomerAsync();
        var score = await ScoreAsync(house.Service, customer);
        Assert.Empty(score.GetProperty("open").EnumerateArray());
        Assert.Equal("No invoice of this customer yet: the share of the book stands for it.", score.GetProperty("remarks")[0].GetString());
        Assert.Equal("UNKNOWN_CUSTOMER", (await house.Service.GetAsync("Viewer", "/customers/NOBODY/score")).Problem);
    }

    [Fact]
    public async Task Journal_is_read_once_for_all_who_ask_and_again_when_the_reading_has_aged()
    {
        await using var house = await House.OpenAsync();
        var (customer, _) = await DebtorAsync(house.Service);
        var (clock, reader) = (new StillClock(), new CountingHeads(house.Service.Engine.Reader));
        using var scores = new ScoresAtDesk(reader, house.Service.Engine.Database.Partitions, clock);
        var asked = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => scores.BookAsync(default)));
        Assert.All(asked, a => Assert.Same(asked[0].Book, a.Book));
        await house.Service.TellAsync("invoice.posted", customer, new { invoiceId = "LATER", amount = 1_00, currency = "EUR", issuedOn = Service.Today, dueOn = Service.Today });
        Assert.Single((await scores.BookAsync(default)).Book.Scores.Of(customer, []).Open);
        Assert.Equal(1, reader.Readings);
        // It took no time at all: the least that a reading is kept.
        Assert.Equal(TimeSpan.FromSeconds(10), Assert.Single(clock.Timers).Due);
        clock.Timers[0].Ring();
        Assert.Equal(2, (await scores.BookAsync(default)).Book.Scores.Of(customer, []).Open.Count);
        Assert.Equal(2, reader.Readings);
    }

    [Fact]
    public async Task Book_that_is_too_large_is_told_so_and_not_read_again_for_everybody_who_asks()
    {
        await using var house = await House.OpenAsync();
        await DebtorAsync(house.Service);
        await DebtorAsync(house.Service);
        var (clock, reader) = (new StillClock(), new CountingHeads(house.Service.Engine.Reader));
        using var scores = new ScoresAtDesk(reader, house.Service.Engine.Database.Partitions, clock) { Most = 1 };
        for (var i = 0; i < 2; i++) Assert.Equal("The book has more than 1 invoices.", (await Assert.ThrowsAsync<BookTooLargeException>(() => scores.BookAsync(default))).Message);
        Assert.Equal(1, reader.Readings);
        clock.Timers[0].Ring();
        await Assert.ThrowsAsync<BookTooLargeException>(() => scores.BookAsync(default));
        Assert.Equal(2, reader.Readings);
    }

    /// <summary>A service of its own: what is in use holds for the whole house.</summary>
    private sealed class House : IAsyncDisposable
    {
        internal Service Service { get; } = new();

        internal static async Task<House> OpenAsync()
        {
            var house = new House();
            await house.Service.InitializeAsync();
            return house;
        }

        public async ValueTask DisposeAsync() => await Service.DisposeAsync();
    }

    private sealed class CountingHeads(IJournalReader inner) : DelegatingReader(inner)
    {
        internal int Readings { get; private set; }

        public override ValueTask<IReadOnlyList<PartitionHead>> HeadsAsync(CancellationToken cancel)
        {
            Readings++;
            return base.HeadsAsync(cancel);
        }
    }

    /// <summary>A clock that stands, and timers that ring when they are told to.</summary>
    private sealed class StillClock : TimeProvider
    {
        internal List<Timer> Timers { get; } = [];

        public override DateTimeOffset GetUtcNow() => new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

        public override long GetTimestamp() => 1;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Timers.Add(new Timer(() => callback(state), dueTime));
            return Timers[^1];
        }

        internal sealed class Timer(Action ring, TimeSpan due) : ITimer
        {
            internal TimeSpan Due => due;

            internal void Ring() => ring();

            public bool Change(TimeSpan dueTime, TimeSpan period) => false;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
