using System.CommandLine;
using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure prune</c>: lets old months of the journal go, behind a base that is proved first.</summary>
internal static class PruneCommand
{
    internal static Command Build()
    {
        var (database, json, offline) = (Common.Database(), Common.Json(), Common.Offline());
        var before = new Option<string>("--before") { Description = "Months before the one in which this date lies go; the newest month always stays.", Required = true };
        var dry = new Option<bool>("--dry-run") { Description = "Only says what would go and what stays; runs beside a service." };
        var reason = new Option<string>("--reason") { Description = "Why, for the audit trail.", DefaultValueFactory = _ => "" };
        var (places, key) = (AnchorsCommand.Places(), AnchorsCommand.PrivateKey());
        var command = new Command("prune", "Lets old months of the journal go. First it writes a base of all accounts, proves it, and seals it; verify, show --at and recovery then begin there. Decisions, holds, signals, limits, commands and dead letters all stay.")
        {
            database, before, dry, reason, offline, places, key, json,
        }.Examples(
            "exposure prune --db data/exposure.db --before 2026-01-01 --dry-run",
            "exposure prune --db postgres://exposure_owner@db/exposure --before 2026-01-01 --offline --anchors /mnt/a --anchors /mnt/b --anchor-key anchor.pem --reason \"ten years are over\"");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            if (!DateOnly.TryParseExact(parsed.GetValue(before), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
                throw new ArgumentException($"--before: '{parsed.GetValue(before)}' is no date such as 2026-01-01.");
            var (address, quiet) = (Common.Address(parsed.GetValue(database)!), parsed.GetValue(json));
            var anchors = parsed.GetValue(places) is { Length: > 0 } told ? told : null;
            if (anchors is null != parsed.GetValue(key) is null) throw new ArgumentException("--anchors and --anchor-key go together: where the base is anchored, and the private key that signs it.");
            PruningPlan plan;
            await using (var reader = await Common.ReaderAsync(address, cancel))
            {
                plan = await PruningPlan.MakeAsync(reader, await reader.RangesAsync(cancel), date, cancel);
                if (parsed.GetValue(dry) || plan.Goes.Count == 0)
                {
                    Tell(quiet, plan, null, null, plan.Goes.Count == 0 ? null : await Pruner.NotTakenAsync(reader, reader.Database, plan.Cuts[Book.House], cancel));
                    return 0;
                }
            }

            await using var journal = await JournalFactory.OpenWriterAsync(address, parsed.GetValue(offline), cancel);
            // Refuses a role that may not prune before anything is written.
            await journal.BeginBaseAsync(cancel);
            if (plan.NeedsBase)
            {
                await NoteAsync(journal, plan.Before, parsed.GetValue(reason)!, cancel);
                plan = await PruningPlan.MakeAsync(journal.Reader, await journal.RangesAsync(cancel), date, cancel);
            }

            Tell(quiet, plan, await PruneAsync(journal, plan, anchors, parsed.GetValue(key), quiet, cancel), PathOf(address), null);
            return 0;
        }, "The same command goes on where this one stopped."));
        return command;
    }

    /// <summary>What was done.</summary>
    /// <param name="Seal">The base that stands.</param>
    /// <param name="Entries">Entries whose frames went; −1 when an earlier run had proved them.</param>
    /// <param name="Anchor">Number of the anchor; <c>null</c> without.</param>
    private sealed record Done(BaseSeal Seal, long Entries, long? Anchor);

    private static async Task<Done> PruneAsync(IStoredJournal journal, PruningPlan plan, string[]? places, string? keyFile, bool quiet, CancellationToken cancel)
    {
        using var key = keyFile is null ? null : AnchorsCommand.ReadKey(keyFile);
        var pruner = new Pruner(journal.Reader, journal, journal.Database, TimeProvider.System);
        var (seal, entries, frames) = (plan.Sealed, -1L, plan.Goes.Sum(r => r.Frames));
        if (plan.NeedsBase)
        {
            var anchored = places is null ? null : AnchorHistory.Read([.. places.Where(Directory.Exists)], journal.Database.EnvironmentId, key);
            await Progress.RunAsync(quiet, "prove", frames + plan.Stays.Sum(r => r.Frames), async tell => (seal, entries) = await pruner.WriteAsync(plan, anchored, tell, cancel));
            await pruner.SealAsync(seal!, cancel);
        }

        long? anchor = null;
        try
        {
            if (key is not null) anchor = await AnchorKeeper.AnchorBaseAsync(journal.Reader, journal.Database, places!, key, TimeProvider.System, cancel);
        }
        catch (HistoryCutException cut)
        {
            throw new InvalidOperationException($"{cut.Message} Nothing was dropped.", cut);
        }

        await Progress.RunAsync(quiet, "drop", frames, tell => pruner.DropAsync(plan, tell, cancel));
        return new Done(seal!, entries, anchor);
    }

    /// <summary>The audit trail has it before anything goes. The start also brings every partition up to what the house has told.</summary>
    private static async Task NoteAsync(IJournal journal, int before, string reason, CancellationToken cancel)
    {
        await using var engine = new ExposureEngine(new LentJournal(journal));
        await engine.StartAsync(cancel);
        var answer = await engine.SubmitAsync(new PruneJournal { Before = before, Reason = reason, Actor = "console:" + Environment.UserName }, cancel);
        if (answer.Outcome.Kind != OutcomeKind.Applied) throw new InvalidOperationException($"The audit trail does not take it: {answer.Outcome.Detail}");
    }

    private static string? PathOf(string address) => Common.PathOf(address);

    private static void Tell(bool json, PruningPlan plan, Done? done, string? file, string? needed)
    {
        var (goes, stays) = (plan.Goes.GroupBy(r => r.Period).ToList(), plan.Stays.GroupBy(r => r.Period).ToList());
        Common.Print(json, new
        {
            before = PruningPlan.Month(plan.Before), dryRun = done is null, goes = goes.Select(Of), stays = stays.Select(Of),
            entries = done is { Entries: >= 0 } ? done.Entries : (long?)null, needed,
            @base = (done?.Seal ?? plan.Sealed) is { } seal ? new { seal.Number, before = PruningPlan.Month(seal.Before), digest = Convert.ToHexStringLower(seal.Digest), anchor = done?.Anchor } : null,
            cuts = plan.Cuts.Select(c => new { partition = c.Key, seq = c.Value }),
        }, () =>
        {
            var verb = done is null ? "would go" : "dropped";
            foreach (var month in goes) Console.WriteLine(Line(month, verb));
            if (goes.Count == 0) Console.WriteLine($"nothing to prune before {PruningPlan.Month(plan.Before)}");
            else Console.WriteLine($"{verb}: {goes.Count} months, {plan.Goes.Sum(r => r.Frames)} frames{(done is { Entries: >= 0 } ? $" with {done.Entries} entries" : "")}, {plan.Goes.Sum(r => r.Bytes)} bytes");
            foreach (var month in stays) Console.WriteLine(Line(month, month.Key >= plan.Before ? "stays" : "stays: a partition needs it"));
            Console.WriteLine("stays: every row of decisions, holds, signals, limits, commands and dead letters, for auditors and for whoever reads what goes out; messages between partitions;");
            Console.WriteLine("       identities of closed documents (400 days) and keys (30 days), which have rows of their own; the newest month of the journal");
            if (needed is not null) Console.WriteLine("not yet: " + needed);
            if (done is null) return;
            Console.WriteLine($"base {done.Seal.Number}: digest {Convert.ToHexStringLower(done.Seal.Digest)}, {(done.Anchor is { } number ? $"anchor {number}" : "not anchored (--anchors): the next service with anchors does it")}");
            Console.WriteLine("not known any more: figures as of a moment before the base, and single entries up to it");
            if (file is not null) Console.WriteLine($"{file} keeps its size and uses the room again; with the service stopped, sqlite3 {Path.GetFileName(file)} VACUUM gives it back");
        });
    }

    private static object Of(IGrouping<int, JournalRange> month) => new { month = PruningPlan.Month(month.Key), partitions = month.Count(), frames = month.Sum(r => r.Frames), bytes = month.Sum(r => r.Bytes) };

    private static string Line(IGrouping<int, JournalRange> month, string verb) => string.Create(CultureInfo.InvariantCulture,
        $"{PruningPlan.Month(month.Key)}  {month.Sum(r => r.Frames),10} frames of {month.Count(),4} partitions  {month.Sum(r => r.Bytes),14} bytes  {verb}");
}

/// <summary>A journal that outlives the engine which uses it for a while: its lock is held on.</summary>
internal sealed class LentJournal(IJournal inner) : IJournal
{
    public DatabaseInfo Database => inner.Database;

    public IJournalReader Reader => inner.Reader;

    public IJournalReader Reports => inner.Reports;

    public ValueTask<PartitionHead?> OpenAsync(int partition, long? expectedEpoch, CancellationToken cancel) => inner.OpenAsync(partition, expectedEpoch, cancel);

    public ValueTask<CommitResult> CommitAsync(IReadOnlyList<FrameCommit> frames, CancellationToken cancel) => inner.CommitAsync(frames, cancel);

    public ValueTask<bool> SaveSnapshotAsync(int partition, long epoch, IReadOnlyList<AccountRow> accounts, PartitionStateRow? state, CancellationToken cancel) =>
        inner.SaveSnapshotAsync(partition, epoch, accounts, state, cancel);

    public ValueTask<bool> OwnsAsync(CancellationToken cancel) => inner.OwnsAsync(cancel);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
