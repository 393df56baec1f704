using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>Sessions of people: what they prove, what they open, how they end.</summary>
public sealed class SignIns(Service service) : IClassFixture<Service>
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task A_session_opens_what_the_person_may_and_a_change_needs_its_token()
    {
        var who = await PersonAsync(Roles.Analyst);
        using var browser = new Person(service);
        Assert.Equal(401, (await browser.GetAsync("/portfolio")).Code);
        var me = await browser.SignInAsync(who, Password);
        Assert.Equal(who, me.GetProperty("user").GetString());
        Assert.Equal(200, (await browser.GetAsync("/portfolio")).Code);
        Assert.Equal("ROLE", (await browser.GetAsync("/keys")).Problem);
        var view = new { name = "Mine", address = "/board?band=over", shared = false };
        Assert.Equal("CSRF", (await browser.PostAsync("/views", view, csrf: "")).Problem);
        Assert.Equal("CSRF", (await browser.PostAsync("/views", view, csrf: new string('0', 32))).Problem);
        Assert.Equal("CSRF", (await browser.PostAsync("/views", view, origin: "https://elsewhere.example")).Problem);
        Assert.Equal(200, (await browser.PostAsync("/views", view)).Code);
        Assert.Contains("HttpOnly", browser.Cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("SameSite=Strict", browser.Cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Wrong_names_and_passwords_are_told_alike_and_many_have_to_wait()
    {
        var who = await PersonAsync(Roles.Viewer);
        using var browser = new Person(service);
        var nobody = await browser.TryAsync("nobody-at-all", Password);
        for (var i = 0; i < 5; i++)
        {
            var wrong = await browser.TryAsync(who, "wrong password " + i);
            Assert.Equal((nobody.Code, nobody.Problem), (wrong.Code, wrong.Problem));
        }

        // Also the right one waits now, or guessing would go on.
        Assert.Equal("TOO_MANY_TRIES", (await browser.TryAsync(who, Password)).Problem);
        service.Clock.Turn(TimeSpan.FromSeconds(31));
        Assert.Equal(200, (await browser.TryAsync(who, Password)).Code);
    }

    [Fact]
    public async Task A_session_ends_when_idle_and_after_its_whole_time_and_survives_a_restart()
    {
        var who = await PersonAsync(Roles.Viewer);
        using var browser = new Person(service);
        await browser.SignInAsync(who, Password);
        await service.RestartAsync();
        browser.Moved();
        Assert.Equal(200, (await browser.GetAsync("/portfolio")).Code);
        for (var minutes = 0; minutes < 60; minutes += 10)
        {
            service.Clock.Turn(TimeSpan.FromMinutes(10));
            Assert.Equal(200, (await browser.GetAsync("/portfolio")).Code);
        }

        service.Clock.Turn(TimeSpan.FromMinutes(16));
        Assert.Equal(401, (await browser.GetAsync("/portfolio")).Code);
        await browser.SignInAsync(who, Password);
        for (var minutes = 0; minutes < 8 * 60; minutes += 10)
        {
            Assert.Equal(200, (await browser.GetAsync("/portfolio")).Code);
            service.Clock.Turn(TimeSpan.FromMinutes(10));
        }

        Assert.Equal(401, (await browser.GetAsync("/portfolio")).Code);
    }

    [Fact]
    public async Task What_the_house_takes_away_is_gone_at_once()
    {
        var who = await PersonAsync(Roles.Analyst);
        using var browser = new Person(service);
        await browser.SignInAsync(who, Password);
        Assert.Equal(200, (await browser.GetAsync("/portfolio")).Code);
        Assert.Equal(204, (await service.SendAsync("Admin", "DELETE", "/users/" + who, null, null)).Code);
        Assert.Equal(401, (await browser.GetAsync("/portfolio")).Code);
        Assert.Equal("WRONG", (await browser.TryAsync(who, Password)).Problem);
    }

    [Fact]
    public async Task A_person_is_asked_for_by_one_and_agreed_to_by_another_and_chooses_a_password()
    {
        var who = service.New("newcomer");
        var asked = await service.PostAsync("Admin", "/users", new { subject = who, roles = new[] { "Analyst" } });
        Assert.Equal(202, asked.Code);
        var (given, proposal) = (asked.Text("password"), asked.Json.GetProperty("proposal").GetProperty("id").GetString());
        using var browser = new Person(service);
        Assert.Equal("WRONG", (await browser.TryAsync(who, given)).Problem);
        Assert.Equal("SELF_APPROVAL", (await service.PostAsync("Admin", $"/proposals/{proposal}/approve")).Problem);
        Assert.Equal(200, (await service.PostAsync("Second", $"/proposals/{proposal}/approve")).Code);
        var me = await browser.SignInAsync(who, given);
        Assert.True(me.GetProperty("mustChange").GetBoolean());
        Assert.Equal("PASSWORD_CHANGE", (await browser.GetAsync("/portfolio")).Problem);
        Assert.Equal("WEAK_PASSWORD", (await browser.PostAsync("/session/password", new { old = given, @new = "short" })).Problem);
        Assert.Equal(200, (await browser.PostAsync("/session/password", new { old = given, @new = Password })).Code);
        await browser.SignInAsync(who, Password);
        Assert.Equal(200, (await browser.GetAsync("/portfolio")).Code);
        // Whoever could give him a new password would have his rights.
        Assert.Equal(409, (await service.PostAsync("Admin", "/users", new { subject = who, roles = new[] { "Approver" } })).Code);
        Assert.Equal(422, (await service.PostAsync("Admin", "/users", new { subject = service.New("s"), roles = new[] { "Service" } })).Code);
        Assert.DoesNotContain(Password, service.Everything(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_text_of_a_persons_key_opens_nothing()
    {
        var who = await PersonAsync(Roles.Admin);
        var prefix = service.Ring.List().Single(k => k.Subject == who).Prefix;
        Assert.Equal(401, (await service.GetAsync(prefix + "_" + new string('0', 64), "/keys")).Code);
    }

    [Fact]
    public async Task Reasons_are_those_of_the_policy_in_force()
    {
        var who = await PersonAsync(Roles.Analyst);
        var customer = await service.CustomerAsync();
        var (first, second) = (await service.OrderAsync(customer, 5_000_00), await service.OrderAsync(customer, 6_000_00));
        using var browser = new Person(service);
        await browser.SignInAsync(who, Password);
        string Path(string order) => $"/customers/{customer}/holds/{order}/request-release";
        await ActivateAsync(("reason/KEY_CUSTOMER/release", "0"), ("reason/PRICE_DISPUTE/release", "1"), ("reason/PRICE_DISPUTE/day", "1"));
        var refused = await browser.PostAsync(Path(first), new { reasonCode = "KEY_CUSTOMER", reason = "a text that is long enough" });
        Assert.Equal("BAD_REASON_CODE", refused.Problem);
        Assert.Contains("PRICE_DISPUTE", refused.Body, StringComparison.Ordinal);
        Assert.Equal("EXPECTED_ON_MISSING", (await browser.PostAsync(Path(first), new { reasonCode = "PRICE_DISPUTE", reason = "a text that is long enough" })).Problem);
        Assert.Equal(200, (await browser.PostAsync(Path(first), new { reasonCode = "PRICE_DISPUTE", expectedOn = "2026-12-24", reason = "a text that is long enough" })).Code);
        Assert.Equal("PRICE_DISPUTE 2026-12-24: a text that is long enough", (await service.GetAsync("Viewer", $"/customers/{customer}/holds/{first}")).Text("requestReason"));
        await ActivateAsync();
        Assert.Equal(200, (await browser.PostAsync(Path(second), new { reasonCode = "KEY_CUSTOMER", reason = "a text that is long enough" })).Code);

        async Task ActivateAsync(params (string Name, string Value)[] told)
        {
            var version = (await service.GetAsync("Viewer", "/policy")).Json.GetProperty("version").GetInt64() + 1;
            var draft = await service.PostAsync("PolicyOwner", "/policies/drafts", new { policyId = "house", version, parameters = told.Select(t => new { name = t.Name, value = t.Value }) });
            Assert.Equal("Approved", (await service.PostAsync("PolicyApprover", $"/proposals/{draft.Text("id")}/approve")).Text("state"));
        }
    }

    [Fact]
    public async Task A_reason_needs_a_code_and_a_text_from_whoever_signs_in()
    {
        var who = await PersonAsync(Roles.Analyst);
        var customer = await service.CustomerAsync();
        var order = await service.OrderAsync(customer, 5_000_00);
        using var browser = new Person(service);
        await browser.SignInAsync(who, Password);
        var path = $"/customers/{customer}/holds/{order}/request-release";
        Assert.Equal("REASON_CODE_MISSING", (await browser.PostAsync(path, new { reason = "a text that is long enough" })).Problem);
        Assert.Equal("BAD_REASON_CODE", (await browser.PostAsync(path, new { reasonCode = "LUCK", reason = "a text that is long enough" })).Problem);
        Assert.Equal("REASON_TOO_SHORT", (await browser.PostAsync(path, new { reasonCode = "OTHER", reason = "short" })).Problem);
        Assert.Equal("EXPECTED_ON_MISSING", (await browser.PostAsync(path, new { reasonCode = "PAYMENT_IN_TRANSIT", reason = "a text that is long enough" })).Problem);
        Assert.Equal(200, (await browser.PostAsync(path, new { reasonCode = "PAYMENT_IN_TRANSIT", expectedOn = "2026-12-24", reason = "a text that is long enough" })).Code);
        Assert.Equal("PAYMENT_IN_TRANSIT 2026-12-24: a text that is long enough", (await service.GetAsync("Viewer", $"/customers/{customer}/holds/{order}")).Text("requestReason"));
        // Whoever comes second learns who was first.
        var late = await service.PostAsync("Both", path, new { reasonCode = "OTHER", reason = "somebody else was faster" });
        Assert.Equal((409, "ALREADY_REQUESTED"), (late.Code, late.Problem));
        Assert.Equal(who, late.Text("by"));
    }

    [Fact]
    public async Task Views_and_settings_belong_to_people()
    {
        using var one = new Person(service);
        using var other = new Person(service);
        await one.SignInAsync(await PersonAsync(Roles.Viewer), Password);
        await other.SignInAsync(await PersonAsync(Roles.Viewer), Password);
        var hidden = (await one.PostAsync("/views", new { name = "Hidden", address = "/board?band=over", shared = false })).Text("id");
        var shared = (await one.PostAsync("/views", new { name = "Shared", address = "/holds", shared = true })).Text("id");
        var seen = (await other.GetAsync("/views")).Json.GetProperty("views").EnumerateArray().Select(v => v.GetProperty("id").GetString()).ToList();
        Assert.Contains(shared, seen);
        Assert.DoesNotContain(hidden, seen);
        Assert.Equal("NO_VIEW", (await other.SendAsync("DELETE", "/views/" + shared)).Problem);
        foreach (var address in new[] { "//evil.example", "https://evil.example", "board", "/\u0001" }) Assert.Equal("BAD_VIEW", (await one.PostAsync("/views", new { name = "x", address, shared = false })).Problem);
        Assert.Equal(204, (await one.PostAsync("/settings", new { lang = "zh" })).Code);
        Assert.Equal("zh", (await one.GetAsync("/settings")).Text("lang"));
        Assert.Equal("{}", (await other.GetAsync("/settings")).Body);
    }

    private async Task<string> PersonAsync(Roles roles)
    {
        var who = service.New("person");
        await service.People.CreateAtConsoleAsync(new KeyWish(who, roles), Password);
        return who;
    }
}

/// <summary>Somebody with a browser: cookies are kept, and the token of the session is sent with what changes something.</summary>
internal sealed class Person : IDisposable
{
    private readonly Service _service;
    private readonly HttpClientHandler _handler = new() { CookieContainer = new CookieContainer(), AllowAutoRedirect = false };
    private readonly HttpClient _http;
    private string _csrf = "";

    internal Person(Service service)
    {
        _service = service;
        _http = new HttpClient(_handler);
    }

    internal string Cookie { get; private set; } = "";

    /// <summary>The service stands at another port now; a browser would keep the cookie, since a port is no part of its place.</summary>
    internal void Moved()
    {
        foreach (var cookie in _handler.CookieContainer.GetAllCookies().ToList()) _handler.CookieContainer.Add(_service.Address, new Cookie(cookie.Name, cookie.Value));
    }

    internal async Task<JsonElement> SignInAsync(string who, string password)
    {
        var told = await TryAsync(who, password);
        Assert.True(told.Code == 200, told.Body);
        _csrf = told.Text("csrf");
        return told.Json;
    }

    internal Task<Reply> TryAsync(string who, string password) => SendAsync("POST", "/session", new { user = who, password });

    internal Task<Reply> GetAsync(string path) => SendAsync("GET", path);

    internal async Task<Reply> PostAsync(string path, object body, string? csrf = null, string? origin = null)
    {
        var reply = await SendAsync("POST", path, body, csrf, origin);
        if (path == "/session/password" && reply.Code == 200) _csrf = reply.Text("csrf");
        return reply;
    }

    internal async Task<Reply> SendAsync(string method, string path, object? body = null, string? csrf = null, string? origin = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_service.Address, "/api/v1" + path));
        request.Headers.Add("Idempotency-Key", _service.New("p-"));
        if (method != "GET") request.Headers.TryAddWithoutValidation("X-Csrf-Token", csrf ?? _csrf);
        if (origin is not null) request.Headers.TryAddWithoutValidation("Origin", origin);
        if (body is not null) request.Content = JsonContent.Create(body);
        using var answer = await _http.SendAsync(request);
        if (answer.Headers.TryGetValues("Set-Cookie", out var cookies)) Cookie = string.Join('\n', cookies);
        return new Reply(answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync(), null, answer.Headers.ToString());
    }

    /// <summary>Follows no redirect: tells where it would lead.</summary>
    internal async Task<(int Code, Uri? Target, string Body)> VisitAsync(Uri address)
    {
        using var answer = await _http.GetAsync(address);
        return ((int)answer.StatusCode, answer.Headers.Location, await answer.Content.ReadAsStringAsync());
    }

    public void Dispose()
    {
        _http.Dispose();
        _handler.Dispose();
    }
}
