using System.Diagnostics;
using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>Callers race for the last headroom, and the process dies in the middle of its work.</summary>
public sealed class Races
{
    private static readonly Currency Eur = Currency.Parse("EUR");

    [Fact]
    public async Task Sixty_four_callers_never_share_the_last_headroom()
    {
        using var work = new Workplace();
        await JournalFactory.CreateAsync(work.Address, new DatabaseInfo("test", "EUR", 4, "wall", "UTC", false));
        await using (var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(work.Address, offline: true)))
        {
            await engine.StartAsync();
            for (var round = 0; round < 1_000; round++)
            {
                var customer = "C" + round;
                var amount = 100 + round % 7;
                // Room for exactly ten, and a little that serves nobody.
                var limit = amount * 10 + round % amount;
                await engine.SubmitBatchAsync(
                [
                    new CustomerOpened { Customer = customer, EventId = "k" + round, Source = "t", Currency = Eur },
                    new LimitSet { Customer = customer, EventId = "l" + round, Source = "t", Version = 1, Currency = Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = limit }] },
                ]);
                var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(n => Task.Run(() => engine.SubmitAsync(
                    new CheckCredit { Customer = customer, Amount = amount, Currency = Eur, Actor = "s", Key = $"{round}-{n}" }))));
                Assert.Equal(10, answers.Count(a => a.Effects.OfType<CheckDecided>().Single().ReservationId.Length > 0));
                Assert.True(engine.TryGetRow(customer, out var row));
                Assert.Equal(amount * 10, row.Figures.Reserved);
            }
        }

        await using var reader = await JournalFactory.OpenReaderAsync(work.Address);
        var info = reader.Database;
        var report = await JournalVerifier.RunAsync(reader, info, CancellationToken.None);
        Assert.Null(report.Violation);
        Assert.Equal(10_000, report.Approvals);
    }

    [Fact]
    public async Task Killed_at_any_moment_nothing_is_lost_or_counted_twice()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("EXPOSURE_KILLS") ?? "12", CultureInfo.InvariantCulture);
        using var work = new Workplace();
        var file = Path.Combine(work.Folder, "events.jsonl");
        await RunAsync(work.Folder, null, "generate", "--customers", "60", "--days", "40", "--seed", "7", "--output", file);
        string[] replay = ["replay", file, "--db", work.Database, "--clock", "events", "--json"];
        var dice = new Random(11);
        var died = 0;
        for (var kill = 0; kill < kills; kill++)
        {
            if (await RunAsync(work.Folder, TimeSpan.FromMilliseconds(150 + dice.Next(900)), replay) == 137) died++;
            // A database whose import was finished begins again, so that each kill meets work.
            else if (kill < kills - 1)
                foreach (var old in Directory.GetFiles(work.Folder, "book.db*")) File.Delete(old);
        }

        Assert.True(died > 0, "No run was killed while it worked: nothing was proved.");
        Assert.Equal(0, await RunAsync(work.Folder, null, replay));
        Assert.Equal(0, await RunAsync(work.Folder, null, "verify", "--db", work.Database));
        var clean = Path.Combine(work.Folder, "clean.db");
        Assert.Equal(0, await RunAsync(work.Folder, null, "replay", file, "--db", clean, "--clock", "events"));
        Assert.Equal(await BookAsync(clean), await BookAsync(work.Database));
    }

    private static async Task<List<string>> BookAsync(string database)
    {
        await using var reader = await JournalFactory.OpenReaderAsync("sqlite:" + database);
        var info = reader.Database;
        var lines = new List<string>();
        for (var partition = 0; partition < info.Partitions; partition++)
        {
            var book = await AsOf.BookAsync(reader, info, partition, new PastBound(new Instant(long.MaxValue), long.MaxValue), CancellationToken.None);
            for (var slot = 0; slot < book.AccountCount; slot++) lines.Add(book.CustomerAt(slot) + AccountReport.Of(book.Figures(slot), 1));
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    /// <summary>Runs the product's executable; with a time it is killed like by <c>kill -9</c> when it still runs then.</summary>
    private static async Task<int> RunAsync(string folder, TimeSpan? killAfter, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "exposure.dll"), .. arguments])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (killAfter is { } moment)
        {
            using var timer = new CancellationTokenSource(moment);
            try
            {
                await process.WaitForExitAsync(timer.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
            }
        }

        await process.WaitForExitAsync();
        await output;
        if (process.ExitCode is not (0 or 137)) Assert.Fail($"{string.Join(' ', arguments)} ended with {process.ExitCode}: {await errors}");
        return process.ExitCode;
    }
}
