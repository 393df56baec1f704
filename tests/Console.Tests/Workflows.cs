using System.Globalization;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ExposureMonitor.Console.Tests;

/// <summary>What people do around a held order besides deciding: talk, assign, set conditions, take back, work with two hundred.</summary>
[Collection(InBrowser.Name)]
public sealed class Workflows(Browser browser)
{
    [BrowserFact]
    public async Task A_held_order_is_talked_about_and_assigned_and_everybody_sees_it()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00);
        await house.OrderAsync("ACME", "O1", 2_000_00);
        await using var alice = await Visit.OpenAsync(browser, house, "alice", "/holds/ACME/O1");
        await using var max = await Visit.OpenAsync(browser, house, "max", "/holds");
        await alice.LiveAsync();
        await SayAsync(alice, "ask", "What was agreed with them?", to: "sam");
        await SayAsync(alice, "assign", "", to: "max");
        await Expect(alice.At("assigned")).ToContainTextAsync("max");
        await Expect(max.At("hold")).ToContainTextAsync("max");
        // The next free one is the one that is his.
        await max.At("take-next").ClickAsync();
        await Expect(max.At("talk")).ToContainTextAsync("What was agreed with them?");
        await SayAsync(max, "comment", "Thirty days, in writing.");
        await Expect(max.At("talk").Locator("li")).ToHaveCountAsync(3);
        await max.At("check-again").ClickAsync();
        await Expect(max.At("checked")).ToContainTextAsync("1 reason");
        max.NoComplaints();
    }

    [BrowserFact]
    public async Task A_proposal_is_taken_back_by_the_one_who_made_it_and_by_nobody_else()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00);
        await house.OrderAsync("ACME", "O1", 2_000_00);
        await using var alice = await Visit.LiveAsync(browser, house, "alice", "/holds/ACME/O1");
        await Holds.ProposeAsync(alice);
        await using var max = await Visit.OpenAsync(browser, house, "max", "/holds/ACME/O1");
        await max.At("proposal").WaitForAsync();
        await Expect(max.At("withdraw")).ToHaveCountAsync(0);
        var told = await max.Page.EvaluateAsync<string>("async () => { const me = await (await fetch('/api/v1/session')).json(); const r = await fetch('/api/v1/customers/ACME/holds/O1/withdraw', { method: 'POST', headers: { 'Idempotency-Key': 'w', 'X-Csrf-Token': me.csrf } }); return r.status + ' ' + (await r.json()).code; }");
        Assert.Equal("403 NOT_YOURS", told);
        await alice.At("withdraw").ClickAsync();
        await alice.At("propose").WaitForAsync();
        Assert.Equal("OnHold", (await house.GetAsync("/customers/ACME/holds/O1")).GetProperty("state").GetString());
    }

    /// <summary>Conditional release: a temporary limit for the order, agreed to by a second person; a part amount and a prepayment that a rule sees.</summary>
    [BrowserFact]
    public async Task An_order_goes_by_rule_when_its_condition_is_met()
    {
        await using var house = await House.OpenAsync();
        foreach (var customer in new[] { "ACME", "BETA", "GAMMA" })
        {
            await house.CustomerAsync(customer, 1_000_00);
            await house.InvoiceAsync(customer, "I" + customer, 900_00);
            await house.OrderAsync(customer, "O" + customer, 300_00);
        }

        await using var alice = await Visit.LiveAsync(browser, house, "alice", "/holds/ACME/OACME");
        await SayAsync(alice, "temporary", "Season begins, they always pay in May.", amount: "1300", until: House.Day(10));
        await Expect(alice.At("talk-form").Locator(".done")).ToBeVisibleAsync();
        await using var bob = await Visit.LiveAsync(browser, house, "bob", "/limits");
        var row = bob.At("proposal-row").First;
        await row.WaitForAsync();
        await bob.At("approve-" + await row.GetAttributeAsync("data-id")).ClickAsync();
        await Expect(alice.At("no-hold")).ToBeVisibleAsync();
        await Expect(alice.At("steps")).ToContainTextAsync("released");
        // The part amount: the order is cut, and fits.
        await alice.Page.GotoAsync("/holds/BETA/OBETA");
        await alice.LiveAsync();
        await SayAsync(alice, "part", "Half now.", amount: "100");
        await Expect(alice.At("talk")).ToContainTextAsync("100");
        await house.TellAsync("order.changed", "BETA", new { orderId = "OBETA", version = 2, amount = 100_00, currency = "EUR", shipOn = House.Day(3) });
        await Expect(alice.At("no-hold")).ToBeVisibleAsync();
        // The prepayment: the money comes, and a rule lets the order go.
        await alice.Page.GotoAsync("/holds/GAMMA/OGAMMA");
        await alice.LiveAsync();
        await SayAsync(alice, "prepayment", "They wire it today.", amount: "300", until: House.Day(2));
        await house.PaymentAsync("GAMMA", "P1", 300_00);
        await Expect(alice.At("no-hold")).ToBeVisibleAsync();
        await Expect(alice.At("steps")).ToContainTextAsync("released");
        alice.NoComplaints();
    }

    /// <summary>Two hundred at once, with a result each; one more is refused, and says so.</summary>
    [BrowserFact]
    public async Task Two_hundred_orders_are_proposed_in_one_go()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00);
        for (var i = 1; i <= 201; i++) await house.OrderAsync("ACME", "O" + i.ToString("000", CultureInfo.InvariantCulture), 1_001_00);
        await using var alice = await Visit.OpenAsync(browser, house, "alice", "/holds");
        var told = await alice.Page.EvaluateAsync<string>("""
            async () => {
              const me = await (await fetch("/api/v1/session")).json();
              const ask = async (n) => {
                const items = Array.from({ length: n }, (_, i) => ({ customer: "ACME", order: "O" + String(i + 1).padStart(3, "0") }));
                const r = await fetch("/api/v1/holds/bulk", { method: "POST", headers: { "Content-Type": "application/json", "Idempotency-Key": "b" + n, "X-Csrf-Token": me.csrf }, body: JSON.stringify({ act: "request-release", items, reasonCode: "PAYMENT_PROMISED", reason: "They promised it for Friday." }) });
                const body = await r.json();
                return r.status + ":" + (body.results ? body.results.filter((x) => x.status === 200).length : body.code);
              };
              return (await ask(201)) + " " + (await ask(200));
            }
            """);
        Assert.Equal("400:BAD_BULK 200:200", told);
    }

    private static async Task SayAsync(Visit visit, string kind, string text, string? to = null, string? amount = null, string? until = null)
    {
        await visit.At("talk-kind").SelectOptionAsync(kind);
        if (to is not null) await visit.At("talk-to").FillAsync(to);
        if (amount is not null) await visit.At("talk-amount").FillAsync(amount);
        if (until is not null) await visit.At("talk-until").FillAsync(until);
        await visit.At("talk-text").FillAsync(text);
        var before = await visit.At("talk").Locator("li").CountAsync();
        await visit.At("talk-submit").ClickAsync();
        if (kind != "temporary") await Expect(visit.At("talk").Locator("li")).ToHaveCountAsync(before + 1);
    }
}
