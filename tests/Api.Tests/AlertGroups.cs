using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>Alerts carry the group of their customer: who stands at its top, so that a route, a silence or a group of messages can name it.</summary>
public sealed class AlertGroups : IAsyncLifetime
{
    private readonly Service _service = new() { TellsPeople = true };

    public Task InitializeAsync() => _service.InitializeAsync();

    public Task DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Alert_of_a_member_names_the_top_of_its_group_and_one_of_nobody_else_names_itself()
    {
        var top = await _service.CustomerAsync();
        var middle = await MemberAsync(top);
        var (member, alone) = (await MemberAsync(middle), await _service.CustomerAsync());
        await BelongsAsync(middle, top);
        await BelongsAsync(member, top);
        var found = new Dictionary<string, Alert>();
        foreach (var customer in (string[])[member, alone])
        {
            await _service.OrderAsync(customer, 900_000_00);
            while (found.Count == 0 || !found.ContainsKey(customer))
            {
                if (_service.Alerts.House.Book.Of(customer).FirstOrDefault(a => a.Rule == Rules.Hold) is { } hold) found[customer] = hold;
                else await Task.Yield();
            }
        }

        Assert.Equal((top, "TRADE"), (found[member].Labels["customerGroup"], found[member].Labels["desk"]));
        Assert.Equal(alone, found[alone].Labels["customerGroup"]);
        // So a route, or a silence, of the group takes the member's alert and not the other one.
        var matcher = LabelMatcher.Parse($"customerGroup=\"{top}\"");
        Assert.Equal((true, false), (matcher.Matches(found[member].Labels), matcher.Matches(found[alone].Labels)));
    }

    private async Task<string> MemberAsync(string parent)
    {
        var member = _service.New("MEM-");
        await _service.TellAsync("customer.opened", member, new { currency = "EUR", name = member, segment = "TRADE", parentId = parent });
        await _service.TellAsync("limit.set", member, new { version = 1, currency = "EUR", steps = new[] { new { from = "2020-01-01", kind = "Amount", amount = 1_000_00 } } });
        return member;
    }

    /// <summary>The house answers a question about a parent in a moment of its own.</summary>
    private async Task BelongsAsync(string member, string top)
    {
        while (await _service.Engine.ReadAsync(Book.House, book => book.TopOf(member)) != top) await Task.Yield();
    }
}
