using System.Text;
using ExposureMonitor.Api;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Grains;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;
using ExposureMonitor.Storage.Tests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ExposureMonitor.Silo.Tests;

/// <summary>Where a request goes, and what it is told while its partition is nowhere.</summary>
public sealed class ForwardingTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    [Theory]
    [InlineData("GET", "/api/v1/customers/C1", 7)]
    [InlineData("POST", "/api/v1/customers/C1/credit-checks", 7)]
    [InlineData("GET", "/api/v1/customers/bad id", null)]
    [InlineData("POST", "/api/v1/events", null)]
    [InlineData("GET", "/api/v1/portfolio", null)]
    [InlineData("GET", "/api/v1/live", null)]
    [InlineData("GET", "/api/v1/policy", 0)]
    [InlineData("GET", "/api/v1/global-hold", -1)]
    [InlineData("POST", "/api/v1/global-hold", -1)]
    [InlineData("GET", "/api/v1/proposals/p-1", -1)]
    [InlineData("POST", "/api/v1/policies", -1)]
    [InlineData("PUT", "/api/v1/reconciliation", -1)]
    [InlineData("GET", "/api/v1/reconciliation", -1)]
    [InlineData("POST", "/api/v1/dead-letters/3-1-0/replay", -1)]
    [InlineData("GET", "/health/ready", null)]
    [InlineData("GET", "/board", null)]
    [InlineData("POST", "/api/v1/session", null)]
    [InlineData("POST", "/api/v1/session/password", null)]
    [InlineData("POST", "/api/v1/users", -1)]
    public void A_request_goes_to_the_owner_of_what_it_is_about(string method, string path, int? partition) =>
        Assert.Equal(partition, Forwarding.PartitionOf(method, path, _ => 7));

    [Theory]
    [InlineData("GET", "/api/v1/alerts", true)]
    [InlineData("POST", "/api/v1/alerts/a/take", true)]
    [InlineData("GET", "/api/v1/silences", true)]
    [InlineData("POST", "/api/v1/alert-acts", true)]
    [InlineData("POST", "/api/v1/channels/erp/credentials", true)]
    [InlineData("POST", "/api/v1/warnings/a/take", true)]
    [InlineData("POST", "/api/v1/letter-runs", true)]
    [InlineData("POST", "/api/v1/customers/C1/letters", true)]
    [InlineData("PUT", "/api/v1/customers/C1/contact", true)]
    [InlineData("GET", "/api/v1/customers/C1/contact", false)]
    [InlineData("POST", "/api/v1/customers/C1/credit-checks", false)]
    [InlineData("GET", "/alerts", false)]
    public void Alerts_are_for_the_owner_of_the_channels(string method, string path, bool isOfAlerts) => Assert.Equal(isOfAlerts, Forwarding.IsOfAlerts(method, path));

    [PostgreSqlFact]
    public async Task While_a_partition_is_nowhere_the_answer_is_503_and_when_to_ask_again()
    {
        var connection = await server.NewDatabaseAsync();
        await JournalFactory.CreateAsync(connection, new DatabaseInfo("test", "EUR", 2, "wall", "UTC", false));
        var owners = new GrainOwners();
        await using (var engine = new ExposureEngine(await JournalFactory.OpenServiceAsync(connection, shared: true), others: owners))
        {
            await engine.StartAsync();
            await using var desk = new Desk(engine, new EventDecoder());
            var forwarding = new Forwarding(desk, owners);
            await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
            forwarding.Begin(_ => throw new InvalidOperationException("Nothing is answered here."), services);
            foreach (var (method, path) in ((string, string)[])[("POST", "/api/v1/customers/C1/credit-checks"), ("GET", "/api/v1/portfolio"), ("POST", "/api/v1/global-hold")])
            {
                var http = new DefaultHttpContext { RequestServices = services };
                (http.Request.Method, http.Request.Path, http.Response.Body) = (method, path, new MemoryStream());
                await forwarding.InvokeAsync(http);
                Assert.Equal((503, "2"), (http.Response.StatusCode, http.Response.Headers.RetryAfter.ToString()));
                Assert.Contains("MOVING", Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray()), StringComparison.Ordinal);
            }
        }

        await server.DropDatabaseAsync(connection);
    }
}
