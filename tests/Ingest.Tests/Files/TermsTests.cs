using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>Terms as houses write them.</summary>
public sealed class TermsTests
{
    [Theory]
    [InlineData("net 30", 30)]
    [InlineData("Net30", 30)]
    [InlineData("N45", 45)]
    [InlineData("2/10 n/30", 30)]
    [InlineData("2% 10 days, net 30 days", 30)]
    [InlineData("2% 10, net 30", 30)]
    [InlineData("30 Tage netto", 30)]
    [InlineData("14 days", 14)]
    [InlineData("60 jours", 60)]
    [InlineData("90 días", 90)]
    [InlineData("30", 30)]
    [InlineData("30.0", 30)]
    [InlineData("0045", 45)]
    [InlineData("ZT60", 60)]
    [InlineData("Due on receipt", 0)]
    [InlineData("COD", 0)]
    [InlineData("30天", 30)]
    public void Days_are_counted_from_the_issue(string terms, int days) => Assert.Equal(Issued + days, TermsText.DueOf(terms, Issued));

    [Theory]
    [InlineData("EOM", 0)]
    [InlineData("net 30 EOM", 30)]
    [InlineData("45 jours fin de mois", 45)]
    public void Days_are_counted_from_the_end_of_the_month(string terms, int days) => Assert.Equal(new DateOnly(2025, 2, 28).DayNumber + days, TermsText.DueOf(terms, Issued));

    [Theory]
    [InlineData("")]
    [InlineData("NAH4")]
    [InlineData("as agreed")]
    [InlineData("2 %")]
    [InlineData("999 days")]
    public void A_key_that_names_no_days_gives_no_due_date(string terms) => Assert.Equal(0, TermsText.DueOf(terms, Issued));

    private static readonly int Issued = new DateOnly(2025, 2, 11).DayNumber;
}
