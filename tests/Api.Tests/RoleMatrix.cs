using ExposureMonitor.Domain;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>Every route with every role: the table is the contract, and a route without a row fails.</summary>
public sealed class RoleMatrix(Service service) : IClassFixture<Service>
{
    private const Roles Look = Roles.Analyst | Roles.Approver | Roles.Auditor | Roles.Admin;

    /// <summary>Who may call what, written down apart from the code.</summary>
    private static readonly (string Route, Roles May)[] Table =
    [
        ("POST /events", Roles.Service),
        ("GET /schemas", Roles.Readers | Roles.Admin),
        ("GET /schemas/{type}", Roles.Readers | Roles.Admin),
        ("GET /schemas/events.proto", Roles.Readers | Roles.Admin),
        ("POST /customers/{customer}/credit-checks", Roles.Service),
        ("POST /customers/{customer}/credit-checks/what-if", Roles.Analyst | Roles.Approver | Roles.PolicyOwner | Roles.PolicyApprover | Roles.Service),
        ("DELETE /customers/{customer}/reservations/{reservation}", Roles.Service),
        ("GET /orders", Roles.Readers),
        ("GET /holds", Roles.Readers),
        ("GET /customers/{customer}/credit", Roles.Readers),
        ("GET /customers/{customer}/orders", Roles.Readers),
        ("GET /customers/{customer}/orders/{order}", Roles.Readers),
        ("GET /customers/{customer}/holds/{order}", Roles.Readers),
        ("POST /customers/{customer}/holds/{order}/request-release", Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/holds/{order}/approve", Roles.Approver),
        ("POST /customers/{customer}/holds/{order}/reject-release", Roles.Approver),
        ("POST /customers/{customer}/holds/{order}/reject-order", Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/holds/{order}/force", Roles.Analyst | Roles.Approver),
        ("GET /customers/{customer}", Roles.Readers),
        ("GET /customers/{customer}/documents", Roles.Readers),
        ("GET /customers/{customer}/documents/export", Roles.Readers),
        ("GET /customers/{customer}/history/export", Roles.Readers),
        ("GET /customers/{customer}/group/export", Roles.Readers),
        ("GET /alerts/export", Roles.Readers),
        ("GET /deliveries/export", Roles.Readers),
        ("GET /customers/{customer}/signals", Roles.Readers),
        ("GET /customers/{customer}/history", Roles.Readers),
        ("GET /customers/{customer}/history/{entry}", Roles.Readers),
        ("GET /customers/{customer}/as-of", Roles.Readers),
        ("GET /customers/{customer}/limit", Roles.Readers),
        ("GET /customers/{customer}/group", Roles.Readers),
        ("POST /customers/{customer}/limit-requests", Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/limit-decisions", Roles.Approver),
        ("POST /customers/{customer}/temporary-limits", Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/temporary-limit-ends", Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/seasonal-limits", Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/limit-schedules", Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/grade-overrides", Roles.Analyst | Roles.Approver),
        ("GET /customers/{customer}/score", Roles.Readers),
        ("GET /scorecards", Roles.Readers | Roles.Admin),
        ("GET /scorecards/{card}/text", Roles.Readers | Roles.Admin),
        ("POST /scorecards/drafts", Roles.PolicyOwner),
        ("POST /scorecards/{card}/withdraw", Roles.PolicyOwner | Roles.PolicyApprover),
        ("GET /portfolio", Roles.Readers),
        ("GET /portfolio/aggregates", Roles.Readers),
        ("GET /decisions", Roles.Readers),
        ("GET /hold-records", Roles.Readers),
        ("GET /signals", Roles.Readers),
        ("GET /limit-changes", Roles.Readers),
        ("GET /audit", Roles.Auditor),
        ("GET /audit/export", Roles.Auditor),
        ("GET /hold-records/export", Roles.Readers),
        ("GET /limit-changes/export", Roles.Readers),
        ("GET /dead-letters/export", Look),
        ("GET /endings/export", Roles.Readers),
        ("GET /limit-gaps/export", Roles.Readers),
        ("GET /warnings/export", Roles.Readers),
        ("GET /holds/export", Roles.Readers),
        ("GET /holds/matching", Roles.Readers),
        ("GET /audit/chain", Roles.Auditor | Roles.Admin),
        ("GET /partitions", Roles.Readers | Roles.Admin),
        ("GET /sources", Roles.Readers | Roles.Admin),
        ("PUT /reconciliation", Roles.Approver | Roles.Admin),
        ("GET /reconciliation", Roles.Readers | Roles.Admin),
        ("GET /approvals", Roles.Readers | Roles.Admin),
        ("GET /endings", Roles.Readers),
        ("GET /limit-gaps", Roles.Readers),
        ("GET /portfolio/provision", Roles.Readers),
        ("GET /dead-letters", Look),
        ("GET /dead-letters/{entry}", Look),
        ("POST /dead-letters/{entry}/replay", Roles.Approver | Roles.Admin),
        ("POST /dead-letters/{entry}/discard", Roles.Analyst | Roles.Approver | Roles.Admin),
        ("POST /customers/{customer}/admissions", Roles.Analyst | Roles.Approver),
        ("POST /opening-loads", Roles.Admin),
        ("POST /customers/{customer}/exclusions", Roles.Analyst | Roles.Approver),
        ("DELETE /customers/{customer}/exclusions/{exclusion}", Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/holds/{order}/lift", Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/stop", Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/signals/close", Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/stop-lifts", Roles.Analyst | Roles.Approver),
        ("POST /policies/drafts", Roles.PolicyOwner),
        ("POST /policies/trials", Roles.PolicyOwner | Roles.PolicyApprover),
        ("POST /rates/drafts", Roles.PolicyOwner),
        ("GET /proposals", Roles.Readers | Roles.Admin),
        ("GET /proposals/{proposal}", Roles.Readers | Roles.Admin),
        ("POST /proposals/{proposal}/approve", Roles.Approver | Roles.PolicyApprover | Roles.Admin),
        ("POST /proposals/{proposal}/reject", Roles.Approver | Roles.PolicyApprover | Roles.Admin),
        ("GET /policy", Roles.Readers | Roles.Admin),
        ("GET /policy/parameters", Roles.Readers | Roles.Admin),
        ("GET /rates", Roles.Readers | Roles.Admin),
        ("GET /global-hold", Roles.Readers | Roles.Admin),
        ("POST /global-hold", Roles.Analyst | Roles.Approver),
        ("GET /keys", Roles.Admin | Roles.Auditor),
        ("POST /keys", Roles.Admin),
        ("DELETE /keys/{prefix}", Roles.Admin),
        ("GET /live", Roles.Readers),
        ("GET /board", Roles.Readers),
        ("GET /board/tiles", Roles.Readers),
        ("GET /board/words", Roles.Readers),
        ("GET /board/trend", Roles.Readers),
        ("GET /board/movers", Roles.Readers),
        ("GET /board/concentration", Roles.Readers),
        ("GET /board/lines", Roles.Readers),
        ("GET /board/export", Roles.Readers),
        ("GET /search", Roles.Readers),
        ("POST /holds/bulk", Roles.Analyst | Roles.Approver),
        ("GET /customers/{customer}/holds/{order}/notes", Roles.Readers),
        ("POST /customers/{customer}/holds/{order}/notes", Roles.Viewer | Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/holds/{order}/withdraw", Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/holds/{order}/look", Roles.Analyst | Roles.Approver),
        ("DELETE /customers/{customer}/holds/{order}/look", Roles.Analyst | Roles.Approver),
        ("GET /users", Roles.Admin | Roles.Auditor),
        ("POST /users", Roles.Admin),
        ("DELETE /users/{user}", Roles.Admin),
        ("GET /views", Roles.Readers | Roles.Admin),
        ("POST /views", Roles.Readers | Roles.Admin),
        ("DELETE /views/{view}", Roles.Readers | Roles.Admin),
        ("GET /settings", Roles.Readers | Roles.Admin),
        ("POST /settings", Roles.Readers | Roles.Admin),
        ("GET /warnings", Roles.Readers),
        ("POST /warnings/{warning}/take", Roles.Analyst | Roles.Approver),
        ("POST /warnings/{warning}/snooze", Roles.Analyst | Roles.Approver),
        ("POST /warnings/{warning}/resolve", Roles.Analyst | Roles.Approver),
        ("POST /warnings/{warning}/tag", Roles.Analyst | Roles.Approver),
        ("GET /alerts", Roles.Readers),
        ("GET /alert-notes", Roles.Readers),
        ("GET /deliveries", Roles.Readers),
        ("GET /silences", Roles.Readers),
        ("GET /channels", Roles.Readers | Roles.Admin),
        ("GET /alert-tags", Roles.Readers),
        ("POST /alert-acts", Roles.Analyst | Roles.Approver),
        ("POST /silences", Roles.Analyst | Roles.Approver),
        ("DELETE /silences/{silence}", Roles.Analyst | Roles.Approver),
        ("POST /channels/{channel}/test", Roles.Admin),
        ("POST /channels/{channel}/credentials", Roles.Admin),
        ("GET /channels/{channel}/credentials", Roles.Admin | Roles.Auditor),
        ("POST /customers/{customer}/letters", Roles.Analyst | Roles.Approver),
        ("POST /letter-runs", Roles.Analyst | Roles.Approver),
        ("GET /customers/{customer}/letters", Roles.Readers),
        ("GET /customers/{customer}/contact", Roles.Analyst | Roles.Approver | Roles.Auditor),
        ("PUT /customers/{customer}/contact", Roles.Analyst | Roles.Approver),
        ("DELETE /customers/{customer}/contact", Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/promises", Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/promises/{promise}/withdrawals", Roles.Analyst | Roles.Approver),
        ("GET /customers/{customer}/promises", Roles.Readers),
        ("GET /customers/{customer}/payments", Roles.Readers),
        ("GET /customers/{customer}/history/{entry}/effect", Roles.Readers),
        ("GET /customers/{customer}/limit/effect", Roles.Readers),
        ("POST /customers/{customer}/plans", Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/plans/{plan}/ends", Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/statements/{statement}/answers", Roles.Analyst | Roles.Approver),
        ("POST /customers/{customer}/statements/{statement}/ledger", Roles.Analyst | Roles.Approver),
        ("GET /customers/{customer}/statements", Roles.Readers),
    ];

    [Fact]
    public void Every_route_has_a_row_and_every_row_a_route()
    {
        var routes = ((IEndpointRouteBuilder)service.App).DataSources.SelectMany(s => s.Endpoints).Select(e => e.Metadata.GetMetadata<RouteSpec>()).OfType<RouteSpec>()
            .Select(s => $"{s.Method} {s.Pattern["/api/v1".Length..]}");
        Assert.Equal(Table.Select(t => t.Route).Order(StringComparer.Ordinal), routes.Order(StringComparer.Ordinal));
    }

    /// <summary>The document is what others build on: it tells for every route the roles of the table.</summary>
    [Fact]
    public async Task Document_tells_the_roles_of_the_table()
    {
        using var document = System.Text.Json.JsonDocument.Parse((await service.SendAsync(null, "GET", "/openapi.json", null, null)).Body);
        var told = document.RootElement.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(o =>
            $"{o.Name.ToUpperInvariant()} {path.Name["/api/v1".Length..]}: {o.Value.GetProperty("description").GetString()}"));
        Roles[] single = [Roles.Viewer, Roles.Analyst, Roles.Approver, Roles.PolicyOwner, Roles.PolicyApprover, Roles.Admin, Roles.Auditor, Roles.Service];
        Assert.Equal(Table.Select(t => $"{t.Route}: Roles: {string.Join(", ", single.Where(one => t.May.HasFlag(one)))}.").Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_role_may_what_the_table_says_and_nothing_else()
    {
        foreach (var (route, may) in Table)
        {
            var (method, path) = (route.Split(' ')[0], route.Split(' ')[1]);
            // Nothing of this exists, so that what is allowed changes nothing: the answer is another error than 401 and 403.
            path = path.Replace("{customer}", "NOBODY", StringComparison.Ordinal).Replace("{order}", "NONE", StringComparison.Ordinal).Replace("{entry}", "0-999999-0", StringComparison.Ordinal)
                .Replace("{proposal}", "none", StringComparison.Ordinal).Replace("{reservation}", "NONE", StringComparison.Ordinal).Replace("{prefix}", "none", StringComparison.Ordinal).Replace("{exclusion}", "NONE", StringComparison.Ordinal).Replace("{card}", "none", StringComparison.Ordinal);
            var body = method == "POST" ? "{\"nonsense\":1}"u8.ToArray() : null;
            Assert.Equal((401, "NO_KEY"), await CodeAsync(null));
            Assert.Equal((401, "NO_KEY"), await CodeAsync("em_00000000_" + new string('0', 64)));
            foreach (var role in KeyRing.Single)
            {
                var (code, problem) = await CodeAsync(role.ToString());
                if ((may & role) == 0) Assert.True((code, problem) == (403, "ROLE"), $"{route} as {role}: {code} {problem}");
                else Assert.True(code is not (401 or 403) and < 500, $"{route} as {role}: {code} {problem}");
            }

            async Task<(int, string?)> CodeAsync(string? who)
            {
                var reply = await service.SendAsync(who, method, path, body, body is null ? null : "application/json");
                return (reply.Code, reply.Code >= 400 ? reply.Problem : null);
            }
        }
    }

    [Fact]
    public async Task Health_and_metrics_need_no_key_and_name_no_customer()
    {
        var customer = await service.CustomerAsync();
        Assert.Equal("live", (await service.SendAsync(null, "GET", "/health/live", null, null)).Body);
        Assert.Equal("ready", (await service.SendAsync(null, "GET", "/health/ready", null, null)).Body);
        var metrics = (await service.SendAsync(null, "GET", "/metrics", null, null)).Body;
        Assert.Contains("exposure_events_total{", metrics, StringComparison.Ordinal);
        Assert.Contains("exposure_limit_amount{segment=\"TRADE\",currency=\"EUR\"}", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(customer, metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_carry_the_headers_of_a_careful_service()
    {
        var headers = (await service.GetAsync("Viewer", "/portfolio")).Headers;
        foreach (var header in new[] { "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer", "Cache-Control: no-store", "Content-Security-Policy: default-src 'none'" })
            Assert.Contains(header, headers, StringComparison.Ordinal);
        Assert.DoesNotContain("Server:", headers, StringComparison.Ordinal);
    }
}
