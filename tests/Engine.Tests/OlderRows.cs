using ExposureMonitor.Domain;
using ExposureMonitor.Storage;
using Microsoft.Data.Sqlite;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>Rows of accounts to which nothing happens: they stay as they were written, older than a base, and are proved all the same.</summary>
public sealed class OlderRows : IAsyncLifetime
{
    private Bench _bench = null!;

    public async Task InitializeAsync() => _bench = await Bench.StartAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task Days_and_rates_write_no_row_of_a_customer_to_whom_nothing_happens()
    {
        var (active, idle) = (_bench.CustomerIn(0), _bench.CustomerIn(0, 1));
        await _bench.Engine.SubmitBatchAsync([Bench.Limit(active, 450), Bench.Limit(idle, 450)]);
        await _bench.ReopenAsync();
        var written = (await RowAsync(idle)).AsOfSeq;
        for (var day = 0; day < 3; day++)
        {
            await _bench.Engine.SubmitAsync(_bench.Order(active, $"O{day}", 100));
            await _bench.Engine.SubmitAsync(new FxRatePublished
            {
                EventId = $"fx{day}", Source = "bank", From = Currency.Parse("USD"), To = Bench.Eur, Rate = new FxRate(900_000_000_000 + day), AsOf = Instant.From(_bench.Clock.GetUtcNow()),
            });
            await DaysAsync(1);
            await _bench.ReopenAsync();
        }

        Assert.Equal(written, (await RowAsync(idle)).AsOfSeq);
        Assert.True((await RowAsync(active)).AsOfSeq > written);
        await _bench.CloseAsync();
        Assert.Null(await _bench.VerifyAsync());
    }

    /// <summary>An earlier release may have written it, in its own format.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task A_row_that_is_older_than_the_base_is_proved_in_the_format_in_which_it_was_written(int format)
    {
        var (active, idle) = (_bench.CustomerIn(0), _bench.CustomerIn(0, 1));
        await _bench.Engine.SubmitBatchAsync([Bench.Limit(active, 450), Bench.Limit(idle, 450)]);
        await _bench.ReopenAsync();
        for (var round = 0; round < 4; round++)
        {
            await _bench.Engine.SubmitAsync(_bench.Order(active, $"O{round}", 100));
            await DaysAsync(17);
        }

        await PruneAsync(new DateOnly(2026, 4, 1));
        var row = await RowAsync(idle);
        var (earlier, book) = (new ByteBuffer(), new Book(0, Bench.Eur, eventClock: false));
        await using (var reader = await JournalFactory.OpenReaderAsync(_bench.Address))
        {
            Assert.True(row.AsOfSeq < (await reader.BaseAsync(0, default))!.Seq, "the row is no older than the base");
            AccountChanges.Read((await reader.StateAsync(0, default))!.Bytes, out var known);
            book.ReadState(known);
        }

        book.WriteAccount(book.ReadAccount(row.State), earlier, format);
        var state = earlier.Written.ToArray();
        Assert.Equal(format, Book.FormatOf(state));
        Put(row, state);
        Assert.Null(await _bench.VerifyAsync());

        // What its checksum does not show, the base does: another limit.
        var at = Enumerable.Range(0, state.Length - 2).First(i => state.AsSpan(i).StartsWith(Signed(450)));
        state = [.. state[..at], .. Signed(451), .. state[(at + Signed(450).Length)..]];
        Put(row, state);
        Assert.Contains($"the row of customer '{idle}' differs from base 1", await _bench.VerifyAsync(), StringComparison.Ordinal);
    }

    private async Task DaysAsync(int days)
    {
        _bench.Clock.Advance(TimeSpan.FromDays(days));
        for (var partition = Book.House; partition < 2; partition++)
            while (await _bench.Engine.ReadAsync(partition, book => book.Today < _bench.Today || book.SweepPending)) await Task.Yield();
    }

    private async Task PruneAsync(DateOnly before)
    {
        await _bench.CloseAsync();
        await using var journal = await JournalFactory.OpenWriterAsync(_bench.Address, offline: true);
        var pruner = new Pruner(journal.Reader, journal, journal.Database, _bench.Clock);
        var plan = await PruningPlan.MakeAsync(journal.Reader, await journal.RangesAsync(default), before, default);
        var (seal, _) = await pruner.WriteAsync(plan, null, _ => { }, default);
        await pruner.SealAsync(seal, default);
        await pruner.DropAsync(plan, _ => { }, default);
    }

    private async Task<AccountRow> RowAsync(string customer)
    {
        await using var reader = await JournalFactory.OpenReaderAsync(_bench.Address);
        await foreach (var stored in reader.AccountStatesAsync(0, default))
            if (stored.Customer == customer) return stored;
        throw new InvalidOperationException($"'{customer}' has no row.");
    }

    /// <summary>Puts another state into a row, with a checksum that holds.</summary>
    private void Put(AccountRow of, byte[] state)
    {
        using var connection = new SqliteConnection($"Data Source={_bench.Address["sqlite:".Length..]};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE account SET state = @state, checksum = @checksum WHERE partition = 0 AND slot = @slot";
        command.Parameters.AddWithValue("@state", state);
        command.Parameters.AddWithValue("@checksum", unchecked((long)Hashing.XxHash64(state)));
        command.Parameters.AddWithValue("@slot", of.Slot);
        Assert.Equal(1, command.ExecuteNonQuery());
    }

    private static byte[] Signed(long value)
    {
        var buffer = new ByteBuffer();
        buffer.Signed(value);
        return buffer.Written.ToArray();
    }
}
