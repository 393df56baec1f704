using System.Text.Json;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>The audit trail as a file: whole over many pages, and told of itself with the rows that left.</summary>
public sealed class AuditExports(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task An_export_of_many_pages_is_whole_and_its_note_says_how_many_rows_left()
    {
        const string actor = "export-person";
        var customer = await service.CustomerAsync();
        // More than a page, and not a whole number of them.
        for (var i = 0; i < 1_203; i += 401)
            await service.Engine.SubmitBatchAsync([.. Enumerable.Range(i, 401).Select(n => (Fact)new CheckCredit { Customer = customer, Amount = 1, Currency = Currency.Parse("EUR"), Actor = actor, Key = "k" + n, LiveMinutes = 5 })]);

        var file = await service.GetAsync("Auditor", "/audit/export?lang=codes&subject=" + actor);
        Assert.Equal(200, file.Code);
        var lines = file.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1_204, lines.Length);
        Assert.Equal(1_203, lines.Skip(1).Distinct().Count());

        var notes = JsonDocument.Parse((await service.GetAsync("Auditor", "/audit?subject=Auditor")).Body).RootElement.GetProperty("rows").EnumerateArray().Select(r => r.GetRawText()).ToList();
        var note = Assert.Single(notes, n => n.Contains(actor, StringComparison.Ordinal));
        Assert.Contains("1203", note, StringComparison.Ordinal);
    }
}
