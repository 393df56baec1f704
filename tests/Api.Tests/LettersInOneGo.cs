using System.Globalization;
using System.Text.Json;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>Letters for many customers in one go: nobody behind the first two hundred is forgotten, what is not due yet is no part of a reminder, and a month's statements go to whoever reads letters.</summary>
public sealed class LettersInOneGo
{
    [Fact]
    public async Task Run_goes_on_where_the_one_before_ended_until_everybody_was_looked_at()
    {
        var service = new Service { TellsPeople = true };
        await service.InitializeAsync();
        try
        {
            const int Late = 203;
            for (var n = 0; n < Late; n++) await OwesAsync(service, $"LATE-{n:000}", ($"R-{n}", -5));
            await ReadsAsync(service, "LATE-202");
            var (seen, runs, drafts, after) = (0, 0, new List<string>(), (string?)null);
            do
            {
                var run = await RunAsync(service, after is null ? new { } : new { after });
                (seen, runs, after) = (seen + run.GetProperty("customers").GetInt32(), runs + 1, run.GetProperty("next").GetString());
                drafts.AddRange(run.GetProperty("drafts").EnumerateArray().Select(d => d.GetProperty("customer").GetString()!));
            }
            while (after is not null);
            Assert.Equal((Late, 2), (seen, runs));
            Assert.Equal(["LATE-202"], drafts);
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_falls_due_soon_is_reminded_of_apart_and_statements_go_to_those_who_read_letters()
    {
        var service = new Service { TellsPeople = true };
        await service.InitializeAsync();
        try
        {
            await OwesAsync(service, "BOTH", ("LATE", -8), ("SOON", 3));
            await OwesAsync(service, "SOON-ONLY", ("S-1", 3));
            await OwesAsync(service, "SILENT", ("X-1", -8));
            foreach (var reader in (string[])["BOTH", "SOON-ONLY"]) await ReadsAsync(service, reader);

            var late = await RunAsync(service, new { });
            var draft = Assert.Single(late.GetProperty("drafts").EnumerateArray());
            Assert.Equal(("BOTH", 2, "Second reminder: 100.00 EUR past due, BOTH"), (draft.GetProperty("customer").GetString(), draft.GetProperty("level").GetInt32(), draft.GetProperty("subject").GetString()));
            Assert.Equal(["LATE"], draft.GetProperty("items").EnumerateArray().Select(i => i.GetString()));
            Assert.Equal(["SILENT"], late.GetProperty("left").EnumerateArray().Select(l => l.GetProperty("customer").GetString()));

            var soon = (await RunAsync(service, new { dueSoon = true })).GetProperty("drafts").EnumerateArray().Single(d => d.GetProperty("customer").GetString() == "SOON-ONLY");
            Assert.Equal((-1, "Payments that fall due soon, SOON-ONLY"), (soon.GetProperty("level").GetInt32(), soon.GetProperty("subject").GetString()));

            var month = await RunAsync(service, new { kind = "statement", from = Day(-60), to = Day(0) });
            Assert.Equal([("BOTH", "Statement", "20000"), ("SOON-ONLY", "Statement", "10000")], month.GetProperty("drafts").EnumerateArray().Select(d => (d.GetProperty("customer").GetString(), d.GetProperty("kind").GetString(), d.GetProperty("total").GetString())));
            foreach (var (wrong, code) in new (object, string)[] { (new { kind = "poem" }, "BAD_KIND"), (new { kind = "statement" }, "BAD_PERIOD"), (new { kind = "statement", from = Day(0), to = Day(2) }, "BAD_PERIOD"), (new { who = "all" }, "BAD_BODY") })
                Assert.Equal(code, (await service.PostAsync("Analyst", "/letter-runs", wrong)).Problem);
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    private static async Task OwesAsync(Service service, string customer, params (string Invoice, int DueIn)[] items)
    {
        object[] events =
        [
            service.Event("customer.opened", customer, new { currency = "EUR", name = customer, segment = "S", country = "DE", controller = "kim" }),
            .. items.Select(i => service.Event("invoice.posted", customer, new { invoiceId = i.Invoice, amount = 10_000, currency = "EUR", issuedOn = Day(-40), dueOn = Day(i.DueIn) })),
        ];
        Assert.Equal(200, (await service.PostAsync("Service", "/events", events)).Code);
    }

    private static async Task ReadsAsync(Service service, string customer) => Assert.Equal(204, (await service.SendAsync("Analyst", "PUT", $"/customers/{customer}/contact", JsonSerializer.SerializeToUtf8Bytes(new { email = "payables@customer.example", language = "en" }), "application/json")).Code);

    private static async Task<JsonElement> RunAsync(Service service, object asked)
    {
        var run = await service.PostAsync("Analyst", "/letter-runs", asked);
        Assert.True(run.Code == 202, run.Body);
        return run.Json;
    }

    private static string Day(int ahead) => DateTime.UtcNow.AddDays(ahead).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
