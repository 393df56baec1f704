using System.Text;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>A hierarchy of customers from a file.</summary>
public sealed class HierarchyTests
{
    [Fact]
    public void Each_row_gives_a_customer_its_parent_from_a_day_on_and_opens_nobody()
    {
        var plan = Read("A,P,,2026-01-05", "B,P,33.33,2026-01-04", "A,,,2026-03-01");
        Assert.Empty(plan.Rejected);
        var facts = plan.Facts.Cast<CustomerReparented>().ToList();
        Assert.Equal([("B", "P", 3_333), ("A", "P", 0), ("A", "", 0)], facts.Select(f => (f.Customer, f.ParentId, f.ShareBp)));
        Assert.True(facts[1].Version < facts[2].Version);
        Assert.Equal(new DateOnly(2026, 3, 1).DayNumber, facts[2].EffectiveOn);
    }

    [Theory]
    [InlineData("A,P,0,2026-01-05", "BAD_SHARE share")]
    [InlineData("A,P,100.01,2026-01-05", "BAD_SHARE share")]
    [InlineData("A,P,many,2026-01-05", "BAD_AMOUNT share")]
    [InlineData(",P,50,2026-01-05", "MISSING_FIELD customer")]
    [InlineData("A,P,50,", "MISSING_FIELD from")]
    public void A_bad_row_is_rejected_with_its_reason(string row, string reason) => Assert.Equal(reason, Assert.Single(Read(row).Rejected).Reason);

    [Fact]
    public void Two_parents_of_one_day_are_one_too_many()
    {
        var plan = Read("A,P,,2026-01-05", "A,Q,,2026-01-05");
        Assert.Equal("SECOND_PARENT customer", Assert.Single(plan.Rejected).Reason);
        Assert.Equal("P", ((CustomerReparented)Assert.Single(plan.Facts)).ParentId);
    }

    private static ImportPlan Read(params string[] rows) => Imports.Hierarchy(new MemoryStream(Encoding.UTF8.GetBytes("customer,parent,share,from\n" + string.Join('\n', rows) + "\n")), new FileFormat
    {
        Columns = new Dictionary<string, string>(StringComparer.Ordinal) { ["customer"] = "customer", ["parent"] = "parent", ["share"] = "share", ["from"] = "from" },
    });
}
