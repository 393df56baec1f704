using System.Security.Cryptography;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>Heads kept outside of the database: a cut tail, a restored backup and an edited anchor are seen.</summary>
public sealed class Anchors : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("exposure-anchors-").FullName;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly List<string> _told = [];
    private Bench _bench = null!;
    private int _orders;

    private string A => Path.Combine(_folder, "a");

    private string B => Path.Combine(_folder, "b");

    public async Task InitializeAsync() => _bench = await Bench.StartAsync();

    [Fact]
    public async Task A_journal_that_went_on_behind_its_anchors_is_served_and_proved()
    {
        await KeepAsync(3);
        await OrderAsync();
        await using (await StartAsync()) await OrderAsync();
        var history = AnchorHistory.Read([A, B], "test", _key);
        Assert.Equal(Enumerable.Range(1, (int)history.Count), Lines(A).Select(l => (int)Anchor.Parse(l, _key).Number));
        Assert.Equal(Lines(A), Lines(B));
        Assert.Null(await ProveAsync(history));
    }

    [Fact]
    public async Task A_minute_without_a_commit_writes_none()
    {
        await using (await StartAsync())
        {
            _bench.Clock.Advance(TimeSpan.FromMinutes(1));
            await OrderAsync();
            _bench.Clock.Advance(TimeSpan.FromMinutes(1));
            await Bench.UntilAsync(() => Lines(A).Count == 2, "the order is anchored");
        }

        Assert.Equal(2, Lines(A).Count);
        Assert.Single(Anchor.Parse(Lines(A)[1], _key).Heads);
    }

    [Fact]
    public async Task A_restored_backup_is_refused_and_named_until_somebody_accepts_it()
    {
        await KeepAsync(1);
        var backup = await BackupAsync();
        await KeepAsync(2);
        await RestoreAsync(backup);
        var cut = await Assert.ThrowsAsync<HistoryCutException>(() => StartAsync());
        Assert.Contains("the database ends at", cut.Message, StringComparison.Ordinal);
        Assert.Contains("its tail was cut", await ProveAsync(AnchorHistory.Read([A, B], "test", _key)), StringComparison.Ordinal);

        await using (await StartAsync(acceptRestored: true)) await OrderAsync();
        var history = AnchorHistory.Read([A, B], "test", _key);
        Assert.Equal(1, history.Restored);
        Assert.Null(await ProveAsync(history));
    }

    [Fact]
    public async Task A_restored_backup_that_grew_past_its_anchors_is_seen_by_the_hash()
    {
        await KeepAsync(1);
        var backup = await BackupAsync();
        await KeepAsync(2);
        await RestoreAsync(backup);
        for (var i = 0; i < 4; i++) await OrderAsync();
        var cut = await Assert.ThrowsAsync<HistoryCutException>(() => StartAsync());
        Assert.Contains("another frame", cut.Message, StringComparison.Ordinal);
        Assert.Contains("history was rewritten", await ProveAsync(AnchorHistory.Read([A], "test", _key)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_is_away_gets_its_anchors_later_and_nothing_waits_for_it()
    {
        Directory.CreateDirectory(A);
        await File.WriteAllTextAsync(B, "a file where the directory should be");
        await using (var keeper = await StartAsync())
        {
            await OrderAsync();
            await keeper.WriteAsync(AnchorReason.Interval, CancellationToken.None);
            Assert.Contains("2 anchors wait", keeper.Problem, StringComparison.Ordinal);
            Assert.Single(_told);
            File.Delete(B);
            await keeper.WriteAsync(AnchorReason.Interval, CancellationToken.None);
            Assert.Null(keeper.Problem);
        }

        Assert.Equal(Lines(A), Lines(B));
    }

    [Fact]
    public async Task A_place_that_missed_anchors_in_a_crash_gets_them_at_the_next_start()
    {
        await KeepAsync(2);
        var all = Lines(B);
        await File.WriteAllTextAsync(FileIn(B), string.Join('\n', all.Take(all.Count - 1)) + "\n" + all[^1][..20]);
        await KeepAsync(1);
        Assert.Equal(Lines(A).Count, Lines(B).Count(l => !l.EndsWith("(cut short)", StringComparison.Ordinal)));
        Assert.Empty(AnchorHistory.Read([A, B], "test", _key).Notes);
    }

    [Theory]
    [InlineData("edited", "is not that of the key")]
    [InlineData("removed", "those between are nowhere")]
    [InlineData("another", "is another one than in")]
    [InlineData("foreign", "the database is other")]
    public async Task Anchors_that_somebody_touched_are_named_by_file_and_line(string how, string why)
    {
        await KeepAsync(3);
        var lines = Lines(A);
        if (how == "edited") lines[1] = lines[1].Replace("\"number\":2", "\"number\":3", StringComparison.Ordinal);
        if (how == "another") lines[1] = (Anchor.Parse(lines[1], null) with { Heads = [] }).ToLine(_key);
        if (how == "removed") lines.RemoveAt(1);
        await File.WriteAllLinesAsync(FileIn(A), lines);
        if (how == "removed") await File.WriteAllLinesAsync(FileIn(B), lines);
        var wrong = Assert.Throws<InvalidDataException>(() => AnchorHistory.Read([A, B], how == "foreign" ? "other" : "test", _key));
        Assert.Contains(why, wrong.Message, StringComparison.Ordinal);
        Assert.Contains(", line ", wrong.Message, StringComparison.Ordinal);
    }

    public async Task DisposeAsync()
    {
        await _bench.DisposeAsync();
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task OrderAsync()
    {
        var id = $"O{_orders++}";
        await _bench.Engine.SubmitAsync(_bench.Order(_bench.CustomerIn(0), id));
    }

    /// <summary>A service that keeps anchors and takes some orders, each anchored.</summary>
    private async Task KeepAsync(int orders)
    {
        await using var keeper = await StartAsync();
        for (var i = 0; i < orders; i++)
        {
            await OrderAsync();
            await keeper.WriteAsync(AnchorReason.Interval, CancellationToken.None);
        }
    }

    private Task<AnchorKeeper> StartAsync(bool acceptRestored = false) => AnchorKeeper.StartAsync(_bench.Journal.Inner.Reader, _bench.Journal.Database, [A, B], _key,
        acceptRestored, _bench.Clock, _told.Add, CancellationToken.None);

    private async Task<string?> ProveAsync(AnchorHistory history)
    {
        await using var reader = await JournalFactory.OpenReaderAsync(_bench.Address);
        return (await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None, history)).Violation;
    }

    private async Task<string> BackupAsync()
    {
        await _bench.Engine.DisposeAsync();
        var backup = Directory.CreateDirectory(Path.Combine(_folder, "backup")).FullName;
        foreach (var file in Files()) File.Copy(file, Path.Combine(backup, Path.GetFileName(file)));
        await _bench.OpenAsync();
        return backup;
    }

    private async Task RestoreAsync(string backup)
    {
        await _bench.Engine.DisposeAsync();
        var folder = Path.GetDirectoryName(Files()[0])!;
        foreach (var file in Files()) File.Delete(file);
        foreach (var file in Directory.GetFiles(backup)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        await _bench.OpenAsync();
    }

    /// <summary>The database with what stands beside it (log, shared memory).</summary>
    private string[] Files() => Directory.GetFiles(Path.GetDirectoryName(_bench.Address["sqlite:".Length..])!, "book.db*");

    private static string FileIn(string place) => Assert.Single(Directory.GetFiles(place));

    private static List<string> Lines(string place) => [.. File.ReadAllLines(FileIn(place))];
}
