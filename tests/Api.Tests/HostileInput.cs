using System.Globalization;
using System.Text;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>Malformed requests of every kind: a problem that says what, where and what was expected; never a 5xx, and nothing changes.</summary>
public sealed class HostileInput(Service service, Xunit.Abstractions.ITestOutputHelper log) : IClassFixture<Service>
{
    public static TheoryData<string, string, string> Checks => new()
    {
        { "", "NOT_JSON", "" },
        { "{", "NOT_JSON", "$" },
        { "[]", "BAD_VALUE", "object" },
        { "null", "BAD_VALUE", "object" },
        { "{\"amount\":1}", "MISSING_FIELD", "currency" },
        { "{\"currency\":\"EUR\"}", "MISSING_FIELD", "amount" },
        { "{\"amount\":\"1.5\",\"currency\":\"EUR\"}", "BAD_AMOUNT", "$.amount" },
        { "{\"amount\":1e400,\"currency\":\"EUR\"}", "BAD_AMOUNT", "$.amount" },
        { "{\"amount\":-1,\"currency\":\"EUR\"}", "BAD_AMOUNT", "$.amount" },
        { "{\"amount\":0,\"currency\":\"EUR\"}", "BAD_AMOUNT", "$.amount" },
        { "{\"amount\":99999999999999999999999999999,\"currency\":\"EUR\"}", "BAD_AMOUNT", "$.amount" },
        { "{\"amount\":\"\\u0661\",\"currency\":\"EUR\"}", "BAD_AMOUNT", "$.amount" },
        { "{\"amount\":true,\"currency\":\"EUR\"}", "BAD_AMOUNT", "$.amount" },
        { "{\"amount\":{},\"currency\":\"EUR\"}", "BAD_AMOUNT", "$.amount" },
        { "{\"amount\":1,\"currency\":\"XQX\"}", "UNKNOWN_CURRENCY", "$.currency" },
        { "{\"amount\":1,\"currency\":\"eur\"}", "UNKNOWN_CURRENCY", "$.currency" },
        { "{\"amount\":1,\"currency\":7}", "UNKNOWN_CURRENCY", "$.currency" },
        { "{\"amount\":1,\"amount\":2,\"currency\":\"EUR\"}", "DUPLICATE_KEY", "'amount' twice" },
        { "{\"amount\":1,\"currency\":\"EUR\",\"wish\":1}", "UNKNOWN_MEMBER", "'wish'" },
        { "{\"amount\":1,\"wish\":1,\"currency\":\"EUR\",\"hope\":2}", "UNKNOWN_MEMBER", "'wish' and 1 more" },
        { "{\"amount\":1,\n nope}", "NOT_JSON", "line 2, byte 2" },
        { "{\"amount\":1,\"currency\":\"EUR\",\"shipOn\":\"2026-02-30\"}", "BAD_DATE", "$.shipOn" },
        { "{\"amount\":1,\"currency\":\"EUR\",\"shipOn\":\"9999-12-31\"}", "BAD_DATE", "$.shipOn" },
        { "{\"amount\":1,\"currency\":\"EUR\",\"orderId\":\"../etc\"}", "BAD_ID", "$.orderId" },
        { "{\"amount\":1,\"currency\":\"EUR\",\"orderId\":\"O\\u202e\"}", "BAD_ID", "$.orderId" },
        { "{\"amount\":1,\"currency\":\"EUR\",\"terms\":\"\\ud800\"}", "NOT_JSON", "$" },
        { "{\"amount\":1,\"currency\":\"EUR\",\"liveMinutes\":99999999}", "BAD_NUMBER", "$.liveMinutes" },
        { "\uFEFF{}", "MISSING_FIELD", "$.amount" },
    };

    [Theory]
    [MemberData(nameof(Checks))]
    public async Task Wrong_check_is_told_and_reserves_nothing(string body, string code, string where)
    {
        var customer = await service.CustomerAsync();
        var before = (await service.GetAsync("Viewer", "/customers/" + customer)).Body;
        foreach (var path in new[] { $"/customers/{customer}/credit-checks", $"/customers/{customer}/credit-checks/what-if" })
        {
            var reply = await service.PostAsync("Service", path, body);
            // An empty body of a command is an object without members.
            Assert.Equal(body.Length == 0 && !path.EndsWith("what-if", StringComparison.Ordinal) ? "MISSING_FIELD" : code, reply.Problem);
            Assert.Equal(400, reply.Code);
            Assert.Contains(where, reply.Text("detail"), StringComparison.Ordinal);
        }

        Assert.Equal(before, (await service.GetAsync("Viewer", "/customers/" + customer)).Body);
    }

    /// <summary>What is no HTTP never reaches a route: the web server itself answers, without a body, and goes on.</summary>
    [Theory]
    [InlineData("GET /api/v1/customers/%00 HTTP/1.1\r\nHost: a\r\n\r\n", "400")]
    [InlineData("GET /api/v1/portfolio HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", "400")]
    [InlineData("GET /api/v1/portfolio HTTP/1.1\r\n\r\n", "400")]
    [InlineData("GET http://[ HTTP/1.1\r\nHost: a\r\n\r\n", "400")]
    public async Task What_is_no_http_gets_a_bare_answer(string request, string status)
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(service.Address.Host, service.Address.Port);
        using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.StartsWith("HTTP/1.1 " + status, await reader.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Equal(200, (await service.GetAsync("Viewer", "/portfolio")).Code);
    }

    [Fact]
    public async Task Depth_size_and_media_are_bounded()
    {
        var customer = await service.CustomerAsync();
        var path = $"/customers/{customer}/credit-checks";
        Assert.Equal("TOO_DEEP", (await service.PostAsync("Service", path, string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 100))).Problem);
        Assert.Equal("TOO_LARGE", (await service.PostAsync("Service", path, new string(' ', Desk.CommandMax + 1))).Problem);
        Assert.Equal("TOO_LARGE", (await service.PostAsync("Service", "/events", new string(' ', Desk.EventsMax + 1))).Problem);
        Assert.Equal("MEDIA_TYPE", (await service.SendAsync("Service", "POST", path, "amount=1"u8.ToArray(), "application/x-www-form-urlencoded")).Problem);
        Assert.Equal("MEDIA_TYPE", (await service.SendAsync("Service", "POST", "/events", "<a/>"u8.ToArray(), "text/xml")).Problem);
        Assert.Equal("BATCH_SIZE", (await service.SendAsync("Service", "POST", "/events", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("1\n", 6_000))), "application/x-ndjson")).Problem);
        Assert.Equal("NOT_JSON", (await service.SendAsync("Service", "POST", path, [0xC0, 0xAF, 0xFF], "application/json")).Problem);
    }

    [Theory]
    [InlineData("/customers/%20/limit", 400, "BAD_ID")]
    [InlineData("/customers/a%2Fb", 400, "BAD_ID")]
    [InlineData("/customers/NOBODY", 404, "UNKNOWN_CUSTOMER")]
    [InlineData("/customers/NOBODY/limit", 404, "UNKNOWN_CUSTOMER")]
    [InlineData("/customers/NOBODY/history", 404, "UNKNOWN_CUSTOMER")]
    [InlineData("/customers/NOBODY/history/1-2", 400, "BAD_ENTRY")]
    [InlineData("/customers/NOBODY/as-of?at=yesterday", 400, "BAD_TIME")]
    [InlineData("/portfolio?limit=0", 400, "BAD_LIMIT")]
    [InlineData("/portfolio?limit=501", 400, "BAD_LIMIT")]
    [InlineData("/portfolio?limit=many", 400, "BAD_LIMIT")]
    [InlineData("/portfolio?cursor=x", 400, "BAD_CURSOR")]
    [InlineData("/portfolio?cursor=0123456789abcdef.5", 410, "CURSOR_GONE")]
    [InlineData("/portfolio?sort=luck", 400, "BAD_SORT")]
    [InlineData("/portfolio?minUtilisation=-1", 400, "BAD_FILTER")]
    [InlineData("/portfolio?segmnt=RETAIL", 400, "UNKNOWN_QUERY")]
    [InlineData("/customers/NOBODY?deep=1", 400, "UNKNOWN_QUERY")]
    [InlineData("/portfolio/aggregates?by=mood", 400, "BAD_GROUP")]
    [InlineData("/orders?state=Lost", 400, "BAD_STATE")]
    [InlineData("/orders?state=3", 400, "BAD_STATE")]
    [InlineData("/orders?cursor=a~b~c", 400, "BAD_CURSOR")]
    [InlineData("/decisions?cursor=1.2.3", 400, "BAD_CURSOR")]
    [InlineData("/nowhere", 404, "NO_ROUTE")]
    [InlineData("/proposals/none", 404, "NO_PROPOSAL")]
    public async Task Wrong_address_is_told(string path, int status, string code)
    {
        var reply = await service.GetAsync("Viewer", path);
        Assert.Equal((code, status), (reply.Problem, reply.Code));
    }

    [Fact]
    public async Task Wrong_method_is_told()
    {
        Assert.Equal("METHOD", (await service.SendAsync("Viewer", "PUT", "/portfolio", null, null)).Problem);
        Assert.Equal(405, (await service.SendAsync("Viewer", "PUT", "/portfolio", null, null)).Code);
    }

    [Fact]
    public async Task Bad_events_harm_no_good_ones_between_them()
    {
        var customer = await service.CustomerAsync();
        var good = System.Text.Json.JsonSerializer.Serialize(service.Event("invoice.posted", customer, new { invoiceId = "I1", amount = 5, currency = "EUR", issuedOn = Service.Today, dueOn = Service.Today }));
        var unknown = good.Replace("credit.invoice.posted.v1", "credit.miracle.v1", StringComparison.Ordinal);
        var body = Encoding.UTF8.GetBytes($"{{\n{unknown}\n{good}\nnull\n[[[[[\n");
        var results = (await service.SendAsync("Service", "POST", "/events", body, "application/x-ndjson")).Json.GetProperty("results").EnumerateArray()
            .Select(r => r.GetProperty("outcome").GetString() + " " + (r.TryGetProperty("reason", out var reason) ? reason.GetString() : "")).ToArray();
        Assert.Equal(["Undecodable NOT_JSON", "Undecodable UNKNOWN_TYPE", "Applied ", "Undecodable NULL_BODY", "Undecodable NOT_JSON"], results);
        Assert.Equal("5", (await service.GetAsync("Viewer", "/customers/" + customer)).Text("gross"));
    }

    [Theory]
    [InlineData("application/x-ndjson", "{")]
    [InlineData("application/cloudevents-batch+json", "[{}]")]
    [InlineData("application/json", "[{}]")]
    [InlineData("application/protobuf", "\u000a\u0002\u0008\u0001")]
    public async Task A_batch_of_one_is_answered_as_a_batch(string media, string body)
    {
        var reply = await service.SendAsync("Service", "POST", "/events", Encoding.UTF8.GetBytes(body), media);
        Assert.Equal(200, reply.Code);
        Assert.Equal("Undecodable", Assert.Single(reply.Json.GetProperty("results").EnumerateArray()).GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData("application/json", "{}", "BAD_ENVELOPE")]
    [InlineData("application/cloudevents+json", "{", "NOT_JSON")]
    [InlineData("application/protobuf", "\u0008\u0001", "BAD_ENVELOPE")]
    [InlineData("application/protobuf", "\u0008\u0001\u0012", "NOT_PROTOBUF")]
    public async Task A_bad_event_alone_is_a_problem_that_names_its_dead_letter(string media, string body, string code)
    {
        var reply = await service.SendAsync("Service", "POST", "/events", Encoding.UTF8.GetBytes(body), media);
        Assert.Equal((400, code), (reply.Code, reply.Problem));
        var letter = await service.GetAsync("Auditor", "/dead-letters/" + reply.Text("deadLetter"));
        Assert.Equal(("Undecodable", code), (letter.Text("outcome"), letter.Text("reason")));
    }

    /// <summary>Addresses of all routes, with something in the place of each name.</summary>
    private IEnumerable<(string Method, string Path)> Routes() => ((Microsoft.AspNetCore.Routing.IEndpointRouteBuilder)service.App).DataSources.SelectMany(s => s.Endpoints).Select(e => e.Metadata.GetMetadata<RouteSpec>()).OfType<RouteSpec>()
        .Select(s => (s.Method, System.Text.RegularExpressions.Regex.Replace(s.Pattern["/api/v1".Length..].Replace("{customer}", "{c}", StringComparison.Ordinal), "\\{(?!c\\})[a-z]+\\}", "O1")));

    /// <summary>Requests made of routes, fragments and mutations; <c>EXPOSURE_FUZZ</c> says how many, up to 100,000.</summary>
    [Fact]
    public async Task Fuzzed_requests_never_break_the_service_nor_move_a_figure()
    {
        var rounds = Math.Min(100_000, int.Parse(Environment.GetEnvironmentVariable("EXPOSURE_FUZZ") ?? "3000", CultureInfo.InvariantCulture));
        var dice = new Random(20_261);
        var customer = await service.CustomerAsync();
        await service.OrderAsync(customer, 5_000_00);
        var before = await FiguresAsync();
        var answers = new SortedDictionary<int, int>();
        // Every route that there is with its own method; and addresses with any method.
        var routes = Routes().ToList();
        string[] paths = ["/events", "/customers/{c}/credit-checks", "/customers/{c}/credit-checks/what-if", "/customers/{c}/limit-requests", "/customers/{c}/limit-decisions", "/customers/{c}/holds/O1/approve",
            "/customers/{c}/holds/O1/request-release", "/customers/{c}/temporary-limits", "/customers/{c}/seasonal-limits", "/policies/drafts", "/rates/drafts", "/global-hold", "/keys", "/proposals/p/approve",
            "/dead-letters/0-1-0/replay", "/portfolio", "/orders", "/decisions", "/customers/{c}", "/live", "/customers/{c}/history/0-1-0", "/keys/em_1",
            "/holds/bulk", "/warnings/x%2Fy/take", "/warnings/x/resolve", "/views", "/views/v", "/settings", "/users", "/users/u", "/board", "/board/tiles", "/board/export", "/search", "/session", "/session/password", "/session/provider/back", "/customers/{c}/holds/O1/look"];
        string[] seeds = ["{\"act\":\"approve\",\"items\":[{\"customer\":\"C\",\"order\":\"O1\"}],\"figuresOpened\":true}", "{\"user\":\"u\",\"password\":\"p\"}", "{\"name\":\"n\",\"address\":\"/board\",\"shared\":true}", "{\"amount\":1,\"currency\":\"EUR\",\"orderId\":\"O9\"}", "{\"kind\":\"Amount\",\"amount\":5,\"version\":1}", "{\"on\":true,\"reason\":\"r\"}",
            "{\"subject\":\"s\",\"roles\":[\"Viewer\"]}", "{\"requestId\":\"r\",\"approve\":true}", "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"credit.order.placed.v1\",\"subject\":\"X\",\"time\":\"2026-01-01T00:00:00Z\",\"data\":{}}"];
        string[] pieces = ["{", "}", "[", "]", "null", "\"", ",", ":", "1e400", "-0", "NaN", "9223372036854775808", "\\ud800", "\u202e", "\0", "true", "'; DROP TABLE frame;--", "<script>", "=cmd()", "\"amount\":", "\r\n", "0x1F", "\"version\":-1"];
        string[] methods = ["POST", "POST", "POST", "GET", "DELETE"];
        for (var round = 0; round < rounds; round++)
        {
            var text = new StringBuilder(seeds[dice.Next(seeds.Length)]);
            for (var cuts = 1 + dice.Next(4); cuts > 0; cuts--)
            {
                var at = dice.Next(text.Length + 1);
                if (dice.Next(2) == 0) text.Insert(at, pieces[dice.Next(pieces.Length)]);
                else if (at < text.Length) text.Remove(at, Math.Min(text.Length - at, 1 + dice.Next(6)));
            }

            // Broken for certain: what is mutated may still be a valid command.
            if (dice.Next(8) != 0) text.Append('}');
            else text.Clear().Append("{\"wish\":").Append(round).Append('}');
            var (method, path) = dice.Next(4) > 0 ? routes[dice.Next(routes.Count)] : (methods[dice.Next(methods.Length)], paths[dice.Next(paths.Length)]);
            path = path.Replace("{c}", dice.Next(4) == 0 ? "N%20" + round : customer, StringComparison.Ordinal);
            if (dice.Next(3) == 0) path += $"?{new[] { "wish", "limit", "cursor", "band", "sort", "page", "q", "columns" }[dice.Next(8)]}={Uri.EscapeDataString(pieces[dice.Next(pieces.Length)])}";
            var role = KeyRing.Single[dice.Next(KeyRing.Single.Count)].ToString();
            var reply = await service.SendAsync(role, method, path, method == "GET" ? null : Encoding.UTF8.GetBytes(text.ToString()), method == "GET" ? null : "application/json");
            Assert.True(reply.Code < 500, $"Round {round}: {role} {method} {path} {text}: {reply.Code} {reply.Body}");
            if (reply.Code >= 400) _ = reply.Problem;
            answers[reply.Code] = answers.GetValueOrDefault(reply.Code) + 1;
        }

        log.WriteLine($"{rounds} requests over {routes.Count} routes and {paths.Length} addresses, by status: {string.Join(", ", answers.Select(a => $"{a.Key}: {a.Value}"))}; no figure moved");

        Assert.Equal(before, await FiguresAsync());
        Assert.True(service.Engine.IsReady);

        async Task<string> FiguresAsync() => (await service.GetAsync("Viewer", $"/customers/{customer}/documents")).Body + (await service.GetAsync("Viewer", $"/customers/{customer}/limit")).Body
            + (await service.GetAsync("Viewer", "/global-hold")).Body + (await service.GetAsync("Viewer", "/policy")).Body;
    }
}
