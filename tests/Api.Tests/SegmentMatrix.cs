using System.Text;
using System.Text.RegularExpressions;
using ExposureMonitor.Domain;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>
/// Every route with every role and a scope: what stands outside of the scope is in no answer, and its address answers like one that leads
/// nowhere. New routes are walked without being named here.
/// </summary>
public sealed class SegmentMatrix(SegmentMatrix.Telling told) : IClassFixture<SegmentMatrix.Telling>
{
    private readonly Service service = told.Service;

    /// <summary>A service whose alerts go out, so that what is told has a scope, too.</summary>
    public sealed class Telling : IAsyncLifetime
    {
        public Service Service { get; } = new() { TellsPeople = true };

        public Task InitializeAsync() => Service.InitializeAsync();

        public Task DisposeAsync() => Service.DisposeAsync();
    }

    [Fact]
    public async Task Nothing_outside_of_the_scope_is_in_any_answer()
    {
        var (mine, other) = (await service.CustomerAsync(segment: "INSIDE"), await service.CustomerAsync(segment: "OUTSIDE"));
        var order = await service.OrderAsync(other, 9_000_00);
        await service.OrderAsync(mine, 9_000_00);
        await service.PostAsync("Analyst", $"/customers/{other}/limit-requests", new { kind = "Amount", amount = "7000000", currency = "EUR", version = 1, reason = "a larger one" });
        await service.PostAsync("Analyst", $"/customers/{other}/seasonal-limits", new { seasonId = "S", fromMonthDay = 101, toMonthDay = 1231, upliftBp = 500 });
        await service.TellAsync("invoice.posted", other, new { invoiceId = service.New("I"), amount = 3_000_00, currency = "EUR", issuedOn = "2026-01-01", dueOn = "2026-02-01" });
        var dead = (await service.PostAsync("Service", "/events", service.Event("invoice.posted", other, new { invoiceId = "I9", amount = "x" }))).Text("deadLetter");
        var entry = (await service.GetAsync("Viewer", $"/customers/{other}/history")).Json.GetProperty("entries")[0].GetProperty("entry").GetString();
        var alert = (await service.GetAsync("Viewer", "/warnings")).Json.GetProperty("warnings").EnumerateArray().First(a => a.GetProperty("customer").GetString() == other).GetProperty("id").GetString()!;
        var proposal = (await service.GetAsync("Viewer", "/proposals")).Json.GetProperty("proposals").EnumerateArray().First(p => p.GetProperty("customer").GetString() == other).GetProperty("id").GetString();
        // The alerts have taken it in, so that there is something to hide.
        while (!(await service.GetAsync("Viewer", "/alerts?customer=" + other)).Body.Contains(order, StringComparison.Ordinal)) await Task.Yield();
        while (!(await service.GetAsync("Viewer", "/deliveries")).Body.Contains("\"alert\"", StringComparison.Ordinal)) await Task.Yield();
        // Files of it say the same to whoever sees the whole book; what the scope hides of them is walked below.
        var notices = (await service.GetAsync("Viewer", "/alerts/export?notices=true&lang=codes")).Body;
        Assert.StartsWith("raisedAt,severity,rule,title,about,customer,", notices, StringComparison.Ordinal);
        Assert.Contains($",HOLD,\"order {order} on hold", notices, StringComparison.Ordinal);
        Assert.DoesNotContain(",EW-", notices, StringComparison.Ordinal);
        Assert.StartsWith("createdAt,channel,severity,rule,customer,transition,state,attempts,firstSentAt,changedAt,answer,mutedBy,route,messageId,alert,number\r\n2", (await service.GetAsync("Viewer", "/deliveries/export?lang=codes")).Body, StringComparison.Ordinal);
        Assert.Equal(201, (await service.PostAsync("Analyst", "/silences", new { matchers = new[] { $"customer=\"{other}\"" }, comment = "quiet for now", untilResolved = true })).Code);
        var walked = 0;
        foreach (var role in KeyRing.Single)
        {
            service.Key("scoped-" + role, role, role == Roles.Approver ? -1 : 0, "INSIDE");
            foreach (var spec in Specs().Where(s => (s.Roles & role) != 0 && !s.Pattern.EndsWith("/live", StringComparison.Ordinal)))
            {
                var path = spec.Pattern["/api/v1".Length..].Replace("{customer}", "{c}", StringComparison.Ordinal).Replace("{order}", order, StringComparison.Ordinal).Replace("{entry}", spec.Pattern.Contains("dead-letters", StringComparison.Ordinal) ? dead : entry, StringComparison.Ordinal)
                    .Replace("{warning}", Uri.EscapeDataString(alert), StringComparison.Ordinal).Replace("{proposal}", proposal, StringComparison.Ordinal).Replace("{reservation}", "R", StringComparison.Ordinal).Replace("{exclusion}", "X", StringComparison.Ordinal);
                if (path.Contains('{', StringComparison.Ordinal) && !path.Contains("{c}", StringComparison.Ordinal)) continue;
                var query = spec.Pattern switch
                {
                    var p when p.EndsWith("as-of", StringComparison.Ordinal) => "?seq=999999", var p when p.EndsWith("aggregates", StringComparison.Ordinal) => "?by=segment", var p when p.EndsWith("/search", StringComparison.Ordinal) => "?q=" + other, var p when p.EndsWith("/alert-notes", StringComparison.Ordinal) => "?alert=" + Uri.EscapeDataString(alert), _ => "",
                };
                var body = spec.Method == "POST" ? Encoding.UTF8.GetBytes("{\"reason\":\"somebody of another segment\"}") : null;
                var told = await service.SendAsync("scoped-" + role, spec.Method, path.Replace("{c}", other, StringComparison.Ordinal) + query, body, body is null ? null : "application/json");
                Assert.True(told.Code < 500, $"{spec.Method} {path} as {role}: {told.Code} {told.Body}");
                if (path.Contains("{c}", StringComparison.Ordinal))
                {
                    // The same address of nobody: both answers are one but for the id.
                    var nobody = await service.SendAsync("scoped-" + role, spec.Method, path.Replace("{c}", "NOBODY", StringComparison.Ordinal) + query, body, body is null ? null : "application/json");
                    Assert.True(told.Code == 404 && nobody.Code == 404, $"{spec.Method} {path} as {role}: {told.Code}, of nobody {nobody.Code}: {told.Body}");
                    Assert.Equal(nobody.Problem, told.Problem);
                }
                else if (path.Contains(dead, StringComparison.Ordinal) || path.Contains(proposal!, StringComparison.Ordinal) || spec.Pattern.Contains("{warning}", StringComparison.Ordinal))
                {
                    Assert.True(told.Code is 404 or 403 or 400 or 415 or 422, $"{spec.Method} {path} as {role}: {told.Code} {told.Body}");
                }

                var answer = told.Body.Replace("No customer '" + other + "'.", "", StringComparison.Ordinal);
                if (told.Code < 400) Assert.False(answer.Contains(other, StringComparison.Ordinal) || answer.Contains("OUTSIDE", StringComparison.Ordinal) || answer.Contains(order, StringComparison.Ordinal), $"{spec.Method} {path} as {role}: {answer}");
                walked++;
            }
        }

        Assert.True(walked > 150, $"{walked} answers");
        // The stream, with every view at once, up to its first beat; what it is asked for by name answers like nobody.
        foreach (var role in KeyRing.Single.Where(r => (r & Roles.Readers) != 0))
        {
            using var http = new HttpClient { BaseAddress = service.Address, Timeout = TimeSpan.FromSeconds(30) };
            http.DefaultRequestHeaders.Add("X-Api-Key", service.KeyOf("scoped-" + role));
            using var reader = new StreamReader(await http.GetStreamAsync(new Uri("/api/v1/live?subs=board,tiles,holds,alerts,alerts:count", UriKind.Relative)));
            var text = new StringBuilder();
            while (await reader.ReadLineAsync() is { } line && !line.StartsWith("event: beat", StringComparison.Ordinal)) text.AppendLine(line);
            Assert.Contains(mine, text.ToString(), StringComparison.Ordinal);
            // Both say how many are open in the caller's segments.
            var counts = Regex.Matches(text.ToString(), "\"whole\":\\{\"open\":([0-9]+),\"cut\":false\\}").Select(m => m.Groups[1].Value).ToList();
            Assert.True(counts.Count == 2 && counts[0] == counts[1], $"stream as {role}: {string.Join(", ", counts)}");
            Assert.False(text.ToString().Contains(other, StringComparison.Ordinal) || text.ToString().Contains(order, StringComparison.Ordinal) || text.ToString().Contains("OUTSIDE", StringComparison.Ordinal), $"stream as {role}: {text}");
            Assert.Equal(400, (await service.GetAsync("scoped-" + role, "/live?subs=customer:" + other)).Code);
        }

        // Nobody outside changed anything.
        Assert.Equal("OnHold", (await service.GetAsync("Viewer", $"/customers/{other}/holds/{order}")).Text("state"));
    }

    private IEnumerable<RouteSpec> Specs() => ((IEndpointRouteBuilder)service.App).DataSources.SelectMany(s => s.Endpoints).Select(e => e.Metadata.GetMetadata<RouteSpec>()).OfType<RouteSpec>();
}
