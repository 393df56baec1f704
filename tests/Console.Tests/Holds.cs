using System.Text.Json;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ExposureMonitor.Console.Tests;

/// <summary>The hold queue in a real browser: two people, one decision, nothing in silence.</summary>
[Collection(InBrowser.Name)]
public sealed class Holds(Browser browser)
{
    private const string Text = "The bank has confirmed the transfer.";

    /// <summary>Check 7, and by keyboard alone as check 13 asks.</summary>
    [BrowserFact]
    public async Task No_proposal_goes_without_a_code_and_a_text()
    {
        await using var house = await HeldAsync();
        await using var visit = await Visit.LiveAsync(browser, house, "alice", "/holds/ACME/O1");
        await visit.At("steps").WaitForAsync();
        await visit.Page.Keyboard.PressAsync("r");
        await visit.At("reason-code").WaitForAsync();
        await visit.Page.Keyboard.PressAsync("Control+Enter");
        await Expect(visit.Page.Locator(".field .error")).ToHaveCountAsync(2);
        Assert.Equal("OnHold", await StateAsync(house));
        foreach (var (body, code) in new[] { ("{}", "REASON_CODE_MISSING"), ("{\"reason\":\"" + Text + "\"}", "REASON_CODE_MISSING"), ("{\"reasonCode\":\"OTHER\",\"reason\":\"short\"}", "REASON_TOO_SHORT"), ("{\"reasonCode\":\"PAYMENT_IN_TRANSIT\",\"reason\":\"" + Text + "\"}", "EXPECTED_ON_MISSING") })
        {
            var told = await visit.Page.EvaluateAsync<string>("""
                async (body) => {
                  const me = await (await fetch("/api/v1/session")).json();
                  const answer = await fetch("/api/v1/customers/ACME/holds/O1/request-release", { method: "POST", body, headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID(), "X-Csrf-Token": me.csrf } });
                  return answer.status + " " + (await answer.json()).code;
                }
                """, body);
            Assert.Equal("422 " + code, told);
        }

        Assert.Equal("OnHold", await StateAsync(house));
        await visit.Page.Keyboard.PressAsync("P");
        await visit.At("reason-code").SelectOptionAsync("PAYMENT_PROMISED");
        await visit.Page.Keyboard.PressAsync("Tab");
        await visit.Page.Keyboard.TypeAsync(Text);
        await visit.Page.Keyboard.PressAsync("Control+Enter");
        await visit.At("done").WaitForAsync();
        Assert.Equal("PendingApproval", await StateAsync(house));
        visit.NoComplaints();
    }

    /// <summary>Check 8.</summary>
    [BrowserFact]
    public async Task One_proposes_another_confirms_and_the_order_system_hears_it_once()
    {
        await using var house = await HeldAsync();
        await using var max = await Visit.LiveAsync(browser, house, "max", "/holds/ACME/O1");
        await ProposeAsync(max);
        await Expect(max.At("confirm")).ToHaveAttributeAsync("aria-disabled", "true");
        await Expect(max.Page.GetByText("You proposed this; another person confirms it.")).ToBeVisibleAsync();
        var own = await max.Page.EvaluateAsync<int>("""
            async () => {
              const me = await (await fetch("/api/v1/session")).json();
              return (await fetch("/api/v1/customers/ACME/holds/O1/approve", { method: "POST", body: "{}", headers: { "Content-Type": "application/json", "Idempotency-Key": "own", "X-Csrf-Token": me.csrf } })).status;
            }
            """);
        Assert.Equal(403, own);
        await using var bob = await Visit.LiveAsync(browser, house, "bob", "/holds/ACME/O1");
        await Expect(bob.At("proposal")).ToContainTextAsync(Text);
        await Expect(bob.At("then-gross")).ToHaveAttributeAsync("data-value", "0");
        await bob.At("confirm").ClickAsync();
        await bob.At("submit").ClickAsync();
        await bob.At("done").WaitForAsync();
        await Expect(bob.At("message")).ToContainTextAsync("decided");
        var records = (await house.GetAsync("/hold-records?customer=ACME&subject=O1")).GetProperty("rows").EnumerateArray().ToList();
        var released = Assert.Single(records, r => r.GetProperty("step").GetString() == "credit.order.released.v1");
        Assert.Equal("max", released.GetProperty("actor").GetString());
        Assert.Equal("bob", released.GetProperty("approver").GetString());
        Assert.Contains(Text, released.GetProperty("reason").GetString(), StringComparison.Ordinal);
        // The figures of the hold and those of the release stand in their records.
        Assert.True(released.TryGetProperty("figures", out _) && records[^1].TryGetProperty("figures", out _));
        await using var vera = await Visit.OpenAsync(browser, house, "vera", "/audit?customer=ACME");
        await Expect(vera.At("audit")).ToContainTextAsync("max");
        await Expect(vera.At("audit")).ToContainTextAsync("bob");
    }

    /// <summary>Check 9.</summary>
    [BrowserFact]
    public async Task Of_two_people_at_once_one_decides_and_the_other_keeps_what_was_typed()
    {
        await using var house = await HeldAsync();
        await using var alice = await Visit.OpenAsync(browser, house, "alice", "/holds/ACME/O1");
        await using var max = await Visit.OpenAsync(browser, house, "max", "/holds/ACME/O1");
        await alice.LiveAsync();
        await max.LiveAsync();
        await FillAsync(alice, "propose");
        await FillAsync(max, "propose");
        await Expect(max.At("taken")).ToContainTextAsync("alice");
        // Two clicks in one go are one decision.
        await max.At("submit").DblClickAsync();
        await max.At("done").WaitForAsync();
        // By the keyboard: what she is told just now may move the button away under a pointer.
        await alice.At("reason-text").PressAsync("Control+Enter");
        await Expect(alice.At("conflict")).ToHaveAttributeAsync("data-by", "max");
        await Expect(alice.At("conflict")).ToHaveAttributeAsync("data-status", "409");
        Assert.Equal(Text, await alice.At("reason-text").InputValueAsync());
        var requested = (await house.GetAsync("/hold-records?customer=ACME&subject=O1")).GetProperty("rows").EnumerateArray().Count(r => r.GetProperty("step").GetString() == "hold.release-requested");
        Assert.Equal(1, requested);
    }

    /// <summary>Check 16.</summary>
    [BrowserFact]
    public async Task A_payment_releases_the_order_that_it_cures_and_nobody_clicked()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00);
        await house.InvoiceAsync("ACME", "I1", 900_00);
        await house.OrderAsync("ACME", "O1", 500_00);
        await using var visit = await Visit.LiveAsync(browser, house, "alice", "/holds");
        await Expect(visit.At("hold")).ToHaveCountAsync(1);
        await house.PaymentAsync("ACME", "PAY-7", 900_00);
        var row = visit.Page.Locator("tr[data-order='O1'].struck");
        await row.WaitForAsync();
        await Expect(row.GetByTestId("gone")).ToContainTextAsync("released by rule");
        var released = (await house.GetAsync("/hold-records?customer=ACME&subject=O1&limit=1")).GetProperty("rows")[0];
        Assert.Equal("credit.order.released.v1", released.GetProperty("step").GetString());
        var cause = released.GetProperty("causes")[0].GetString()!;
        await Expect(row.GetByTestId("gone")).ToContainTextAsync(cause);
        Assert.Equal("PAY-7", (await house.GetAsync($"/customers/ACME/history/{cause}")).GetProperty("event").GetProperty("data").GetProperty("paymentId").GetString());
        Assert.True(!released.TryGetProperty("actor", out var actor) || actor.GetString() is "" or "rule", released.ToString());
    }

    [BrowserFact]
    public async Task Many_are_proposed_and_confirmed_together_with_a_result_each()
    {
        await using var house = await House.OpenAsync();
        foreach (var i in new[] { 1, 2, 3 })
        {
            await house.CustomerAsync("C" + i, 100_00);
            await house.OrderAsync("C" + i, "O" + i, 500_00);
        }

        await using var alice = await Visit.LiveAsync(browser, house, "alice", "/holds");
        foreach (var i in new[] { 1, 2, 3 }) await alice.Page.Locator($"tr[data-order='O{i}'] input").CheckAsync();
        await alice.At("bulk-code").SelectOptionAsync("SMALL_AMOUNT");
        await alice.At("bulk-text").FillAsync("All of them are small and well known.");
        await alice.At("bulk-submit").ClickAsync();
        await Expect(alice.At("bulk-results").Locator("[data-status='200']")).ToHaveCountAsync(3);
        await using var bob = await Visit.LiveAsync(browser, house, "bob", "/holds?tab=confirm");
        foreach (var i in new[] { 1, 2, 3 }) await bob.Page.Locator($"tr[data-order='O{i}'] input").CheckAsync();
        await Expect(bob.At("bulk-submit")).ToHaveAttributeAsync("aria-disabled", "true");
        await bob.At("bulk-figures").ClickAsync();
        await Expect(bob.At("bulk-submit")).ToHaveAttributeAsync("aria-disabled", "false");
        // A list that was closed before another order was chosen has not shown that order.
        await bob.At("bulk-figures").ClickAsync();
        await bob.Page.Locator("tr[data-order='O1'] input").UncheckAsync();
        await Expect(bob.At("bulk-submit")).ToHaveAttributeAsync("aria-disabled", "true");
        await bob.Page.Locator("tr[data-order='O1'] input").CheckAsync();
        await bob.At("bulk-figures").ClickAsync();
        await bob.At("bulk-submit").ClickAsync();
        await Expect(bob.At("bulk-results").Locator("[data-status='200']")).ToHaveCountAsync(3);
        Assert.Empty((await house.GetAsync("/holds")).GetProperty("holds").EnumerateArray());
    }

    internal static async Task FillAsync(Visit visit, string act)
    {
        await visit.At(act).ClickAsync();
        await visit.At("reason-code").SelectOptionAsync("PAYMENT_PROMISED");
        await visit.At("reason-text").FillAsync(Text);
    }

    internal static async Task ProposeAsync(Visit visit)
    {
        await FillAsync(visit, "propose");
        await visit.At("submit").ClickAsync();
        await visit.At("done").WaitForAsync();
    }

    private static async Task<House> HeldAsync()
    {
        var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00);
        await house.OrderAsync("ACME", "O1", 5_000_00);
        return house;
    }

    private static async Task<string> StateAsync(House house) => (await house.GetAsync("/customers/ACME/holds/O1")).GetProperty("state").GetString()!;
}
