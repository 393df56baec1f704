using ExposureMonitor.Domain;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>I1 against journals that violate it: an entry of the house that a partition missed or changed, a position that a frame does not name.</summary>
public sealed class Completeness
{
    [Theory]
    [InlineData("same", null)]
    [InlineData("missed", "Entry 0-2-0: takes 3-0 of the house where 2-0 was due.")]
    [InlineData("changed", "Entry 0-2-0: says other than 2-0 of the house.")]
    [InlineData("never told", "Entry 0-3-0: the house has no entry 3-0 that it told to all.")]
    public async Task Partition_journals_what_the_house_told_and_nothing_else(string how, string? violation)
    {
        // Two databases whose first histories are alike but for what the house told.
        await using var one = await Bench.StartAsync(partitions: 1);
        await using var other = await Bench.StartAsync(partitions: 1);
        await one.Engine.SubmitAsync(how == "missed" ? Key() : Rate("0.9"));
        await other.Engine.SubmitAsync(Rate(how == "changed" ? "0.8" : "0.9"));
        if (how is "missed" or "never told") await one.Engine.SubmitAsync(Rate("0.91"));
        if (how == "missed") await other.Engine.SubmitAsync(Rate("0.91"));
        await one.Engine.StopAsync();
        await other.Engine.StopAsync();
        await using var reader = await JournalFactory.OpenReaderAsync(one.Address);
        await using var house = await JournalFactory.OpenReaderAsync(other.Address);
        var report = await JournalVerifier.RunAsync(new Mixed(reader) { House = house }, reader.Database, CancellationToken.None);
        Assert.Equal(violation, report.Violation);
    }

    private static FxRatePublished Rate(string rate)
    {
        FxRate.TryParse(rate, out var value);
        return new FxRatePublished { From = Currency.Parse("USD"), To = Bench.Eur, Rate = value, AsOf = Instant.From(new DateOnly(2026, 3, 2)).Plus(rate.Length), EventId = "r" + rate.Length, Source = "t" };
    }

    /// <summary>An entry of the house that is told to nobody.</summary>
    private static Fact Key() => new MakeProposal { ProposalId = "p", Actor = "ann", Event = "r" };

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, "Partition 0, frame 2: its entries came to 7 of 'file:f', which it does not say.")]
    public async Task Frame_names_every_position_that_its_entries_moved(bool violated, string? violation)
    {
        await using var bench = await Bench.StartAsync(partitions: 1);
        var order = bench.Order("C", "O1");
        order.Position = new SourcePosition("file:f", 7);
        await bench.Engine.SubmitAsync(order);
        await bench.Engine.StopAsync();
        await using var reader = await JournalFactory.OpenReaderAsync(bench.Address);
        var report = await JournalVerifier.RunAsync(new Mixed(reader) { Forgets = violated ? "file:f" : "" }, reader.Database, CancellationToken.None);
        Assert.Equal(violation, report.Violation);
    }

    /// <summary>A database whose house is that of another one, or whose frames forget a position.</summary>
    private sealed class Mixed(IJournalReader inner) : DelegatingReader(inner)
    {
        internal IJournalReader? House { private get; init; }

        internal string Forgets { private get; init; } = "";

        private IJournalReader Of(int partition) => partition == Book.House && House is not null ? House : Inner;

        public override async ValueTask<IReadOnlyList<PartitionHead>> HeadsAsync(CancellationToken cancel)
        {
            var heads = (await base.HeadsAsync(cancel)).ToList();
            if (House is not null) heads[0] = (await House.HeadsAsync(cancel))[0];
            if (Forgets.Length == 0) return heads;
            await foreach (var last in FramesAsync(0, heads[1].Seq - 1, heads[1].Seq, cancel)) heads[1] = heads[1] with { HeadHash = FrameCodec.Hash(0, last.Seq, last.Epoch, last.Payload) };
            return heads;
        }

        public override async IAsyncEnumerable<StoredFrame> FramesAsync(int partition, long after, long upTo, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            var previous = Array.Empty<byte>();
            await foreach (var stored in Of(partition).FramesAsync(partition, 0, upTo, cancel))
            {
                var told = partition == Book.House || Forgets.Length == 0 ? stored : Without(stored, previous);
                previous = FrameCodec.Hash(partition, told.Seq, told.Epoch, told.Payload);
                if (told.Seq > after) yield return told;
            }
        }

        /// <summary>The same frame without a position, chained to the one before.</summary>
        private StoredFrame Without(StoredFrame stored, byte[] previous)
        {
            var frame = FrameCodec.Read(stored.Payload);
            var (asWas, now) = (new ByteBuffer(), new ByteBuffer());
            var moved = frame.Moved.Select(m => KeyValuePair.Create(m.Stream, m.Offset)).ToList();
            FrameCodec.WriteHeader(asWas, frame.PreviousHash, moved, [], frame.EffectsDigest, frame.Entries.Count, PartitionMachine.Version);
            FrameCodec.WriteHeader(now, previous.Length == 0 ? frame.PreviousHash : previous, [.. moved.Where(m => m.Key != Forgets)], [], frame.EffectsDigest, frame.Entries.Count, PartitionMachine.Version);
            now.Raw(stored.Payload.AsSpan()[asWas.Length..]);
            byte[] payload = now.Written.ToArray();
            return stored with { Payload = payload, Crc = FrameCodec.Crc(payload) };
        }

        public override ValueTask<PartitionStateRow?> StateAsync(int partition, CancellationToken cancel) => Of(partition).StateAsync(partition, cancel);

        public override IAsyncEnumerable<AccountRow> AccountsAsync(int partition, CancellationToken cancel) => Of(partition).AccountsAsync(partition, cancel);

        public override IAsyncEnumerable<JournalRow> RowsInOrderAsync(RowTable table, int partition, long after, CancellationToken cancel) => Of(partition).RowsInOrderAsync(table, partition, after, cancel);

        public override IAsyncEnumerable<ClosedDocument> ClosedAsync(int partition, CancellationToken cancel) => Of(partition).ClosedAsync(partition, cancel);

        public override ValueTask<IReadOnlyList<MessageRow>> MessagesAsync(int sender, int receiver, long after, int limit, CancellationToken cancel) => Of(sender).MessagesAsync(sender, receiver, after, limit, cancel);
    }
}
