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
/// 64 callers ask for the headroom of one group through 200 members in all partitions of a process that is killed in the middle, whose partitions
/// nobody owns for a while, and whose wires lose, double and break. Never is more approved than the group's limit; and when the dust has
/// settled the whole pool can be spent again to the last cent. <c>EXPOSURE_GROUP_ROUNDS=1000</c> for the long form.
/// </summary>
[Collection(ServerCollection.Name)]
public sealed class GroupRaces(PostgreSqlServer server, ITestOutputHelper output)
{
    private static readonly int Rounds = Number("EXPOSURE_GROUP_ROUNDS", 2), Seed = Number("EXPOSURE_GROUP_SEED", 1);

    private static int Number(string name, int otherwise) => int.Parse(Environment.GetEnvironmentVariable(name) ?? otherwise.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    [Fact]
    public async Task Members_never_share_the_last_headroom_of_their_group_on_sqlite()
    {
        using var work = new Workplace();
        await RaceAsync(work.Address, engines: 1);
    }

    [NeedsPostgreSql]
    public async Task Members_never_share_the_last_headroom_of_their_group_on_postgresql()
    {
        var connection = await server.NewDatabaseAsync();
        await RaceAsync(connection, engines: 2);
        await server.DropDatabaseAsync(connection);
    }

    private async Task RaceAsync(string address, int engines)
    {
        await JournalFactory.CreateAsync(address, new DatabaseInfo("test", "EUR", GroupStorm.Partitions, "wall", "UTC", false));
        using var storm = new GroupStorm(address, engines, Seed);
        var round = 1;
        try
        {
            await storm.BeginAsync();
            for (; round <= Rounds; round++)
            {
                await storm.RoundAsync(round);
                if (round % 50 == 0 || round == Rounds) await storm.SpendAgainAsync(round);
            }
        }
        finally
        {
            if (round <= Rounds) output.WriteLine($"stopped in round {round} of {Rounds}, seed {Seed}; {storm}");
        }

        await storm.EndAsync();
        await using var reader = await JournalFactory.OpenReaderAsync(address);
        var report = await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None);
        Assert.True(report.Violation is null, report.Violation);
        output.WriteLine($"{Rounds} rounds of seed {Seed}; {storm}");
        // A run in which the interesting things never happened proves nothing.
        Assert.True(storm is { Kills: > 0, Held: > 0, Forced: > 0, Unheard: > 0, Most: > GroupStorm.Fit / 2 }, storm.ToString());
        if (Rounds >= 30) Assert.True(storm is { Lost: > 0, Doubled: > 0, Broken: > 0, Most: GroupStorm.Fit }, storm.ToString());
    }
}

/// <summary>The callers of one group, who write down what they heard, and what is done to the process meanwhile.</summary>
internal sealed class GroupStorm(string address, int engines, int seed) : IDisposable
{
    internal const int Partitions = 8, Fit = 24;
    private const int Callers = 64, Members = 200;
    private const long Amount = 1_000, Limit = Amount * Fit + 999;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);
    private readonly Random _dice = new(seed);
    private readonly SemaphoreSlim _answers = new(0);
    private GroupProcess _process = null!;
    private (int Lost, int Doubled, int Unknown) _before, _now;
    private int _processes, _checks, _approvals, _waited, _unheard;

    /// <summary>The process as it is now, and when somebody who found a partition of nobody may ask again.</summary>
    private volatile Life _life = null!;

    private sealed record Life(GroupProcess Process, Task Moved, Task Next);

    private readonly List<int> _heldNow = [];
    private TaskCompletionSource _moved = new(), _next = new();

    internal int Kills { get; private set; }

    internal int Held { get; private set; }

    internal int Forced { get; private set; }

    internal int Most { get; private set; }

    internal int Unheard => _unheard;

    internal int Lost => _before.Lost + _now.Lost;

    internal int Broken => _before.Unknown + _now.Unknown;

    internal int Doubled => _before.Doubled + _now.Doubled;

    public override string ToString() =>
        $"{_checks} checks of {Members} members, {_approvals} approvals, at most {Most} of {Fit} in a round, {_waited} answers waited for their parent; {Kills} kills with {_unheard} calls in flight, "
        + $"{Held} partitions held back, {Lost} pages of messages lost, {Doubled} doubled, {Broken} commits broken, {Forced} invoices";

    internal async Task BeginAsync()
    {
        await StartAsync();
        await SayAsync($"found {Members} {Limit}");
        await QuietAsync();
    }

    private async Task StartAsync()
    {
        _process = await GroupProcess.StartAsync(address, engines, 100 * seed + _processes++);
        _heldNow.Clear();
        var (moved, next) = (_moved, _next);
        (_moved, _next) = (New(), New());
        // Nothing is held back in the new process.
        _moved.SetResult();
        _life = new Life(_process, _moved.Task, _next.Task);
        moved.TrySetResult();
        next.TrySetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task KillAsync()
    {
        Kills++;
        var (lost, doubled, unknown) = _before;
        _before = (lost + _now.Lost, doubled + _now.Doubled, unknown + _now.Unknown);
        _now = default;
        Assert.Equal("", await _process.LastWordsAsync());
        await _process.KillAsync();
        _process.Dispose();
        await StartAsync();
    }

    private async Task HoldAsync(int partition)
    {
        Held++;
        _heldNow.Add(partition);
        if (_moved.Task.IsCompleted) _moved = New();
        _life = _life with { Moved = _moved.Task };
        while (await _process.AskAsync($"hold {partition}") is not "held") Assert.Equal("", await _process.LastWordsAsync());
    }

    private async Task ResumeAsync()
    {
        foreach (var partition in _heldNow) Assert.Equal("resumed", await _process.AskAsync($"resume {partition} {_dice.Next(2)}"));
        _heldNow.Clear();
        _moved.TrySetResult();
    }

    /// <summary>Asks until it is answered: of a process that died, and of a partition of nobody, again.</summary>
    private async Task<string> SayAsync(string command)
    {
        while (true)
        {
            var life = _life;
            var answer = await life.Process.AskAsync(command);
            if (answer is null)
            {
                Interlocked.Increment(ref _unheard);
                await life.Next.WaitAsync(Patience);
            }
            else if (answer == GroupHost.Elsewhere)
            {
                await life.Moved.WaitAsync(Patience);
            }
            else
            {
                Assert.DoesNotContain(GroupHost.Broken, answer, StringComparison.Ordinal);
                return answer;
            }
        }
    }

    private async Task QuietAsync()
    {
        var words = (await SayAsync("quiet")).Split(' ');
        _now = (Count(words[1]), Count(words[2]), Count(words[3]));
        static int Count(string word) => int.Parse(word, CultureInfo.InvariantCulture);
    }

    internal async Task RoundAsync(int round)
    {
        var members = Enumerable.Range(0, Callers).Select(_ => _dice.Next(Members)).ToList();
        foreach (var partition in Enumerable.Range(0, Partitions).Where(_ => _dice.Next(8) == 0).Take(2).ToList()) await HoldAsync(partition);
        var free = members.Count(m => !_heldNow.Contains(Ids.PartitionOf("M" + m, Partitions)));
        var (resumeAt, killAt) = (_heldNow.Count > 0 ? _dice.Next(1, free) : 0, _dice.Next(3) == 0 ? _dice.Next(1, Callers) : 0);
        var told = new ConcurrentBag<(int Member, string Answer)>();
        var forced = round % 4 == 1 ? ForceAsync(round, members[0]) : Task.CompletedTask;
        var callers = members.Select(async (member, n) =>
        {
            told.Add((member, await SayAsync($"check {seed}-{round}-{n} M{member} {Amount}")));
            _answers.Release();
        }).ToList();
        await DisturbAsync(resumeAt, killAt, callers);
        await forced;

        var approved = told.Where(t => t.Answer.StartsWith("approved ", StringComparison.Ordinal)).Select(t => (t.Member, Reservation: t.Answer.Split(' ')[1])).ToList();
        Assert.Equal(approved.Count, approved.Select(a => a.Reservation).Distinct().Count());
        Assert.True(approved.Count * Amount <= Limit, $"round {round}: {approved.Count} approvals of {Amount} under a limit of {Limit}");
        Assert.All(told.Where(t => t.Answer.StartsWith("held", StringComparison.Ordinal)), t => Assert.Matches("GROUP_LIMIT|GROUP_HEADROOM_PENDING|before", t.Answer));
        (_checks, _approvals, Most) = (_checks + Callers, _approvals + approved.Count, Math.Max(Most, approved.Count));
        _waited += told.Count(t => t.Answer.EndsWith(" waited", StringComparison.Ordinal));

        // All is given back, with a kill in between at times.
        var ends = approved.Select(async a =>
        {
            await SayAsync($"end M{a.Member} {a.Reservation}");
            _answers.Release();
        }).ToList();
        if (round % 4 == 1) await SayAsync($"pay M{members[0]} {seed}-{round} {5 * Amount}");
        await DisturbAsync(0, ends.Count > 2 && _dice.Next(6) == 0 ? _dice.Next(1, ends.Count) : 0, ends);
        await QuietAsync();
    }

    /// <summary>Value that nobody can refuse, in the middle of it: it comes on top of what was approved.</summary>
    private async Task ForceAsync(int round, int member)
    {
        Forced++;
        Assert.Matches("Applied|Duplicate", await SayAsync($"invoice M{member} {seed}-{round} {5 * Amount}"));
    }

    /// <summary>After so many answers the held partitions go on, or the process is killed and another one begins.</summary>
    private async Task DisturbAsync(int resumeAt, int killAt, IReadOnlyList<Task> callers)
    {
        for (var n = 1; n <= callers.Count; n++)
        {
            Assert.True(await _answers.WaitAsync(Patience), $"{n - 1} of {callers.Count} calls were answered. {await _process.LastWordsAsync()}");
            if (n == resumeAt) await ResumeAsync();
            if (n == killAt) await KillAsync();
        }

        await Task.WhenAll(callers);
    }

    /// <summary>The whole pool, to the last cent, at any member; and not a cent more.</summary>
    internal async Task SpendAgainAsync(int round)
    {
        foreach (var member in new[] { 0, 99, 199 })
        {
            Assert.Equal(nameof(OrderState.Accepted), await OrderAsync($"whole{round}", Limit));
            Assert.Equal(nameof(OrderState.OnHold), await OrderAsync($"cent{round}", 1));
            await SayAsync($"cancel M{member} cent{round}");
            await SayAsync($"cancel M{member} whole{round}");

            async Task<string> OrderAsync(string order, long amount)
            {
                await SayAsync($"order M{member} {order} {amount}");
                await QuietAsync();
                return await SayAsync($"state M{member} {order}");
            }
        }

        await QuietAsync();
    }

    internal Task EndAsync() => _process.StopAsync();

    public void Dispose()
    {
        _process?.Dispose();
        _answers.Dispose();
    }
}
