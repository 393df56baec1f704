using System.Data.Common;
using System.Net;
using System.Net.Sockets;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Silo;

/// <summary>
/// How a silo joins: when it is its turn, and not among the dead. Every change of the membership is refused when somebody else was faster, and whoever was refused waits two seconds
/// and more before the next attempt; silos that start together would refuse each other again and again. And whoever joins asks all that count as alive: those that died with
/// everybody else were never declared dead, and each of them would cost a wait of five seconds.
/// </summary>
internal sealed class Joining(SiloOptions options, IMembershipTable members, ILocalSiloDetails local, TimeSpan silence, Action<string> say)
{
    private static readonly TimeSpan TurnMost = TimeSpan.FromSeconds(10), AnswerMost = TimeSpan.FromMilliseconds(500), Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Joins in turn; without its turn when that does not come.</summary>
    /// <param name="join">Joins the cluster.</param>
    internal async Task InTurnAsync(Func<Task> join, CancellationToken cancel)
    {
        await using var turn = await DatabaseTurn.TakeAsync(Databases.ForOrleans(options.Orleans), "join " + options.ClusterId, TurnMost, cancel);
        try
        {
            await BuryAsync(cancel);
        }
        catch (Exception away) when (away is DbException or OrleansException or TimeoutException or InvalidOperationException)
        {
            // Orleans asks the same table next, and says what is wrong.
        }

        await join();
    }

    /// <summary>
    /// Declares dead whoever has given no sign of life for <c>silence</c> while nothing listens at its address any more: its process is gone. One that is only slow, asleep or out
    /// of reach does not refuse a connection; of that the others decide.
    /// </summary>
    private async Task BuryAsync(CancellationToken cancel)
    {
        await members.InitializeMembershipTableAsync(true, cancel);
        var begun = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begun) < silence + TimeSpan.FromSeconds(1))
        {
            var table = await members.ReadAllAsync(cancel);
            var gone = await GoneAsync([.. table.Members.Where(m => m.Item1.Status == SiloStatus.Active && !m.Item1.SiloAddress.Endpoint.Equals(local.SiloAddress.Endpoint))], cancel);
            if (gone.Count == 0) return;
            var now = TimeProvider.System.GetUtcNow().UtcDateTime;
            if (gone.Find(m => now - LastSign(m.Item1) > silence) is { } silent)
            {
                var entry = silent.Item1;
                entry.AddSuspector(local.SiloAddress, now);
                entry.Status = SiloStatus.Dead;
                if (await members.UpdateRowAsync(entry, silent.Item2, table.Version.Next(), cancel))
                    say($"{entry.SiloName} at {entry.SiloAddress} is declared dead: nothing listens there, and its last sign of life is of {LastSign(entry):HH:mm:ss} UTC.");
                continue;
            }

            await Task.Delay(Pause, cancel);
        }
    }

    private static DateTime LastSign(MembershipEntry entry) => entry.IAmAliveTime > entry.StartTime ? entry.IAmAliveTime : entry.StartTime;

    private static async Task<List<Tuple<MembershipEntry, string>>> GoneAsync(IReadOnlyList<Tuple<MembershipEntry, string>> members, CancellationToken cancel)
    {
        var refused = await Task.WhenAll(members.Select(m => RefusesAsync(m.Item1.SiloAddress.Endpoint, cancel)));
        return [.. members.Where((_, i) => refused[i])];
    }

    /// <summary>True when the machine is there and says that nobody listens.</summary>
    private static async Task<bool> RefusesAsync(IPEndPoint address, CancellationToken cancel)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(AnswerMost);
        try
        {
            await socket.ConnectAsync(address, late.Token);
            return false;
        }
        catch (SocketException refused)
        {
            return refused.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}
