using ExposureMonitor.Domain;
using System.Globalization;
using System.Text;
using ExposureMonitor.Engine;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>Nobody decides alone: releases, limits, policies, rates, the global hold, replays.</summary>
public sealed class FourEyes(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task Requester_may_not_approve_the_own_release()
    {
        var (path, _) = await HeldAsync(2_000_00);
        Assert.Equal(200, (await service.PostAsync("Both", path + "/request-release", new { reason = "good customer" })).Code);
        Assert.Equal("SELF_APPROVAL", (await service.PostAsync("Both", path + "/approve")).Problem);
        var released = await service.PostAsync("Approver", path + "/approve");
        Assert.Contains("credit.order.released.v1", released.Body, StringComparison.Ordinal);
        Assert.Equal("NOT_ON_HOLD", (await service.GetAsync("Viewer", path)).Problem);
    }

    [Fact]
    public async Task Two_keys_of_one_person_are_one_person()
    {
        service.Key("Both", Roles.Analyst | Roles.Approver, -1);
        var (path, _) = await HeldAsync(2_000_00);
        await service.PostAsync("Both", path + "/request-release", new { reason = "x" });
        Assert.Equal("SELF_APPROVAL", (await service.PostAsync("Both", path + "/approve")).Problem);
    }

    [Fact]
    public async Task Approver_needs_authority_for_the_amount()
    {
        var (path, _) = await HeldAsync(100_000_01);
        await service.PostAsync("Analyst", path + "/request-release", new { reason = "x" });
        Assert.Equal("AUTHORITY", (await service.PostAsync("Approver", path + "/approve")).Problem);
        Assert.Equal(200, (await service.PostAsync("Second", path + "/approve")).Code);
    }

    [Fact]
    public async Task Approval_of_figures_that_moved_is_a_conflict()
    {
        var (path, _) = await HeldAsync(2_000_00);
        await service.PostAsync("Analyst", path + "/request-release", new { reason = "x" });
        Assert.Equal("VERSION_CONFLICT", (await service.PostAsync("Approver", path + "/approve", new { orderVersion = 77 })).Problem);
        Assert.Equal("PendingApproval", (await service.GetAsync("Viewer", path)).Text("state"));
    }

    [Fact]
    public async Task Request_may_be_turned_down_and_an_order_rejected_or_forced_on_hold()
    {
        var (path, customer) = await HeldAsync(2_000_00);
        await service.PostAsync("Analyst", path + "/request-release", new { reason = "x" });
        Assert.Equal(200, (await service.PostAsync("Approver", path + "/reject-release", new { reason = "no" })).Code);
        Assert.Equal("OnHold", (await service.GetAsync("Viewer", path)).Text("state"));
        Assert.Equal(200, (await service.PostAsync("Analyst", path + "/reject-order", new { reason = "no" })).Code);
        Assert.Equal("NOT_ON_HOLD", (await service.GetAsync("Viewer", path)).Problem);
        var order = await service.OrderAsync(customer, 1);
        Assert.Equal(200, (await service.PostAsync("Analyst", $"/customers/{customer}/holds/{order}/force", new { reason = "odd" })).Code);
        Assert.True((await service.GetAsync("Viewer", $"/customers/{customer}/holds/{order}")).Json.GetProperty("forced").GetBoolean());
    }

    [Fact]
    public async Task Limit_is_asked_by_one_and_decided_by_another()
    {
        var customer = await service.CustomerAsync();
        var asked = await service.PostAsync("Both", $"/customers/{customer}/limit-requests", new { kind = "Amount", amount = "200000000", version = 1, reason = "grows" });
        var request = asked.Json.GetProperty("effects")[0].GetProperty("requestId").GetString();
        Assert.Equal("SELF_APPROVAL", (await service.PostAsync("Both", $"/customers/{customer}/limit-decisions", new { requestId = request, approve = true })).Problem);
        Assert.Equal("AUTHORITY", (await service.PostAsync("Approver", $"/customers/{customer}/limit-decisions", new { requestId = request, approve = true })).Problem);
        Assert.Equal(200, (await service.PostAsync("Second", $"/customers/{customer}/limit-decisions", new { requestId = request, approve = true })).Code);
        Assert.Equal("200000000", (await service.GetAsync("Viewer", $"/customers/{customer}/limit")).Text("effective"));
    }

    [Fact]
    public async Task Temporary_limit_takes_effect_with_its_approval()
    {
        var customer = await service.CustomerAsync();
        var body = new { temporaryId = "T1", amount = 5_000_00, currency = "EUR", from = DateTimeOffset.UtcNow.AddDays(-1), to = DateTimeOffset.UtcNow.AddDays(3), reason = "season" };
        var asked = await service.PostAsync("Both", $"/customers/{customer}/temporary-limits", body);
        Assert.Equal(202, asked.Code);
        var path = "/proposals/" + asked.Text("id");
        Assert.Equal("100000", (await service.GetAsync("Viewer", $"/customers/{customer}/limit")).Text("effective"));
        Assert.Equal("SELF_APPROVAL", (await service.PostAsync("Both", path + "/approve")).Problem);
        Assert.Equal("ROLE", (await service.PostAsync("PolicyApprover", path + "/approve")).Problem);
        var done = await service.PostAsync("Approver", path + "/approve");
        Assert.Equal("Approved", done.Text("state"));
        Assert.Equal("500000", (await service.GetAsync("Viewer", $"/customers/{customer}/limit")).Text("effective"));
        var entry = await service.GetAsync("Viewer", $"/customers/{customer}/history/{done.Text("entry")}");
        Assert.Contains("proposed by Both, approved by Approver", entry.Body, StringComparison.Ordinal);
        Assert.Equal(200, (await service.PostAsync("Approver", path + "/approve")).Code);
        Assert.Equal("DECIDED", (await service.PostAsync("Second", path + "/approve")).Problem);
    }

    [Fact]
    public async Task Temporary_and_seasonal_limits_need_authority()
    {
        var customer = await service.CustomerAsync(90_000_00);
        var temporary = await service.PostAsync("Analyst", $"/customers/{customer}/temporary-limits",
            new { temporaryId = "T1", amount = 100_000_01, currency = "EUR", from = DateTimeOffset.UtcNow, to = DateTimeOffset.UtcNow.AddDays(3) });
        Assert.Equal("AUTHORITY", (await service.PostAsync("Approver", $"/proposals/{temporary.Text("id")}/approve")).Problem);
        var season = await service.PostAsync("Analyst", $"/customers/{customer}/seasonal-limits", new { seasonId = "S", fromMonthDay = 101, toMonthDay = 1231, upliftBp = 5_000 });
        Assert.Equal("AUTHORITY", (await service.PostAsync("Approver", $"/proposals/{season.Text("id")}/approve")).Problem);
        Assert.Equal(200, (await service.PostAsync("Second", $"/proposals/{season.Text("id")}/approve")).Code);
        Assert.Equal("13500000", (await service.GetAsync("Viewer", $"/customers/{customer}/limit")).Text("effective"));
    }

    [Fact]
    public async Task Policy_and_rate_are_drafted_by_one_and_approved_by_another()
    {
        var version = (await service.GetAsync("Viewer", "/policy")).Json.GetProperty("version").GetInt64() + 1;
        var draft = await service.PostAsync("PolicyOwner", "/policies/drafts", new { policyId = "house", version, parameters = new[] { new { name = "graceDays", value = "7" } } });
        Assert.Equal("ROLE", (await service.PostAsync("PolicyOwner", $"/proposals/{draft.Text("id")}/approve")).Problem);
        Assert.Equal("ROLE", (await service.PostAsync("Approver", $"/proposals/{draft.Text("id")}/approve")).Problem);
        Assert.Equal("Approved", (await service.PostAsync("PolicyApprover", $"/proposals/{draft.Text("id")}/approve")).Text("state"));
        Assert.Contains("graceDays", (await service.GetAsync("Viewer", "/policy")).Body, StringComparison.Ordinal);
        var rate = await service.PostAsync("PolicyOwner", "/rates/drafts", new { from = "USD", to = "EUR", rate = "0.9", asOf = DateTimeOffset.UtcNow });
        Assert.Equal("Approved", (await service.PostAsync("PolicyApprover", $"/proposals/{rate.Text("id")}/approve")).Text("state"));
        Assert.Contains("USD", (await service.GetAsync("Viewer", "/rates")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_drafts_a_policy_is_told_what_each_parameter_means()
    {
        var told = (await service.GetAsync("Viewer", "/policy/parameters")).Json.GetProperty("parameters").EnumerateArray().Select(p => (Name: p.GetProperty("name").GetString()!, Bounds: (p.GetProperty("default").GetString()!, p.GetProperty("least").GetString()!, p.GetProperty("most").GetString()!), Meaning: p.GetProperty("meaning").GetString()!)).ToList();
        Assert.Equal(Policy.Parameters.Select(p => p.Name), told.Select(p => p.Name));
        Assert.Contains(("horizonDays", ("60", "0", "999"), "Orders that ship later than so many days ahead do not count."), told);
        // An amount has no end.
        Assert.Equal(("0", "0", ""), told.Single(p => p.Name == "rule.5.amount").Bounds);
        Assert.All(told, p => Assert.True(p.Meaning.Length > 10, p.Name));
    }

    [Fact]
    public async Task Bad_policy_is_refused_and_changes_nothing()
    {
        var before = (await service.GetAsync("Viewer", "/policy")).Body;
        var draft = await service.PostAsync("PolicyOwner", "/policies/drafts", new { policyId = "house", version = 900, parameters = new[] { new { name = "noSuchRule", value = "7" } } });
        Assert.Equal("BAD_POLICY", draft.Problem);
        var old = await service.PostAsync("PolicyOwner", "/policies/drafts", new { policyId = "house", version = 1, parameters = Array.Empty<object>() });
        Assert.Equal(409, (await service.PostAsync("PolicyApprover", $"/proposals/{old.Text("id")}/approve")).Code);
        Assert.Equal("Failed", (await service.GetAsync("Viewer", $"/proposals/{old.Text("id")}")).Text("state"));
        Assert.Equal(before, (await service.GetAsync("Viewer", "/policy")).Body);
    }

    [Fact]
    public async Task Dead_letter_is_repaired_by_one_and_replayed_by_another()
    {
        var customer = await service.CustomerAsync();
        var bad = service.Event("invoice.posted", customer, new { invoiceId = "I1", amount = "many", currency = "EUR", issuedOn = Service.Today, dueOn = Service.Today });
        var refused = await service.PostAsync("Service", "/events", bad);
        Assert.Equal("BAD_AMOUNT", refused.Problem);
        var entry = refused.Text("deadLetter");
        Assert.Contains("many", (await service.GetAsync("Analyst", "/dead-letters/" + entry)).Body, StringComparison.Ordinal);
        Assert.Equal("BAD_AMOUNT", (await service.PostAsync("Admin", $"/dead-letters/{entry}/replay")).Problem);
        var good = service.Event("invoice.posted", customer, new { invoiceId = "I1", amount = "700", currency = "EUR", issuedOn = Service.Today, dueOn = Service.Today });
        var proposal = await service.PostAsync("Admin", $"/dead-letters/{entry}/replay", good);
        Assert.Equal(202, proposal.Code);
        Assert.Equal("Approved", (await service.PostAsync("Approver", $"/proposals/{proposal.Text("id")}/approve")).Text("state"));
        Assert.Equal("700", (await service.GetAsync("Viewer", "/customers/" + customer)).Text("gross"));

        // The dead letter names the entry that it became.
        var replay = Assert.Single((await service.GetAsync("Analyst", "/dead-letters/" + entry)).Json.GetProperty("replays").EnumerateArray());
        Assert.Equal((proposal.Text("id"), "Approved"), (replay.GetProperty("proposal").GetString(), replay.GetProperty("state").GetString()));
        var became = await service.GetAsync("Analyst", $"/customers/{customer}/history/{replay.GetProperty("entry").GetString()}");
        Assert.Equal("proposal:" + proposal.Text("id"), became.Json.GetProperty("event").GetProperty("id").GetString());
    }

    /// <summary>What is proposed is the event as its schema has it: a truth that may be unsaid is true or false there, in the entry as in the proposal.</summary>
    [Fact]
    public async Task Refused_event_is_shown_and_replayed_as_its_source_would_write_it()
    {
        var customer = await service.CustomerAsync();
        var (id, told) = (service.New("e"), default(System.Text.Json.JsonElement));
        foreach (var prepayOnly in new[] { false, true })
            told = (await service.PostAsync("Service", "/events", new { specversion = "1.0", id, source = "test", type = "credit.customer.changed.v1", subject = customer, time = DateTimeOffset.UtcNow, data = new { version = prepayOnly ? 3 : 2, prepayOnly } })).Json.GetProperty("results")[0];
        Assert.Equal("ConflictingDuplicate", told.GetProperty("outcome").GetString());
        var path = "/dead-letters/" + told.GetProperty("entry").GetString();
        var data = (await service.GetAsync("Analyst", path)).Json.GetProperty("event").GetProperty("data");
        Assert.True(data.GetProperty("prepayOnly").GetBoolean());
        Assert.False(data.TryGetProperty("checkExempt", out _));
        var proposal = await service.PostAsync("Admin", path + "/replay");
        Assert.Equal(202, proposal.Code);
        Assert.True(proposal.Json.GetProperty("proposed").GetProperty("data").GetProperty("prepayOnly").GetBoolean());
        Assert.Equal("Approved", (await service.PostAsync("Approver", $"/proposals/{proposal.Text("id")}/approve")).Text("state"));
    }

    [Fact]
    public async Task Forced_hold_is_lifted_by_two_up_to_the_authority_of_the_second()
    {
        var customer = await service.CustomerAsync(500_000_00);
        var order = await service.OrderAsync(customer, 100_000_01);
        var path = $"/customers/{customer}/holds/{order}";
        Assert.Equal(200, (await service.PostAsync("Analyst", path + "/force", new { reason = "rumour" })).Code);
        Assert.Equal("UNKNOWN_MEMBER", (await service.PostAsync("Analyst", path + "/lift", new { reason = "x", approvedBy = "Second" })).Problem);
        var asked = await service.PostAsync("Both", path + "/lift", new { reason = "it was only a rumour" });
        Assert.Equal(202, asked.Code);
        Assert.Equal("SELF_APPROVAL", (await service.PostAsync("Both", $"/proposals/{asked.Text("id")}/approve")).Problem);
        Assert.Equal("AUTHORITY", (await service.PostAsync("Approver", $"/proposals/{asked.Text("id")}/approve")).Problem);
        Assert.Equal("OnHold", (await service.GetAsync("Viewer", path)).Text("state"));
        Assert.Equal("Approved", (await service.PostAsync("Second", $"/proposals/{asked.Text("id")}/approve")).Text("state"));
        var hold = await service.GetAsync("Viewer", path);
        Assert.True(hold.Code == 404 || !hold.Json.GetProperty("forced").GetBoolean(), hold.Body);
    }

    [Fact]
    public async Task Exclusion_needs_two_and_ends_with_one()
    {
        var customer = await service.CustomerAsync();
        var body = new { exclusionId = "X1", kind = "ReleaseOrder", owner = "kim", endsOn = DateTime.UtcNow.AddDays(5).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), reason = "prepaid elsewhere" };
        var asked = await service.PostAsync("Analyst", $"/customers/{customer}/exclusions", body);
        Assert.Equal(202, asked.Code);
        Assert.Equal("Approved", (await service.PostAsync("Approver", $"/proposals/{asked.Text("id")}/approve")).Text("state"));
        Assert.Equal(200, (await service.SendAsync("Analyst", "DELETE", $"/customers/{customer}/exclusions/X1", null, null)).Code);
    }

    [Fact]
    public async Task Stop_is_one_persons_word_and_its_end_is_two_peoples()
    {
        var customer = await service.CustomerAsync();
        var order = await service.OrderAsync(customer, 100_00);
        Assert.Equal(200, (await service.PostAsync("Analyst", $"/customers/{customer}/stop", new { reason = "insolvency rumour" })).Code);
        Assert.Equal("OnHold", (await service.GetAsync("Viewer", $"/customers/{customer}/holds/{order}")).Text("state"));
        var asked = await service.PostAsync("Both", $"/customers/{customer}/stop-lifts", new { reason = "false alarm" });
        Assert.Equal("SELF_APPROVAL", (await service.PostAsync("Both", $"/proposals/{asked.Text("id")}/approve")).Problem);
        Assert.Equal("Approved", (await service.PostAsync("Approver", $"/proposals/{asked.Text("id")}/approve")).Text("state"));
        Assert.Equal("Normal", (await service.GetAsync("Viewer", "/customers/" + customer)).Text("riskState"));
    }

    [Fact]
    public async Task Source_without_the_right_asks_and_no_value_changes_before_somebody_agrees()
    {
        var customer = await service.CustomerAsync();
        var raise = service.Event("limit.set", customer, new { version = 2, currency = "EUR", steps = new[] { new { from = "2020-01-01", kind = "Amount", amount = 2_000_00 } } });
        var told = (await service.PostAsync("Feed", "/events", raise)).Json.GetProperty("results")[0];
        Assert.Equal("Applied", told.GetProperty("outcome").GetString());
        var proposal = told.GetProperty("proposal").GetString();
        Assert.Equal("100000", (await service.GetAsync("Viewer", $"/customers/{customer}/limit")).Text("effective"));
        Assert.Equal("Duplicate", (await service.PostAsync("Feed", "/events", raise)).Json.GetProperty("results")[0].GetProperty("outcome").GetString());
        Assert.Equal("Approved", (await service.PostAsync("Approver", $"/proposals/{proposal}/approve")).Text("state"));
        Assert.Equal("200000", (await service.GetAsync("Viewer", $"/customers/{customer}/limit")).Text("effective"));
        // Sent again after it took effect, by whomever: nothing happens twice.
        foreach (var source in new[] { "Feed", "Service" })
            Assert.Equal("Duplicate", (await service.PostAsync(source, "/events", raise)).Json.GetProperty("results")[0].GetProperty("outcome").GetString());
        Assert.Equal("2", (await service.GetAsync("Viewer", $"/customers/{customer}/limit")).Json.GetProperty("version").GetRawText());
    }

    [Fact]
    public async Task Raise_beyond_three_times_an_odd_rate_and_a_policy_wait_from_any_source()
    {
        var customer = await service.CustomerAsync();
        object Limit(int version, long amount) => service.Event("limit.set", customer, new { version, currency = "EUR", steps = new[] { new { from = "2020-01-01", kind = "Amount", amount } } });
        async Task<bool> WaitsAsync(object told) => (await service.PostAsync("Service", "/events", told)).Json.GetProperty("results")[0].TryGetProperty("proposal", out _);
        Assert.False(await WaitsAsync(Limit(2, 3_000_00)));
        Assert.True(await WaitsAsync(Limit(3, 9_000_01)));
        // Two raises in one batch: the second one is judged by what the first one made.
        var batch = await service.PostAsync("Service", "/events", System.Text.Json.JsonSerializer.Serialize(new[] { Limit(4, 9_000_00), Limit(5, 27_000_01), Limit(6, 27_000_00) }));
        Assert.Equal([false, true, false], batch.Json.GetProperty("results").EnumerateArray().Select(r => r.TryGetProperty("proposal", out _)));
        Assert.Equal("2700000", (await service.GetAsync("Viewer", $"/customers/{customer}/limit")).Text("effective"));

        object Rate(string rate) => service.Event("fx-rate.published", "", new { from = "GBP", to = "EUR", rate, asOf = DateTimeOffset.UtcNow });
        Assert.False(await WaitsAsync(Rate("1.15")));
        Assert.False(await WaitsAsync(Rate("1.38")));
        Assert.True(await WaitsAsync(Rate("1.66")));
        Assert.Contains("1.38", (await service.GetAsync("Viewer", "/rates")).Body, StringComparison.Ordinal);
        var version = (await service.GetAsync("Viewer", "/policy")).Json.GetProperty("version").GetInt64();
        Assert.True(await WaitsAsync(service.Event("policy.activated", "", new { policyId = "house", version = version + 1, parameters = Array.Empty<object>() })));
        Assert.Equal(version, (await service.GetAsync("Viewer", "/policy")).Json.GetProperty("version").GetInt64());
    }

    internal async Task<(string Path, string Customer)> HeldAsync(long amount)
    {
        var customer = await service.CustomerAsync();
        var order = await service.OrderAsync(customer, amount);
        var path = string.Create(CultureInfo.InvariantCulture, $"/customers/{customer}/holds/{order}");
        Assert.Equal("OnHold", (await service.GetAsync("Viewer", path)).Text("state"));
        return (path, customer);
    }
}

/// <summary>The switch that holds everything, on a service of its own.</summary>
public sealed class GlobalHold(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task One_person_switches_it_on_and_two_switch_it_off()
    {
        var customer = await service.CustomerAsync();
        Assert.Equal(200, (await service.PostAsync("Analyst", "/global-hold", new { on = true, reason = "fraud" })).Code);
        var check = await service.PostAsync("Service", $"/customers/{customer}/credit-checks", new { amount = 1, currency = "EUR" });
        Assert.Contains("GLOBAL_HOLD", check.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("reservationId", check.Body, StringComparison.Ordinal);
        var off = await service.PostAsync("Both", "/global-hold", new { on = false, reason = "over" });
        Assert.Equal(202, off.Code);
        var on = (await service.GetAsync("Viewer", "/global-hold")).Json;
        Assert.True(on.GetProperty("on").GetBoolean());
        Assert.Empty(on.GetProperty("notYet").EnumerateArray());
        Assert.Equal("SELF_APPROVAL", (await service.PostAsync("Both", $"/proposals/{off.Text("id")}/approve")).Problem);
        Assert.Equal("UNKNOWN_MEMBER", (await service.PostAsync("Analyst", "/global-hold", new { on = false, approvedBy = "Approver" })).Problem);
        Assert.Equal("Approved", (await service.PostAsync("Approver", $"/proposals/{off.Text("id")}/approve")).Text("state"));
        Assert.False((await service.GetAsync("Viewer", "/global-hold")).Json.GetProperty("on").GetBoolean());
    }

    [Fact]
    public void An_answer_names_the_partitions_that_have_not_journaled_a_switch()
    {
        var answer = new Answer(Outcome.Applied, new EntryPosition(Book.House, 7, 0), []);
        Assert.DoesNotContain("notYet", Encoding.UTF8.GetString(AnswerJson.Of(answer)), StringComparison.Ordinal);
        Assert.Contains("\"notYet\":[1,3]", Encoding.UTF8.GetString(AnswerJson.Of(answer with { NotYet = [1, 3] })), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_asks_for_a_lift_that_can_never_take_effect_is_told_at_once()
    {
        var customer = await service.CustomerAsync();
        Assert.Equal("NOT_ON_HOLD", (await service.PostAsync("Analyst", $"/customers/{customer}/holds/NONE/lift", new { reason = "x" })).Problem);
        Assert.DoesNotContain(customer, (await service.GetAsync("Viewer", "/proposals?state=Open")).Body, StringComparison.Ordinal);
    }
}
