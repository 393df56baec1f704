using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using ExposureMonitor.Alerts.Tests;
using MimeKit;
using Xunit;
using Xunit.Abstractions;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>A reminder and a statement on their whole way: drafted, approved, in the mailbox of a real server, answered.</summary>
public sealed class Letters(ITestOutputHelper output)
{
    private static readonly DateOnly Today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    [EximFact]
    public async Task Reminder_goes_to_the_customer_after_a_second_person_agreed_and_his_answers_come_back()
    {
        using var work = new Workplace();
        await using var exim = await EximServer.StartAsync();
        var file = await ChannelsAsync(work, exim);
        Environment.SetEnvironmentVariable("LETTERS_PASSWORD", "geheim");
        var (service, url, keys) = await ExposureProcess.ServeAsync(work.Folder, work.Database, "--channels", file);
        using (service)
        {
            using var erp = Client(url, keys["service"]);
            using var analyst = Client(url, keys["analyst"]);
            using var approver = Client(url, keys["approver"]);
            await EventsAsync(erp, "C-7",
                ("credit.customer.opened.v1", new { currency = "EUR", name = "华东机电 <b>GmbH</b>" }), ("credit.invoice.posted.v1", Invoice("RE-1", "1000000", -75, -45)), ("credit.invoice.posted.v1", Invoice("RE-2", "250000", -45, -10)),
                ("credit.invoice.posted.v1", Invoice("RE-3", "90000", -5, 25)), ("credit.invoice.posted.v1", Invoice("RE-4", "70000", -20, 3)), ("credit.payment.received.v1", new { paymentId = "P-1", amount = "400000", currency = "EUR", valueOn = Text(-15), cleared = true }),
                ("credit.payment.allocated.v1", new { allocationId = "A-1", fromId = "P-1", allocatedOn = Text(-15), items = new[] { new { itemId = "RE-1", amount = "400000" } } }));

            // Without a reader there is no letter, and the one who drafts is told.
            Assert.Equal("NO_CONTACT", await CodeAsync(await PostAsync(analyst, "customers/C-7/letters", new { kind = "dunning" }, "k0")));
            using var put = await analyst.PutAsJsonAsync("customers/C-7/contact", new { email = "payables@customer.example", name = "华东机电", language = "zh" });
            Assert.Equal(204, (int)put.StatusCode);
            using var injected = await analyst.PutAsJsonAsync("customers/C-7/contact", new { email = "a@b.example\r\nBcc: x@y.example" });
            Assert.Equal(400, (int)injected.StatusCode);

            var drafts = await JsonAsync(await PostAsync(analyst, "customers/C-7/letters", new { kind = "dunning" }, "k1"), 202);
            var draft = drafts.GetProperty("drafts")[0];
            Assert.Equal((4, "payables@customer.example"), (draft.GetProperty("level").GetInt32(), draft.GetProperty("to").GetString()));
            Assert.Equal(["RE-1", "RE-2"], draft.GetProperty("items").EnumerateArray().Select(i => i.GetString()));
            // 45 days at 10.15 %, the last 15 on what is left: as the core computes it, and 40 EUR a debt.
            Assert.Equal((600_000 + 250_000 + Round(Interest(1_000_000, 30) + Interest(600_000, 15)) + Round(Interest(250_000, 10)) + 8_000).ToString(CultureInfo.InvariantCulture), draft.GetProperty("total").GetString());

            var proposal = (await GetAsync(approver, "proposals?state=Open")).GetProperty("proposals")[0];
            Assert.Equal(("Letter", "C-7"), (proposal.GetProperty("kind").GetString(), proposal.GetProperty("customer").GetString()));
            Assert.Empty((await GetAsync(analyst, "customers/C-7/letters")).GetProperty("letters").EnumerateArray());
            await JsonAsync(await PostAsync(approver, $"proposals/{proposal.GetProperty("id").GetString()}/approve", null, "k2"), 200);

            var mail = (await exim.MailsAsync(1)).Single();
            Assert.Equal("payables@customer.example", mail.To.Mailboxes.Single().Address);
            Assert.Equal("controller@example.com", mail.ReplyTo.Mailboxes.Single().Address);
            Assert.Contains("正式催款函", mail.Subject!, StringComparison.Ordinal);
            var sent = mail.TextBody!;
            foreach (var item in (string[])["RE-1", "RE-2", "6,000.00", "2,500.00", "40.00", "欧盟 2011/7/EU"]) Assert.Contains(item, sent, StringComparison.Ordinal);
            // What falls due in three days has no place in a formal notice.
            foreach (var item in (string[])["RE-3", "RE-4"]) Assert.DoesNotContain(item, sent, StringComparison.Ordinal);
            var letter = await LetterAsync(analyst, "Delivered");
            Assert.Equal(draft.GetProperty("id").GetString(), letter.GetProperty("id").GetString());
            output.WriteLine($"{mail.Subject}\n{mail.TextBody}");

            // It stands in the account: the level is known, and nobody is asked twice.
            Assert.Contains((await GetAsync(analyst, "customers/C-7/history")).GetProperty("entries").EnumerateArray(), e => e.GetProperty("type").GetString() == "credit.dunning.sent.v1" && e.GetProperty("outcome").GetString() == "Applied");
            var reminder = (await JsonAsync(await PostAsync(analyst, "customers/C-7/letters", new { kind = "dunning" }, "k3"), 202)).GetProperty("drafts").EnumerateArray().Single();
            Assert.Equal((-1, "RE-4", true), (reminder.GetProperty("level").GetInt32(), reminder.GetProperty("items").EnumerateArray().Single().GetString(), reminder.GetProperty("subject").GetString()!.StartsWith("付款到期提醒", StringComparison.Ordinal)));
            var unwanted = (await GetAsync(approver, "proposals?state=Open")).GetProperty("proposals")[0].GetProperty("id").GetString();
            await JsonAsync(await PostAsync(approver, $"proposals/{unwanted}/reject?reason=they+have+called", null, "k3r"), 200);

            await JsonAsync(await PostAsync(analyst, "customers/C-7/promises", new { promiseId = "PR-1", amount = "600000", currency = "EUR", promisedOn = Text(3), items = new[] { "RE-1" }, madeBy = "Wang" }, "k4"), 200);
            Assert.Equal("Open", await PromiseAsync(analyst));
            await EventsAsync(erp, "C-7", ("credit.payment.received.v1", new { paymentId = "P-2", amount = "580000", currency = "EUR", valueOn = Text(0), cleared = true }),
                ("credit.payment.allocated.v1", new { allocationId = "A-2", fromId = "P-2", allocatedOn = Text(0), items = new[] { new { itemId = "RE-1", amount = "580000" } } }));
            Assert.Equal("Kept", await PromiseAsync(analyst));

            await StatementAsync(analyst, approver, exim);
        }

        Assert.Equal(0, await ExposureProcess.RunAsync(work.Folder, null, "verify", "--db", work.Database));
    }

    private static async Task StatementAsync(HttpClient analyst, HttpClient approver, EximServer exim)
    {
        var drafts = await JsonAsync(await PostAsync(analyst, "customers/C-7/letters", new { kind = "statement", from = Text(-60), to = Text(0) }, "s1"), 202);
        var id = drafts.GetProperty("drafts")[0].GetProperty("id").GetString()!;
        // Opening 10,000; three invoices of 2,500, 900 and 700; receipts of 4,000 and 5,800.
        Assert.Equal("430000", drafts.GetProperty("drafts")[0].GetProperty("total").GetString());
        var proposal = (await GetAsync(approver, "proposals?state=Open")).GetProperty("proposals")[0].GetProperty("id").GetString();
        // Who drafts does not decide.
        Assert.Equal(403, (int)(await PostAsync(analyst, $"proposals/{proposal}/approve", null, "s2")).StatusCode);
        await JsonAsync(await PostAsync(approver, $"proposals/{proposal}/approve", null, "s3"), 200);
        var mails = await exim.MailsAsync(2);
        var mail = mails.Single(m => m.Subject!.Contains("对账单", StringComparison.Ordinal));
        foreach (var item in (string[])["RE-2", "RE-3", "P-1", "P-2", "10,000.00", "4,300.00", id]) Assert.Contains(item, mail.TextBody, StringComparison.Ordinal);
        Assert.All(mails, m => Assert.Equal("payables@customer.example", m.To.Mailboxes.Single().Address));

        var compared = await JsonAsync(await PostAsync(analyst, $"customers/C-7/statements/{id}/ledger", new
        {
            lines = new[] { new { document = "re 2", on = Text(-45), amount = "250000" }, new { document = "RE-4", on = Text(-20), amount = "70000" }, new { document = "bank-77", on = Text(-14), amount = "-400000" }, new { document = "RE-3", on = Text(-5), amount = "89000" } },
        }, "s4"), 200);
        Assert.Equal(("Differences", 3), (compared.GetProperty("answer").GetString(), compared.GetProperty("matched").GetInt32()));
        Assert.Equal(["P-2", "RE-3"], compared.GetProperty("differences").EnumerateArray().Select(d => d.GetProperty("document").GetString()!).Order(StringComparer.Ordinal));
        var stood = (await GetAsync(analyst, "customers/C-7/statements")).GetProperty("statements")[0];
        Assert.Equal((id, "Differences"), (stood.GetProperty("statementId").GetString(), stood.GetProperty("answer").GetString()));
    }

    private static async Task<string> ChannelsAsync(Workplace work, EximServer exim)
    {
        var file = Path.Combine(work.Folder, "channels.yaml");
        await File.WriteAllTextAsync(file, $$"""
            channels:
              mail:
                type: email
                host: localhost
                port: {{exim.StartTlsPort}}
                user: desk
                password: ${LETTERS_PASSWORD}
                certificate_sha256: "{{exim.CertificateSha256}}"
                from: Credit desk <desk@exposure.example>
                to: [controller@example.com]
            letters: mail
            interest:
              regime: eu
              references: { "2000-01-01": 2.15 }
            route: { to: [] }
            """);
        return file;
    }

    private static object Invoice(string id, string amount, int issued, int due) => new { invoiceId = id, amount, currency = "EUR", issuedOn = Text(issued), dueOn = Text(due) };

    private static string Text(int days) => Today.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Each debt is rounded once; the two spans of the first one together.</summary>
    private static decimal Interest(long open, int days) => open * 0.1015m * days / 365m;

    private static long Round(decimal minor) => (long)Math.Round(minor, MidpointRounding.AwayFromZero);

    private static HttpClient Client(Uri url, string key)
    {
        var http = new HttpClient { BaseAddress = url };
        http.DefaultRequestHeaders.Add("X-Api-Key", key);
        return http;
    }

    private static async Task EventsAsync(HttpClient erp, string customer, params (string Type, object Data)[] events)
    {
        var n = 0;
        using var reply = await erp.PostAsJsonAsync("events", events.Select(e => new Dictionary<string, object>
        {
            ["specversion"] = "1.0", ["id"] = $"{e.Type}-{customer}-{Guid.NewGuid():N}-{n++}", ["type"] = e.Type, ["source"] = "test", ["subject"] = customer, ["time"] = TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture), ["data"] = e.Data,
        }));
        var told = await JsonAsync(reply, 200);
        Assert.All(told.GetProperty("results").EnumerateArray(), r => Assert.Equal("Applied", r.GetProperty("outcome").GetString()));
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient http, string what, object? body, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, what) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key);
        return await http.SendAsync(request);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage reply, int status)
    {
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True((int)reply.StatusCode == status, $"{(int)reply.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage reply) => JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString();

    private static Task<JsonElement> GetAsync(HttpClient http, string what) => http.GetFromJsonAsync<JsonElement>(what)!;

    private static async Task<string?> PromiseAsync(HttpClient http) => (await GetAsync(http, "customers/C-7/promises")).GetProperty("promises")[0].GetProperty("state").GetString();

    private static async Task<JsonElement> LetterAsync(HttpClient http, string state)
    {
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var turns = 0; turns < 200; turns++)
        {
            if ((await GetAsync(http, "customers/C-7/letters")).GetProperty("letters") is var letters && letters.GetArrayLength() == 1 && letters[0].GetProperty("state").GetString() == state) return letters[0];
            await often.WaitForNextTickAsync();
        }

        Assert.Fail($"The letter is not {state}.");
        return default;
    }
}
