using ExposureMonitor.Domain;
using System.Text.Json;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>The live stream: snapshot, diffs, resumption, beats, rights.</summary>
public sealed class LiveFeeds(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task Snapshot_then_whole_rows_of_what_changed()
    {
        var customer = await service.CustomerAsync();
        await using var live = await StreamAsync("Viewer", "subs=customer:" + customer);
        var snapshot = await live.NextAsync("snapshot");
        Assert.Equal("customer:" + customer, snapshot.Data.GetProperty("view").GetString());
        Assert.Equal("0", snapshot.Data.GetProperty("rows")[0].GetProperty("gross").GetString());
        await service.OrderAsync(customer, 700);
        var diff = await live.UntilAsync(f => f.Kind == "diff" && f.Data.GetProperty("rows")[0].GetProperty("gross").GetString() == "700");
        Assert.Equal(customer, diff.Data.GetProperty("rows")[0].GetProperty("customer").GetString());
        Assert.NotNull(diff.Id);
    }

    [Fact]
    public async Task Reader_that_comes_back_gets_what_it_missed_and_a_foreign_one_a_snapshot()
    {
        var customer = await service.CustomerAsync();
        string id;
        await using (var live = await StreamAsync("Viewer", "subs=customer:" + customer)) id = (await live.NextAsync("snapshot")).Id!;
        await service.OrderAsync(customer, 300);
        await using (var live = await StreamAsync("Viewer", "subs=customer:" + customer, id))
        {
            var diff = await live.UntilAsync(f => f.Kind != "beat");
            Assert.Equal("diff", diff.Kind);
            Assert.Equal("300", diff.Data.GetProperty("rows")[0].GetProperty("gross").GetString());
        }

        await using (var live = await StreamAsync("Viewer", $"subs=customer:{customer}&after=00000000.5")) await live.NextAsync("snapshot");
    }

    [Fact]
    public async Task Board_shows_its_top_in_order_under_its_filter()
    {
        var (small, large) = (await service.CustomerAsync(segment: "LIVE"), await service.CustomerAsync(segment: "LIVE"));
        await service.OrderAsync(small, 100);
        await service.OrderAsync(large, 500);
        await service.CustomerAsync(segment: "ELSEWHERE");
        await using var live = await StreamAsync("Viewer", "subs=board,holds&segment=LIVE&top=2");
        var board = await live.NextAsync("snapshot");
        Assert.Equal([large, small], board.Order);
        Assert.Equal("holds", (await live.NextAsync("snapshot")).Data.GetProperty("view").GetString());
        await service.OrderAsync(small, 800);
        var moved = await live.UntilAsync(f => f.Kind == "diff" && f.Data.GetProperty("view").GetString() == "board" && f.Order.FirstOrDefault() == small);
        Assert.Equal([small, large], moved.Order);
        var third = await service.CustomerAsync(segment: "LIVE");
        await service.OrderAsync(third, 600);
        var pushed = await live.UntilAsync(f => f.Kind == "diff" && f.Data.GetProperty("view").GetString() == "board" && f.Order.Contains(third));
        Assert.Equal([small, third], pushed.Order);
    }

    [Fact]
    public async Task Holds_appear_and_go()
    {
        var customer = await service.CustomerAsync(segment: "QUEUE");
        await using var live = await StreamAsync("Viewer", "subs=holds&segment=QUEUE");
        Assert.Empty((await live.NextAsync("snapshot")).Order);
        var order = await service.OrderAsync(customer, 5_000_00);
        var held = await live.UntilAsync(f => f.Kind == "diff" && f.Order.Length == 1);
        Assert.Equal(order, held.Data.GetProperty("rows")[0].GetProperty("orderId").GetString());
        await service.PostAsync("Analyst", $"/customers/{customer}/holds/{order}/reject-order", new { reason = "no" });
        Assert.Empty((await live.UntilAsync(f => f.Kind == "diff" && f.Data.TryGetProperty("order", out _))).Order);
    }

    /// <summary>What a customer owes has no say in whether his order is in sight: the queue is in its own order over all of the book, and its last page ends where it ends.</summary>
    [Fact]
    public async Task Every_held_order_stands_on_a_page_of_the_queue()
    {
        // Three more than a page; who owes least has the largest order, and stands in front.
        var orders = await Task.WhenAll(Enumerable.Range(0, 203).Select(async i =>
        {
            var customer = await service.CustomerAsync(segment: "PAGED");
            if (i > 0) await service.TellAsync("invoice.posted", customer, new { invoiceId = "I" + customer, amount = i * 100, currency = "EUR", issuedOn = Service.Today, dueOn = Service.Today });
            return await service.OrderAsync(customer, 9_000_00 - i * 1_00);
        }));
        await using var all = await StreamAsync("Viewer", "subs=holds&segment=PAGED&top=200");
        Assert.Equal(orders[..200], OrdersOf(await all.NextAsync("snapshot")));
        await using var last = await StreamAsync("Viewer", "subs=holds&segment=PAGED&top=200&page=9");
        var frame = await last.NextAsync("snapshot");
        Assert.Equal(orders[200..], OrdersOf(frame));
        var whole = frame.Data.GetProperty("whole");
        Assert.Equal((203, 203, 203, 2), (whole.GetProperty("total").GetInt32(), whole.GetProperty("decide").GetInt32(), whole.GetProperty("matching").GetInt32(), whole.GetProperty("page").GetInt32()));
        Assert.Equal("030", Assert.Single(whole.GetProperty("rules").EnumerateArray()).GetString());
        await using var one = await StreamAsync("Viewer", "subs=holds&segment=PAGED&hold=" + orders[3]);
        Assert.Equal([orders[3]], OrdersOf(await one.NextAsync("snapshot")));

        static IEnumerable<string> OrdersOf(Frame frame) => frame.Data.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("orderId").GetString()!);
    }

    [Fact]
    public async Task A_beat_tells_that_the_stream_lives()
    {
        var customer = await service.CustomerAsync();
        await using var live = await StreamAsync("Viewer", "subs=customer:" + customer);
        var beat = await live.UntilAsync(f => f.Kind == "beat");
        Assert.True(beat.Data.GetProperty("lagMs").GetInt64() >= 0);
        Assert.Null(beat.Id);
    }

    [Fact]
    public async Task Revoked_key_ends_its_stream()
    {
        var customer = await service.CustomerAsync();
        service.Key("leaver", Roles.Viewer, 0);
        await using var live = await StreamAsync("leaver", "subs=customer:" + customer);
        await live.NextAsync("snapshot");
        Assert.Equal(OutcomeKind.Applied, (await service.Ring.EndAsync(service.KeyOf("leaver")[..KeyRing.PrefixLength], "test", "")).Kind);
        Assert.Equal("permission", (await live.UntilAsync(f => f.Kind == "notice")).Data.GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("", "BAD_SUBS")]
    [InlineData("subs=nonsense", "BAD_SUBS")]
    [InlineData("subs=customer:", "BAD_SUBS")]
    [InlineData("subs=board&sort=luck", "BAD_SORT")]
    [InlineData("subs=board&top=0", "BAD_LIMIT")]
    public async Task Wrong_subscription_is_told(string query, string code) => Assert.Equal(code, (await service.GetAsync("Viewer", "/live?" + query)).Problem);

    private async Task<Stream_> StreamAsync(string subject, string query, string? last = null)
    {
        var http = new HttpClient { BaseAddress = service.Address, Timeout = TimeSpan.FromSeconds(30) };
        http.DefaultRequestHeaders.Add("X-Api-Key", service.KeyOf(subject));
        if (last is not null) http.DefaultRequestHeaders.Add("Last-Event-ID", last);
        return new Stream_(http, new StreamReader(await http.GetStreamAsync(new Uri("/api/v1/live?" + query, UriKind.Relative))));
    }

    private sealed record Frame(string Kind, string? Id, JsonElement Data)
    {
        internal string[] Order => Data.TryGetProperty("order", out var order) ? [.. order.EnumerateArray().Select(o => o.GetString()!)] : [];
    }

    /// <summary>Reads frames; a stream that tells nothing for ten seconds has failed.</summary>
    private sealed class Stream_(HttpClient http, StreamReader reader) : IAsyncDisposable
    {
        internal async Task<Frame> NextAsync(string kind)
        {
            var frame = await UntilAsync(f => f.Kind != "beat");
            Assert.Equal(kind, frame.Kind);
            return frame;
        }

        internal async Task<Frame> UntilAsync(Func<Frame, bool> wanted)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            string? kind = null, id = null;
            while (await reader.ReadLineAsync(patience.Token) is { } line)
            {
                if (line.StartsWith("event: ", StringComparison.Ordinal)) kind = line[7..];
                if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
                if (!line.StartsWith("data: ", StringComparison.Ordinal)) continue;
                var frame = new Frame(kind!, id, JsonDocument.Parse(line[6..]).RootElement);
                if (wanted(frame)) return frame;
                (kind, id) = (null, null);
            }

            throw new EndOfStreamException("The stream ended.");
        }

        public ValueTask DisposeAsync()
        {
            reader.Dispose();
            http.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
