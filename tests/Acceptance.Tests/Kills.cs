using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;
using Xunit;
using Xunit.Abstractions;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>The process is killed in the middle of its work. <c>EXPOSURE_KILLS=200</c> for the long form.</summary>
public sealed class Kills(ITestOutputHelper output)
{
    private const int Customers = 4, Callers = 12;
    private const long Limit = 100_000;

    private static readonly int Count = int.Parse(Environment.GetEnvironmentVariable("EXPOSURE_KILLS") ?? "5", CultureInfo.InvariantCulture);

    [Fact]
    public async Task An_import_that_is_killed_at_any_moment_ends_like_one_that_was_not()
    {
        using var work = new Workplace();
        var file = Path.Combine(work.Folder, "events.jsonl");
        await ExposureProcess.RunAsync(work.Folder, null, "generate", "--customers", "150", "--days", "60", "--seed", "7", "--output", file);
        string[] replay = ["replay", file, "--db", work.Database, "--clock", "events", "--json"];
        var dice = new Random(11);
        var died = 0;
        for (var tries = 0; died < Count; tries++)
        {
            Assert.True(tries < 10 * Count + 50, $"{died} of {tries} runs were killed while they worked: nothing was proved.");
            if (await ExposureProcess.RunAsync(work.Folder, TimeSpan.FromMilliseconds(250 + dice.Next(1_500)), replay) == 137)
            {
                // Before the schema stands nothing was acknowledged, and the next run creates it.
                if (await JournalFactory.ExistsAsync(work.Address)) Assert.Equal(0, await ExposureProcess.RunAsync(work.Folder, null, "verify", "--db", work.Database));
                died++;
            }
            else
            {
                // An import that was finished begins again, so that each kill meets work.
                foreach (var old in Directory.GetFiles(work.Folder, "book.db*")) File.Delete(old);
            }
        }

        Assert.Equal(0, await ExposureProcess.RunAsync(work.Folder, null, replay));
        Assert.Equal(0, await ExposureProcess.RunAsync(work.Folder, null, "verify", "--db", work.Database));
        var clean = Path.Combine(work.Folder, "clean.db");
        Assert.Equal(0, await ExposureProcess.RunAsync(work.Folder, null, "replay", file, "--db", clean, "--clock", "events"));
        var book = await BookAsync(clean);
        Assert.NotEmpty(book);
        Assert.Equal(book, await BookAsync(work.Database));
        output.WriteLine($"{died} kills, {book.Count} customers");
    }

    [Fact]
    public async Task A_pruning_that_is_killed_at_any_moment_leaves_a_whole_journal()
    {
        using var work = new Workplace();
        await ExposureProcess.RunAsync(work.Folder, null, "generate", "--customers", "20", "--days", "80", "--seed", "9", "--output", "trade.ndjson");
        var whole = Path.Combine(work.Folder, "whole.db");
        await ExposureProcess.RunAsync(work.Folder, null, "replay", "trade.ndjson", "--db", whole, "--clock", "events", "--json");
        var book = await BookAsync(whole);
        string[] prune = ["prune", "--db", work.Database, "--before", await NewestMonthAsync(whole), "--json"];
        Copy();
        var begun = TimeProvider.System.GetTimestamp();
        Assert.Equal(0, await ExposureProcess.RunAsync(work.Folder, null, prune));
        var lasts = TimeProvider.System.GetElapsedTime(begun);
        Copy();
        var dice = new Random(13);
        var (died, behind) = (0, 0);
        for (var tries = 0; died < Count; tries++)
        {
            Assert.True(tries < 10 * Count + 50, $"{died} of {tries} runs were killed while they worked: nothing was proved.");
            if (await ExposureProcess.RunAsync(work.Folder, lasts * (0.2 + 0.75 * dice.NextDouble()), prune) == 137)
            {
                died++;
                Assert.Equal(0, await ExposureProcess.RunAsync(work.Folder, null, "verify", "--db", work.Database));
                await using var reader = await JournalFactory.OpenReaderAsync(work.Address);
                if (await reader.SealAsync(CancellationToken.None) is not null) behind++;
            }

            // One that was finished begins again, and so does one whose base was sealed, so that kills meet all of it.
            if (behind > 0 || tries % 3 == 2) Copy();
        }

        Assert.Equal(0, await ExposureProcess.RunAsync(work.Folder, null, prune));
        Assert.Equal(0, await ExposureProcess.RunAsync(work.Folder, null, "verify", "--db", work.Database));
        Assert.Equal(book, await BookAsync(work.Database));
        await using (var reader = await JournalFactory.OpenReaderAsync(work.Address))
            Assert.StartsWith("console:", (await reader.RowsAsync(new RowQuery { Table = RowTable.Audit, Kind = "journal.prune", Limit = 1 }, CancellationToken.None))[0].Subject, StringComparison.Ordinal);
        output.WriteLine($"{died} kills, {behind} of them behind the seal, in runs of {lasts.TotalMilliseconds:F0} ms");

        void Copy()
        {
            foreach (var old in Directory.GetFiles(work.Folder, "book.db*")) File.Delete(old);
            foreach (var file in (string[])["", "-wal"])
                if (File.Exists(whole + file)) File.Copy(whole + file, work.Database + file);
        }
    }

    /// <summary>The first day of the newest month of a journal.</summary>
    private static async Task<string> NewestMonthAsync(string database)
    {
        await using var reader = await JournalFactory.OpenReaderAsync("sqlite:" + database);
        var newest = (await reader.RangesAsync(CancellationToken.None)).Max(r => r.Period);
        return string.Create(CultureInfo.InvariantCulture, $"{newest / 100:0000}-{newest % 100:00}-01");
    }

    [Fact]
    public async Task What_a_caller_heard_before_a_kill_still_stands_after_it()
    {
        using var work = new Workplace();
        var client = new Client();
        IReadOnlyDictionary<string, string> keys = new Dictionary<string, string>();
        for (var kill = 0; kill <= Count; kill++)
        {
            var (service, url, fresh) = await ExposureProcess.ServeAsync(work.Folder, work.Database);
            using (service)
            {
                if (fresh.Count > 0) keys = fresh;
                using var http = new HttpClient { BaseAddress = url };
                http.DefaultRequestHeaders.Add("X-Api-Key", keys["service"]);
                if (kill == 0) await client.OpenAsync(http);
                await client.AskAgainAsync(http);
                if (kill == Count)
                {
                    await client.CompareAsync(http);
                    break;
                }

                var callers = Enumerable.Range(0, Callers).Select(n => client.WorkAsync(http, kill, n)).ToArray();
                await client.WorkedFor(20 + (kill * 37) % 400);
                service.Kill();
                await Task.WhenAll(callers);
            }

            Assert.Equal(0, await ExposureProcess.RunAsync(work.Folder, null, "verify", "--db", work.Database));
        }

        Assert.True(client.Unanswered > 0, "No call was in flight at any kill: nothing was proved.");
        output.WriteLine($"{Count} kills, {client.Answered} answers, {client.Unanswered} calls in flight");
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

    /// <summary>Callers that write down what they asked before they ask, and what they heard.</summary>
    private sealed class Client
    {
        private readonly ConcurrentDictionary<string, (string Path, string Body, string Answer)> _heard = [];
        private readonly ConcurrentDictionary<string, (string Path, string Body)> _asked = [];
        private readonly SemaphoreSlim _answers = new(0);

        internal int Answered => _heard.Count;

        internal int Unanswered { get; private set; }

        internal async Task OpenAsync(HttpClient http)
        {
            for (var c = 0; c < Customers; c++)
            {
                Assert.True(await PostAsync(http, $"open{c}", "events", Event($"open{c}", "customer.opened", c, """{"name":"n","segment":"s","country":"DE","currency":"EUR","status":"Active"}""")));
                Assert.True(await PostAsync(http, $"limit{c}", "events", Event($"limit{c}", "limit.set", c,
                    $$"""{"version":1,"currency":"EUR","steps":[{"from":"2020-01-01","kind":"Amount","amount":"{{Limit}}"}],"reason":"r","setBy":"a","approvedBy":["b"]}""")));
            }
        }

        /// <summary>Asks until the service is gone: checks that reserve, and invoices.</summary>
        internal async Task WorkAsync(HttpClient http, int kill, int caller)
        {
            for (var n = 0; ; n++)
            {
                var (key, customer) = ($"{kill}-{caller}-{n}", (kill + caller + n) % Customers);
                var told = n % 3 == 0
                    ? await PostAsync(http, key, "events", Event(key, "invoice.posted", customer, $$"""{"invoiceId":"I{{key}}","amount":"17","currency":"EUR","issuedOn":"{{Day(0)}}","dueOn":"{{Day(30)}}"}"""))
                    : await PostAsync(http, key, $"customers/C{customer}/credit-checks", """{"amount":"1900","currency":"EUR","liveMinutes":20000}""");
                if (!told) return;
            }
        }

        /// <summary>Every call whose answer was lost is made again, and some that were answered: those must say the same.</summary>
        internal async Task AskAgainAsync(HttpClient http)
        {
            foreach (var (key, (path, body)) in _asked)
            {
                Unanswered++;
                Assert.True(await PostAsync(http, key, path, body), $"{path} {key} was not answered.");
            }

            foreach (var (key, (path, body, answer)) in _heard.Where(h => h.Value.Path != "events").TakeLast(25).ToList())
            {
                var again = await CallAsync(http, key, path, body);
                Assert.True(again == answer, $"{key} was told {answer}, now {again}");
            }
        }

        internal async Task WorkedFor(int answers)
        {
            for (var n = 0; n < answers; n++) Assert.True(await _answers.WaitAsync(TimeSpan.FromSeconds(60)), "The service stopped answering before it was killed.");
        }

        /// <summary>The figures of each customer are what the answers add up to, and no more than the limit was ever promised.</summary>
        internal async Task CompareAsync(HttpClient http)
        {
            for (var c = 0; c < Customers; c++)
            {
                long reserved = 0, invoiced = 0;
                foreach (var (key, (path, body, answer)) in _heard)
                {
                    if (path == $"customers/C{c}/credit-checks" && answer.Contains("reservationId", StringComparison.Ordinal)) reserved += 1_900;
                    if (path == "events" && body.Contains($"\"C{c}\"", StringComparison.Ordinal) && body.Contains("invoice.posted", StringComparison.Ordinal)) invoiced += 17;
                }

                using var json = JsonDocument.Parse(await http.GetStringAsync(new Uri($"customers/C{c}", UriKind.Relative)));
                var components = json.RootElement.GetProperty("components");
                Assert.Equal(reserved.ToString(CultureInfo.InvariantCulture), components.GetProperty("reserved").GetString());
                Assert.Equal(invoiced.ToString(CultureInfo.InvariantCulture), components.GetProperty("receivables").GetString());
                Assert.True(reserved <= Limit, $"{reserved} reserved under a limit of {Limit}");
            }
        }

        private async Task<bool> PostAsync(HttpClient http, string key, string path, string body)
        {
            _asked[key] = (path, body);
            if (await CallAsync(http, key, path, body) is not { } answer) return false;
            _heard[key] = (path, body, answer);
            _asked.TryRemove(key, out _);
            _answers.Release();
            return true;
        }

        private static async Task<string?> CallAsync(HttpClient http, string key, string path, string body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Add("Idempotency-Key", key);
            try
            {
                using var response = await http.SendAsync(request);
                var text = await response.Content.ReadAsStringAsync();
                // Unavailable is no answer: it says nothing about what became of the call.
                if (response.StatusCode == HttpStatusCode.ServiceUnavailable) return null;
                Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path} {body}: {(int)response.StatusCode} {text}");
                Assert.True(path != "events" || text.Contains("\"Applied\"", StringComparison.Ordinal) || text.Contains("\"Duplicate\"", StringComparison.Ordinal), text);
                return text;
            }
            catch (Exception gone) when (gone is HttpRequestException or IOException or TaskCanceledException)
            {
                return null;
            }
        }

        private static string Day(int ahead) => DateTime.UtcNow.Date.AddDays(ahead).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

        private static string Event(string id, string type, int customer, string data) =>
            $$"""{"specversion":"1.0","id":"{{id}}","source":"test","type":"credit.{{type}}.v1","subject":"C{{customer}}","time":"{{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss'Z'}}","data":{{data}}}""";
    }
}
