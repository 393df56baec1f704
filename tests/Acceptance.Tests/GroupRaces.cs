using System.Collections.Concurrent;
using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;
using ExposureMonitor.Storage.Tests;
using Xunit;
using Xunit.Abstractions;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>
/// 64 callers ask for the headroom of one group through 200 members in all partitions. <c>EXPOSURE_RACES=1000</c> for the long form. Never is more approved
/// than the group's limit, through restarts; and when the dust has settled the whole pool can be spent again to the last cent.
/// </summary>
[Collection(ServerCollection.Name)]
public sealed class GroupRaces(PostgreSqlServer server, ITestOutputHelper output)
{
    private const int Callers = 64, Members = 200, Fit = 24;
    private const long Amount = 1_000, Limit = Amount * Fit + 999;
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("EXPOSURE_RACES") ?? "12", CultureInfo.InvariantCulture);
    private static readonly Currency Eur = Currency.Parse("EUR");

    [Fact]
    public async Task Members_never_share_the_last_headroom_of_their_group_on_sqlite()
    {
        using var work = new Workplace();
        await RaceAsync(work.Address);
    }

    [NeedsPostgreSql]
    public async Task Members_never_share_the_last_headroom_of_their_group_on_postgresql()
    {
        var connection = await server.NewDatabaseAsync();
        await RaceAsync(connection);
        await server.DropDatabaseAsync(connection);
    }

    private async Task RaceAsync(string address)
    {
        await JournalFactory.CreateAsync(address, new DatabaseInfo("test", "EUR", 8, "wall", "UTC", false));
        var (dice, approvals, waited, most) = (new Random(4711), 0, 0, 0L);
        var engine = await OpenAsync(address);
        await engine.SubmitBatchAsync([Opened("P", ""), LimitOf("P", 1, Limit), .. Enumerable.Range(0, Members).Select(n => Opened("M" + n, "P"))]);
        await QuietAsync(engine);
        for (var round = 0; round < Rounds; round++)
        {
            if (round % 5 == 4)
            {
                // The next process goes on with what is committed; slices on their way arrive there.
                await engine.DisposeAsync();
                engine = await OpenAsync(address);
            }

            var members = Enumerable.Range(0, Callers).Select(_ => "M" + dice.Next(Members)).ToList();
            var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var (now, told) = (engine, new ConcurrentBag<(string Member, CheckDecided Decided)>());
            var callers = members.Select(async (member, n) =>
            {
                await start.Task.ConfigureAwait(false);
                var answer = await now.SubmitAsync(new CheckCredit { Customer = member, Amount = Amount, Currency = Eur, Actor = "s", Key = $"{round}-{n}" });
                told.Add((member, answer.Effects.OfType<CheckDecided>().First(d => d.Key == $"{round}-{n}")));
            }).ToArray();
            start.SetResult();
            await Task.WhenAll(callers);
            var approved = told.Where(t => t.Decided.ReservationId.Length > 0).ToList();
            approvals += approved.Count;
            waited += told.Count(t => t.Decided.Asked.Length > 0);
            most = Math.Max(most, approved.Count);
            Assert.True(approved.Count * Amount <= Limit, $"round {round}: {approved.Count} approvals of {Amount} under a limit of {Limit}");
            Assert.All(told.Where(t => t.Decided.ReservationId.Length == 0), t => Assert.Contains(t.Decided.Reasons, r => r.Rule is "GROUP_LIMIT" or "GROUP_HEADROOM_PENDING"));
            await Task.WhenAll(approved.Select(t => engine.SubmitAsync(new EndReservation { Customer = t.Member, ReservationId = t.Decided.ReservationId, Actor = "s" })));
        }

        // The whole pool, to the last cent, at any member; and not a cent more.
        foreach (var member in new[] { "M0", "M99", "M199" })
        {
            Assert.Equal(OrderState.Accepted, await OrderAsync(engine, member, "whole", Limit));
            Assert.Equal(OrderState.OnHold, await OrderAsync(engine, member, "cent", 1));
            await engine.SubmitBatchAsync([Cancelled(member, "cent"), Cancelled(member, "whole")]);
        }

        await QuietAsync(engine);
        await engine.DisposeAsync();
        await using var reader = await JournalFactory.OpenReaderAsync(address);
        var report = await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None);
        Assert.Null(report.Violation);
        Assert.True(most == Fit || Rounds < 3, $"at most {most} of {Fit} were approved in a round");
        output.WriteLine($"{Rounds} rounds, {Rounds * Callers} checks of {Members} members, {approvals} approvals, at most {most} of {Fit} in a round, {waited} answers waited for their parent");
    }

    private static async Task<ExposureEngine> OpenAsync(string address)
    {
        var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(address, offline: true));
        await engine.StartAsync();
        return engine;
    }

    /// <summary>The state of an order once nothing is on its way any more.</summary>
    private static async Task<OrderState> OrderAsync(ExposureEngine engine, string member, string order, long amount)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).DayNumber;
        await engine.SubmitAsync(new OrderPlaced { Customer = member, OrderId = order, EventId = $"{order}{member}", Source = "t", Amount = amount, Currency = Eur, OrderedOn = today, ShipOn = today + 1 });
        await QuietAsync(engine);
        return await engine.ReadAsync(engine.PartitionOf(member), book => book.Detail(book.FindSlot(member)).Orders.Single(o => o.OrderId == order).State);
    }

    private static CustomerOpened Opened(string customer, string parent) =>
        new() { Customer = customer, EventId = "k" + customer, Source = "t", Currency = Eur, Profile = new CustomerProfile { ParentId = parent } };

    private static LimitSet LimitOf(string customer, long version, long amount) => new()
    {
        Customer = customer, EventId = $"l{customer}{version}", Source = "t", Version = version, Currency = Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = amount }],
    };

    private static OrderCancelled Cancelled(string member, string order) => new() { Customer = member, OrderId = order, EventId = $"x{order}{member}", Source = "t", Version = 1 };

    /// <summary>Waits until every message that was sent has been taken, those of the house too.</summary>
    private static async Task QuietAsync(ExposureEngine engine)
    {
        for (var calm = 0; calm < 2;)
        {
            var open = 0L;
            for (var sender = Book.House; sender < engine.Database.Partitions; sender++)
            {
                var from = sender;
                foreach (var (receiver, last) in await engine.ReadAsync(sender, book => book.Sent.ToArray()))
                    open += last - await engine.ReadAsync(receiver, book => book.TakenFrom(from));
            }

            calm = open == 0 ? calm + 1 : 0;
        }
    }
}
