using System.Globalization;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>Valid events, spoilt at random under a fixed seed: each is applied, or answered with a reason and kept, and the journal proves itself afterwards.</summary>
public sealed class MutatedEvents(Service service) : IClassFixture<Service>
{
    private const int Count = 10_000;

    private static readonly string[] Pieces =
    [
        "null", "true", "-1", "1e3", "0.5", "1E400", "-0", "[]", "{}", "\"\"", "\"x\"", "9223372036854775808", "1000000000000001", "\"1,5\"", "\"\\u0000\"", "\"\\ud800\"", "\"XXX\"", "\"JPY\"",
        "\"2026-02-30\"", "\"0001-01-01\"", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "{\"a\":{\"a\":{\"a\":1}}}", "NaN", "'", "\"\u202e\"",
    ];

    [Fact]
    public async Task Spoilt_events_are_applied_or_kept_with_a_reason_and_the_journal_stands()
    {
        var dice = new Random(5_7);
        var valid = new Generator(new GeneratorOptions { Customers = 40, Days = 40, Start = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-40), IsDirty = false }).Run().Select(e => e.Json).Take(Count).ToList();
        var kept = new Dictionary<string, string>(StringComparer.Ordinal);
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var sent = 0;
        while (sent < Count)
        {
            // One alone now and then: it is answered with a problem instead of a result.
            var lines = Enumerable.Range(0, dice.Next(10) == 0 ? 1 : 1 + dice.Next(200)).Select(_ => Spoil(valid[dice.Next(valid.Count)], dice)).ToList();
            sent += lines.Count;
            var media = lines.Count == 1 ? "application/json" : "application/x-ndjson";
            var reply = await service.SendAsync("Service", "POST", "/events", [.. lines.SelectMany(line => (byte[])[.. line, (byte)'\n'])], media);
            Assert.True(reply.Code is 200 or 400, $"{reply.Code} {reply.Body}");
            if (reply.Code == 400)
            {
                _ = reply.Problem;
                Assert.Single(lines);
                if (reply.Json.TryGetProperty("deadLetter", out var letter)) kept[letter.GetString()!] = reply.Problem;
                continue;
            }

            var results = reply.Json.GetProperty("results").EnumerateArray().ToList();
            Assert.Equal(lines.Count, results.Count);
            foreach (var result in results)
            {
                var outcome = result.GetProperty("outcome").GetString()!;
                outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
                if (outcome is not ("Undecodable" or "Refused" or "ConflictingDuplicate")) continue;
                Assert.NotEmpty(result.GetProperty("reason").GetString()!);
                Assert.NotEmpty(result.GetProperty("detail").GetString()!);
                kept[result.GetProperty("entry").GetString()!] = result.GetProperty("reason").GetString()!;
            }
        }

        // The mutations reach both sides of the line, or they prove nothing.
        Assert.True(outcomes["Applied"] > 500 && outcomes["Undecodable"] > 2_000, string.Join(", ", outcomes));
        Assert.Equal(kept, await DeadLettersAsync());
        Assert.True(service.Engine.IsReady);

        await service.RestartAsync();
        Assert.Equal(200, (await service.GetAsync("Viewer", "/portfolio")).Code);
        await using var reader = await JournalFactory.OpenReaderAsync("sqlite:" + Path.Combine(service.Folder, "book.db"));
        Assert.Null((await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None)).Violation);
    }

    private async Task<Dictionary<string, string>> DeadLettersAsync()
    {
        var letters = new Dictionary<string, string>(StringComparer.Ordinal);
        string? cursor = null;
        do
        {
            var page = (await service.GetAsync("Auditor", "/dead-letters?limit=500" + (cursor is null ? "" : "&cursor=" + cursor))).Json;
            foreach (var row in page.GetProperty("rows").EnumerateArray()) letters[row.GetProperty("id").GetString()!] = row.GetProperty("reasonCode").GetString()!;
            cursor = page.TryGetProperty("cursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);

        return letters;
    }

    private static byte[] Spoil(string json, Random dice)
    {
        var text = new StringBuilder(json);
        for (var spoils = 1 + dice.Next(3); spoils > 0; spoils--)
        {
            switch (dice.Next(6))
            {
                case 0:
                    text.Remove(dice.Next(text.Length), 1);
                    break;
                case 1:
                    text.Insert(dice.Next(text.Length), Pieces[dice.Next(Pieces.Length)]);
                    break;
                case 2:
                    text[dice.Next(text.Length)] = (char)dice.Next(' ', 127);
                    break;
                case 3:
                    Swap(text, dice, value => value);
                    break;
                case 4:
                    Swap(text, dice, _ => Pieces[dice.Next(Pieces.Length)]);
                    break;
                default:
                    Twice(text, dice);
                    break;
            }
        }

        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        // Bytes that are no UTF-8.
        if (dice.Next(20) == 0) bytes[dice.Next(bytes.Length)] = (byte)dice.Next(0x80, 0x100);
        return [.. bytes.Where(b => b is not ((byte)'\n' or (byte)'\r'))];
    }

    /// <summary>Puts another value behind a name, or an ill one in its place.</summary>
    private static void Swap(StringBuilder text, Random dice, Func<string, string> other)
    {
        if (Parsed(text) is not { } members || members.Count == 0) return;
        var (to, from) = (members[dice.Next(members.Count)], members[dice.Next(members.Count)]);
        text.Replace($"\"{to.Name}\":{to.Value}", $"\"{to.Name}\":{other(from.Value)}");
    }

    private static void Twice(StringBuilder text, Random dice)
    {
        if (Parsed(text) is not { } members || members.Count == 0) return;
        var one = members[dice.Next(members.Count)];
        text.Replace($"\"{one.Name}\":{one.Value}", string.Create(CultureInfo.InvariantCulture, $"\"{one.Name}\":{one.Value},\"{one.Name}\":{one.Value}"));
    }

    /// <summary>The members of the event and of its data as they stand in the text; <c>null</c> when it is spoilt already.</summary>
    private static List<(string Name, string Value)>? Parsed(StringBuilder text)
    {
        try
        {
            using var document = JsonDocument.Parse(text.ToString());
            if (document.RootElement.ValueKind != JsonValueKind.Object) return null;
            return [.. document.RootElement.EnumerateObject().Concat(
                document.RootElement.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object ? data.EnumerateObject() : default(JsonElement.ObjectEnumerator))
                .Select(member => (member.Name, member.Value.GetRawText()))];
        }
        catch (Exception spoilt) when (spoilt is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
