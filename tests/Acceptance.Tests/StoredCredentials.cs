using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Alerts;
using ExposureMonitor.Alerts.Tests;
using Xunit;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>A credential is set over the API by two people, rests sealed, and works at once and after a restart.</summary>
public sealed class StoredCredentials
{
    [Fact]
    public async Task Address_of_a_channel_is_set_by_two_people_and_stands_nowhere_readable()
    {
        using var work = new Workplace();
        await using var slack = await VendorServer.StartAsync(ChannelKind.Slack);
        var file = Path.Combine(work.Folder, "channels.yaml");
        await File.WriteAllTextAsync(file, """
            channels:
              desk: { type: slack, url: "${stored}", allow_http: true, allow_networks: [127.0.0.0/8] }
            """);
        Environment.SetEnvironmentVariable(SealedSecrets.KeyVariable, SealedSecrets.NewKey());
        var secret = new Uri(slack.Url).AbsolutePath;
        IReadOnlyDictionary<string, string> keys;
        var (service, url, fresh) = await ExposureProcess.ServeAsync(work.Folder, work.Database, "--channels", file);
        using (service)
        {
            keys = fresh;
            using var admin = Client(url, keys["admin"]);
            using var approver = Client(url, keys["approver"]);
            Assert.Equal(404, (await SendAsync(admin, "channels/desk/test", null, "t0")).Code);
            // What the rules refuse is told to the one who asks.
            Assert.Equal((422, "BAD_CREDENTIAL"), Coded(await SendAsync(admin, "channels/desk/credentials", new { field = "url", value = "https://10.0.0.1/services/x" }, "k0")));
            Assert.Equal((422, "NOT_STORED"), Coded(await SendAsync(admin, "channels/desk/credentials", new { field = "password", value = "x" }, "k0")));

            var asked = await SendAsync(admin, "channels/desk/credentials", new { field = "url", value = slack.Url }, "k1");
            Assert.Equal(202, asked.Code);
            Assert.Equal(asked.Json.GetProperty("id").GetString(), (await SendAsync(admin, "channels/desk/credentials", new { field = "url", value = slack.Url }, "k1")).Json.GetProperty("id").GetString());
            var proposals = await admin.GetStringAsync("proposals");
            Assert.DoesNotContain(secret, proposals + asked.Json, StringComparison.Ordinal);
            Assert.DoesNotContain("sealed:", proposals, StringComparison.Ordinal);
            var approve = $"proposals/{asked.Json.GetProperty("id").GetString()}/approve";
            Assert.Equal((403, "SELF_APPROVAL"), Coded(await SendAsync(admin, approve, null, "k2")));
            Assert.Equal(404, (await SendAsync(admin, "channels/desk/test", null, "t1")).Code);

            var approved = await SendAsync(approver, approve, null, "k3");
            Assert.True(approved.Code == 200, approved.Json.ToString());
            Assert.Equal("Delivered", (await SendAsync(admin, "channels/desk/test", null, "t2")).Json.GetProperty("outcome").GetString());
            var stored = (await admin.GetFromJsonAsync<JsonElement>("channels/desk/credentials")).GetProperty("credentials")[0];
            Assert.Equal(("url", "admin", "approver", "…" + slack.Url[^4..]), (stored.GetProperty("field").GetString(), stored.GetProperty("setBy").GetString(), stored.GetProperty("approvedBy").GetString(), stored.GetProperty("ends").GetString()));
        }

        var (again, there, _) = await ExposureProcess.ServeAsync(work.Folder, work.Database, "--channels", file);
        using (again)
        {
            using var admin = Client(there, keys["admin"]);
            Assert.Equal("Delivered", (await SendAsync(admin, "channels/desk/test", null, "t3")).Json.GetProperty("outcome").GetString());
        }

        foreach (var part in Directory.GetFiles(work.Folder, "*.db*"))
            Assert.True(File.ReadAllBytes(part).AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) < 0, $"{Path.GetFileName(part)} has the address readable");
        Assert.Equal(2, slack.Shown.Count);
    }

    private static (int, string?) Coded((int Code, JsonElement Json) reply) => (reply.Code, reply.Json.GetProperty("code").GetString());

    private static HttpClient Client(Uri url, string key)
    {
        var http = new HttpClient { BaseAddress = url };
        http.DefaultRequestHeaders.Add("X-Api-Key", key);
        return http;
    }

    private static async Task<(int Code, JsonElement Json)> SendAsync(HttpClient http, string what, object? body, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, what) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key);
        using var reply = await http.SendAsync(request);
        return ((int)reply.StatusCode, JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement);
    }
}
