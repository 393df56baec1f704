using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>
/// What the tiles of the whole book said before: every five minutes for a day, every hour for two, once a day for thirty. Samples of what was shown, not
/// figures of the record: a page as of a moment asks the journal. Each process keeps its own and writes the hourly ones down.
/// </summary>
internal sealed class TileTrend(Desk desk) : IAsyncDisposable
{
    private const string Kind = "tile-trend", Id = "book";
    private const int Shown = 30;

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly List<(long At, byte[] Tiles)> _recent = [], _hourly = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    internal static void Map(RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/board/trend", Roles.Readers, "What the tiles of the whole book said before: the sample of a day ago, or the oldest since, and up to thirty over thirty days. Empty for a caller who sees some segments only.", async (http, caller) =>
        {
            var released = await desk.Engine.Reader.RowsAsync(new RowQuery { Table = RowTable.Hold, Kind = HoldChanged.Released, Limit = 500 }, http.RequestAborted);
            var today = Instant.From(new DateTimeOffset(desk.Time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero)).Micros;
            var byRule = released.Where(r => r.At >= today && desk.Sees(caller, r.Customer) && r.Effect() is HoldChanged { Actor: "rule" }).Count();
            var (was, over) = caller.Segments.Count > 0 ? (null, []) : desk.Trend.Look();
            return Results.Bytes(AccountJson.Bytes(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("releasedByRuleToday", byRule);
                json.WritePropertyName("was");
                if (was is { } one) Write(json, one);
                else json.WriteNullValue();
                json.WriteStartArray("samples");
                foreach (var sample in over) Write(json, sample);
                json.WriteEndArray();
                json.WriteEndObject();
            }), "application/json");
        }).Fails(503).Tells(Shapes.Trend);

    /// <summary>Reads what was written down, and samples from here on.</summary>
    internal async Task BeginAsync(CancellationToken cancel)
    {
        if (desk.SignIn is not null && await desk.SignIn.Notes.NoteAsync(Kind, Id, cancel) is { } note)
            foreach (var sample in JsonNode.Parse(note.Body)!.AsArray()) _hourly.Add((sample!["at"]!.GetValue<long>(), JsonSerializer.SerializeToUtf8Bytes(sample["tiles"])));
        _running = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Takes a sample.</summary>
    internal async Task SampleAsync(CancellationToken cancel)
    {
        var at = Instant.From(desk.Time.GetUtcNow()).Micros;
        var tiles = BoardTiles.Compute(desk.Engine, BoardFilter.Everything, await desk.Bands.GetAsync(cancel));
        var bytes = AccountJson.Bytes(json =>
        {
            json.WriteStartArray();
            foreach (var tile in tiles.Where(t => !t.Id.StartsWith("band:", StringComparison.Ordinal))) json.WriteRawValue(tile.Json);
            json.WriteEndArray();
        });
        List<(long At, byte[] Tiles)> hourly;
        lock (_gate) hourly = [.. _hourly];
        var isDue = hourly.Count == 0 || at - hourly[^1].At >= 3_600 * Instant.Second;
        if (isDue)
        {
            hourly.Add((at, bytes));
            // Of the days before yesterday one sample is enough for a line of thirty.
            for (var i = hourly.Count - 1; i > 0; i--)
                if (hourly[i].At < at - 2 * Instant.Day && hourly[i].At / Instant.Day == hourly[i - 1].At / Instant.Day) hourly.RemoveAt(i);
            hourly.RemoveAll(s => s.At < at - 30 * Instant.Day);
            await KeepAsync(hourly, cancel);
        }

        lock (_gate)
        {
            _recent.Add((at, bytes));
            _recent.RemoveAll(s => s.At < at - 25 * 3_600 * Instant.Second);
            if (!isDue) return;
            _hourly.Clear();
            _hourly.AddRange(hourly);
        }
    }

    /// <summary>Writes the samples down before they are shown. Another process may have written its own: either will do.</summary>
    private async Task KeepAsync(List<(long At, byte[] Tiles)> samples, CancellationToken cancel)
    {
        if (desk.SignIn is null) return;
        var before = await desk.SignIn.Notes.NoteAsync(Kind, Id, cancel);
        var body = "[" + string.Join(',', samples.Select(s => string.Create(CultureInfo.InvariantCulture, $"{{\"at\":{s.At},\"tiles\":{System.Text.Encoding.UTF8.GetString(s.Tiles)}}}"))) + "]";
        await desk.SignIn.Notes.PutNoteAsync(new DeskNote(Kind, Id, before?.Version ?? 0, body), cancel);
    }

    /// <summary>The sample of a day ago, or the oldest since; and some over all that is known.</summary>
    private ((long At, byte[] Tiles)? Was, List<(long At, byte[] Tiles)> Over) Look()
    {
        var dayAgo = Instant.From(desk.Time.GetUtcNow()).Micros - Instant.Day;
        lock (_gate)
        {
            List<(long At, byte[] Tiles)> all = [.. _hourly.Concat(_recent).DistinctBy(s => s.At).OrderBy(s => s.At)];
            if (all.Count == 0) return (null, []);
            var was = all[Math.Max(0, all.FindLastIndex(s => s.At <= dayAgo))];
            var step = Math.Max(1, (all.Count + Shown - 1) / Shown);
            return (was, [.. all.Where((_, i) => (all.Count - 1 - i) % step == 0)]);
        }
    }

    private async Task RunAsync()
    {
        using var clock = new PeriodicTimer(Every, desk.Time);
        try
        {
            do
            {
                try
                {
                    await SampleAsync(_stop.Token);
                }
                catch (Exception away) when (away is EngineUnavailableException or JournalUnavailableException)
                {
                    // The next sample comes in five minutes.
                }
            }
            while (await clock.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private static void Write(Utf8JsonWriter json, (long At, byte[] Tiles) sample)
    {
        json.WriteStartObject();
        json.WriteString("at", new Instant(sample.At).ToString());
        json.WritePropertyName("tiles");
        json.WriteRawValue(sample.Tiles);
        json.WriteEndObject();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
