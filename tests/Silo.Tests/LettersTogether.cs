using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using ExposureMonitor.Alerts;
using ExposureMonitor.Api;
using ExposureMonitor.Domain;
using ExposureMonitor.Storage.Tests;
using Xunit;

namespace ExposureMonitor.Silo.Tests;

/// <summary>A letter is drafted at any silo, approved where the house is, and leaves where the channel is.</summary>
public sealed class LettersTogether(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    [PostgreSqlFact]
    public async Task Letter_that_is_asked_for_anywhere_is_handed_to_its_channel_once_and_every_silo_shows_it()
    {
        // Nobody listens there: what is handed over waits, and its record says so.
        var file = $$"""
            channels:
              mail: { type: email, host: 127.0.0.1, port: {{FreePort.Next()}}, tls: none, from: desk@exposure.example, to: [controller@example.com] }
            letters: mail
            route: { to: [] }
            """;
        Assert.Empty(ChannelsFile.Read(file, new ProcessSecrets()).Faults);
        await using var cluster = await SiloCluster.StartAsync(server, 3, o => o with { Channels = file });
        var approver = (await new KeyRing(cluster.Silos.Single(s => s.Engine.Owns(Book.House)).Engine).CreateAtConsoleAsync(new KeyWish("bob", Roles.Approver, -1), "setup")).Key;
        await SiloCluster.UntilAsync(() => cluster.Silos.Count(s => s.Desk.Alerts is not null) == 1, "one silo owns the channels");
        // One customer of each owner: at least two of them are owned where the channel is not.
        foreach (var silo in cluster.Silos.ToList())
        {
            var customer = SiloCluster.CustomerIn(SiloCluster.Owned(silo).First(p => p >= 0));
            var asked = cluster.Silos[(cluster.Silos.IndexOf(silo) + 1) % 3];
            await cluster.PostAsync(asked, [.. SiloCluster.Opened(customer, 1_000), SiloCluster.Event("credit.invoice.posted.v1", "i" + customer, customer, new { invoiceId = "RE-" + customer, amount = "90000", currency = "EUR", issuedOn = Day(-40), dueOn = Day(-10) })]);
            using var analyst = cluster.Client(asked, cluster.Analyst);
            using var contact = await analyst.PutAsJsonAsync($"customers/{customer}/contact", new { email = "payables@customer.example", language = "en" });
            Assert.Equal(204, (int)contact.StatusCode);
            var draft = await PostAsync(analyst, $"customers/{customer}/letters", new { kind = "dunning" }, "draft-" + customer, 202);
            Assert.Equal("RE-" + customer, draft.GetProperty("drafts")[0].GetProperty("items")[0].GetString());
            var proposal = (await cluster.GetAsync(silo, "proposals?state=Open", approver)).GetProperty("proposals").EnumerateArray().Single(p => p.GetProperty("customer").GetString() == customer);
            using var bob = cluster.Client(asked, approver);
            await PostAsync(bob, $"proposals/{proposal.GetProperty("id").GetString()}/approve", null, "approve-" + customer, 200);
            foreach (var other in cluster.Silos)
            {
                JsonElement letters = default;
                for (var turns = 0; turns < 600 && (letters = (await cluster.GetAsync(other, $"customers/{customer}/letters")).GetProperty("letters")).GetArrayLength() == 0; turns++) await Task.Delay(50);
                var letter = Assert.Single(letters.EnumerateArray());
                Assert.Equal((draft.GetProperty("drafts")[0].GetProperty("id").GetString(), "bob"), (letter.GetProperty("id").GetString(), letter.GetProperty("approvedBy").GetString()));
                Assert.Contains(letter.GetProperty("state").GetString(), (string[])["Pending", "Sent"]);
            }
        }

        Assert.Null(await cluster.VerifyAsync());
    }

    private static string Day(int days) => TimeProvider.System.GetUtcNow().AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static async Task<JsonElement> PostAsync(HttpClient http, string what, object? body, string key, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, what) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key);
        using var reply = await http.SendAsync(request);
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True((int)reply.StatusCode == status, $"{(int)reply.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement.Clone();
    }
}
