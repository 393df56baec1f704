using System.Text.Json;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>The credit of a customer: the score with its factors and what the grade supports, now and as of the past.</summary>
public sealed class CreditOfCustomers(Service service) : IClassFixture<Service>
{
    private async Task<JsonElement> CreditAsync(string customer, string query = "")
    {
        var answer = await service.GetAsync("Viewer", $"/customers/{customer}/credit{query}");
        Assert.True(answer.Code == 200, answer.Body);
        return JsonDocument.Parse(answer.Body).RootElement;
    }

    [Fact]
    public async Task Credit_is_explained_now_and_as_of_the_past()
    {
        const string customer = "CREDIT-1";
        var day = DateOnly.FromDateTime(DateTime.UtcNow).DayNumber;
        var eur = Currency.Parse("EUR");
        var opened = await service.Engine.SubmitAsync(new CustomerOpened { Customer = customer, EventId = "open", Source = "t", Currency = eur });
        await service.Engine.SubmitAsync(new InvoicePosted { Customer = customer, EventId = "old", Source = "t", InvoiceId = "I1", Amount = 90_000, Currency = eur, IssuedOn = day - 60, DueOn = day - 20 });
        var first = await service.Engine.SubmitAsync(new InvoicePosted { Customer = customer, EventId = "new", Source = "t", InvoiceId = "I2", Amount = 10_000, Currency = eur, IssuedOn = day, DueOn = day + 30 });
        await service.Engine.SubmitAsync(new FinancialStatementFiled
        {
            Customer = customer, EventId = "filed", Source = "t", PeriodEnd = day - 90, Currency = eur, TotalAssets = 2_000, CurrentAssets = 900, Inventory = 300, CurrentLiabilities = 600, TotalLiabilities = 1_200, RetainedEarnings = 200,
            Ebit = 100, NetIncome = 60, Sales = 3_000, BookEquity = 800,
        });
        var credit = await CreditAsync(customer);
        var factors = credit.GetProperty("factors").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!);
        Assert.Equal(10, factors.Count);
        Assert.Equal(("9000", 0, "bp"), (factors["overdueRatio"].GetProperty("value").GetString(), factors["overdueRatio"].GetProperty("points").GetInt32(), factors["overdueRatio"].GetProperty("unit").GetString()));
        Assert.Equal((8_000, 6_000), (factors["liquidity"].GetProperty("points").GetInt32(), factors["leverage"].GetProperty("points").GetInt32()));
        Assert.Equal(JsonValueKind.Null, factors["externalRating"].GetProperty("points").ValueKind);
        Assert.Equal(credit.GetProperty("score").GetInt32(), factors.Values.Sum(f => f.GetProperty("part").GetInt32()));
        Assert.False(credit.GetProperty("mayRaise").GetBoolean());
        Assert.Equal("Computed", credit.GetProperty("gradeOf").GetString());
        Assert.Equal(("100000", 9_000), (credit.GetProperty("figures").GetProperty("receivables").GetString(), credit.GetProperty("figures").GetProperty("overdueBp").GetInt32()));
        Assert.Equal((1_500_000, "Grey"), (credit.GetProperty("statement").GetProperty("currentRatio").GetInt32(), credit.GetProperty("statement").GetProperty("zone").GetString()));

        // 90 % of it are 20 days overdue: 2 % of 90,000 and 0.5 % of the rest.
        var provision = credit.GetProperty("provision");
        Assert.Equal(("1850", "0", "1800", "0"), (provision.GetProperty("provision").GetString(), provision.GetProperty("covered").GetString(), provision.GetProperty("buckets")[1].GetProperty("provision").GetString(), provision.GetProperty("over30").GetString()));
        Assert.Equal(credit.GetProperty("supports").GetProperty("expectedLoss").GetString(), provision.GetProperty("expectedLoss").GetString());

        // As of the entries before the statement, and before anything.
        var past = await CreditAsync(customer, $"?seq={first.At.Seq}");
        Assert.Equal(JsonValueKind.Null, past.GetProperty("statement").ValueKind);
        Assert.True(past.GetProperty("confidenceBp").GetInt32() < credit.GetProperty("confidenceBp").GetInt32());
        var before = await CreditAsync(customer, $"?seq={opened.At.Seq}");
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (before.GetProperty("score").ValueKind, before.GetProperty("supports").ValueKind));
        Assert.Equal(404, (await service.GetAsync("Viewer", "/customers/NOBODY-AT-ALL/credit")).Code);
        Assert.Equal(400, (await service.GetAsync("Viewer", $"/customers/{customer}/credit?at=yesterday")).Code);
    }

    [Fact]
    public async Task A_book_tells_its_provision_by_grade_now_and_as_of_the_past_to_who_sees_the_segment()
    {
        var segment = service.New("P");
        var day = DateOnly.FromDateTime(DateTime.UtcNow).DayNumber;
        var eur = Currency.Parse("EUR");
        service.Key(segment, Roles.Viewer, 0, segment);
        foreach (var (n, grade, late) in new[] { (1, "A", 10), (2, "", 100) })
        {
            var customer = service.New("PC");
            await service.Engine.SubmitAsync(new CustomerOpened { Customer = customer, EventId = "o" + customer, Source = "t", Currency = eur, Profile = new CustomerProfile { Segment = segment } });
            if (grade.Length > 0) await service.Engine.SubmitAsync(new RatingOverridden { Customer = customer, EventId = "g" + customer, Source = "t", Grade = grade, Reason = "seen", By = "ann", ApprovedBy = ["bob"] });
            await service.Engine.SubmitAsync(new InvoicePosted { Customer = customer, EventId = "i" + customer, Source = "t", InvoiceId = "I" + n, Amount = 10_000, Currency = eur, IssuedOn = day - late - 30, DueOn = day - late });
        }

        var (code, body) = await ProvisionAsync("");
        Assert.True(code == 200, body.ToString());
        Assert.True(body.GetProperty("isWhole").GetBoolean());
        Assert.Equal(("20000", 2), (body.GetProperty("whole").GetProperty("gross").GetString(), body.GetProperty("whole").GetProperty("customers").GetInt32()));
        Assert.Equal(500_000, body.GetProperty("rates")[4].GetProperty("ratePpm").GetInt32());
        var grades = body.GetProperty("grades").EnumerateArray().ToDictionary(g => g.GetProperty("grade").GetString()!);
        // A: 2 % of 10,000, and 0.5 % × 60 % of them.
        Assert.Equal(("200", "30"), (grades["A"].GetProperty("provision").GetString(), grades["A"].GetProperty("expectedLoss").GetString()));
        Assert.Equal("10000", grades.Values.Single(g => g.GetProperty("grade").GetString() != "A").GetProperty("over90").GetString());

        // Before today nothing was known.
        var (_, past) = await ProvisionAsync("?at=2020-01-01T00:00:00Z");
        Assert.Equal(("0", 0), (past.GetProperty("whole").GetProperty("gross").GetString(), past.GetProperty("grades").GetArrayLength()));
        var (_, now) = await ProvisionAsync("?at=" + Uri.EscapeDataString(DateTime.UtcNow.AddMinutes(5).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(body.GetProperty("whole").ToString(), now.GetProperty("whole").ToString());
        Assert.Equal(400, (await ProvisionAsync("?at=yesterday")).Code);

        async Task<(int Code, JsonElement Body)> ProvisionAsync(string query)
        {
            var answer = await service.GetAsync(segment, "/portfolio/provision" + query);
            return (answer.Code, JsonDocument.Parse(answer.Body).RootElement);
        }
    }
}
