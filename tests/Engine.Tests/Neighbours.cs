using ExposureMonitor.Domain;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Engine.Tests;

/// <summary>Some engines on one PostgreSQL database, in one process: they reach each other by a call, and find the owner by asking whom the test named last.</summary>
internal sealed class Neighbours : IAsyncDisposable
{
    private readonly List<Neighbour> _all = [];

    internal required string Connection { get; init; }

    internal IReadOnlyList<Neighbour> All => _all;

    internal static async Task<Neighbours> StartAsync(string connection, int engines, int partitions = 4)
    {
        await JournalFactory.CreateAsync(connection, new DatabaseInfo("test", "EUR", partitions, "wall", "UTC", false));
        var neighbours = new Neighbours { Connection = connection };
        for (var i = 0; i < engines; i++) await neighbours.AddAsync();
        return neighbours;
    }

    internal async Task<Neighbour> AddAsync()
    {
        var neighbour = new Neighbour(this);
        neighbour.Engine = new ExposureEngine(await JournalFactory.OpenServiceAsync(Connection, shared: true), others: neighbour);
        await neighbour.Engine.StartAsync();
        _all.Add(neighbour);
        return neighbour;
    }

    /// <summary>The partition is let go where it is, and taken over by one.</summary>
    internal async Task MoveAsync(int partition, Neighbour to)
    {
        if (OwnerOf(partition) is { } from && from != to) await from.Engine.ReleaseAsync(partition);
        await to.Engine.AcquireAsync(partition);
    }

    internal async Task GiveAsync(Neighbour to, params int[] partitions)
    {
        foreach (var partition in partitions) await MoveAsync(partition, to);
    }

    internal Neighbour? OwnerOf(int partition) => _all.Find(n => n.Engine.Owns(partition));

    internal async Task<string?> VerifyAsync()
    {
        await using var reader = await JournalFactory.OpenReaderAsync(Connection);
        return (await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None)).Violation;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var neighbour in _all) await neighbour.Engine.DisposeAsync();
        _all.Clear();
    }
}

/// <summary>One engine, and how it reaches the others.</summary>
internal sealed class Neighbour(Neighbours house) : IOtherOwners
{
    internal ExposureEngine Engine { get; set; } = null!;

    /// <summary>Partitions that another owner went on with.</summary>
    internal List<int> Gone { get; } = [];

    public Task<IReadOnlyList<Answer>> SubmitAsync(int partition, IReadOnlyList<Fact> facts, CancellationToken cancel)
    {
        // As between processes: nothing but bytes gets there.
        var owner = Owner(partition);
        return owner.SubmitHereAsync(partition, [.. facts.Select(f => BookQuestions.FactOf(BookQuestions.BytesOf(f)))], cancel);
    }

    public Task<byte[]> AskAsync(int partition, string question, byte[] arguments, CancellationToken cancel) => Owner(partition).AnswerAsync(partition, question, arguments, cancel);

    public async Task<byte[]> RowsAsync(int partition, long behind, CancellationToken cancel)
    {
        await Task.Yield();
        return Owner(partition).RowsBehind(partition, behind);
    }

    public void Lost(int partition)
    {
        lock (Gone) Gone.Add(partition);
    }

    public void Journaled(IReadOnlyDictionary<int, (long Seq, int Index)> places) => house.OwnerOf(Book.House)?.Engine.NoteJournaled(places);

    public void HouseTold()
    {
        foreach (var other in house.All)
            if (other != this) other.Engine.LookSoon();
    }

    private ExposureEngine Owner(int partition) => house.OwnerOf(partition)?.Engine ?? throw new PartitionElsewhereException($"Nobody owns partition {partition}.");
}
