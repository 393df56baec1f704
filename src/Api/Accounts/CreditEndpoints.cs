using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>How good a customer's credit is: the weighted score with its factors, and what the grade supports.</summary>
public static class CreditReport
{
    /// <summary>As it goes out; amounts are digits of minor units, ratios millionths, days hundredths.</summary>
    public static object Of(string customer, CreditStanding c)
    {
        ArgumentNullException.ThrowIfNull(c);
        return new
        {
            customer, asOfDay = Day(c.AsOf), currency = c.Currency.Code, score = c.Score.Score, confidenceBp = c.Score.ConfidenceBp, mayRaise = c.Score.ConfidenceBp >= CreditScore.RaiseConfidenceBp,
            grade = c.Grade?.Name, gradeOf = c.Grade is null ? null : c.Grade.Name == c.PersonGrade ? "Person" : "Computed", computedGrade = c.ComputedGrade, personGrade = c.PersonGrade, personUntil = Day(c.PersonUntil),
            factors = c.Factors.Select((f, i) => new { f.Name, f.Weight, unit = CreditTable.All[i].Unit, value = f.Raw.Length == 0 ? null : f.Raw, f.Points, part = c.Score.Parts[i], asOf = Day(f.AsOf) }),
            supports = c.Grade is not { } g ? null : new { pdPpm = g.PdPpm, termDays = g.TermDays, eligibleLimit = Digits(c.EligibleLimit), reviewMonths = g.ReviewMonths, reviewBy = Day(c.Review.ByCycle), netRisk = Digits(c.NetRisk), lgdBp = ExpectedLoss.UnsecuredLgdBp, expectedLoss = Digits(c.ExpectedLoss) },
            figures = new { sales = Digits(c.Sales), receivables = Digits(c.Receivables), dso = c.Dso, bestDso = c.BestDso, daysDelinquent = c.Dso - c.BestDso, countBackDso = c.CountBackDso, ceiBp = c.Cei, turnover = c.Turnover, overdueBp = c.OverdueBp, over90Bp = c.Over90Bp },
            review = new { lastOn = Day(c.Review.LastOn), dueOn = Day(c.Review.DueOn), reasons = c.Review.Reasons.Select(r => new { cause = r.Cause.ToString(), r.About, on = Day(r.On) }) },
            provision = ProvisionReport.Of(c.Provision, c.Grade is not null),
            statement = c.Ratios is not { } r ? null : new { periodEnd = Day(r.PeriodEnd), model = r.Model.ToString(), zone = r.Zone.ToString(), zThousandths = r.Z, currentRatio = r.CurrentRatio, quickRatio = r.QuickRatio, debtRatio = r.DebtRatio, netMargin = r.NetMargin, r.IsStale },
        };
    }

    private static string? Day(int day) => day == 0 ? null : JsonFieldWriter.DateText(day);

    private static string? Digits(long? value) => value?.ToString(CultureInfo.InvariantCulture);
}

internal static class CreditEndpoints
{
    internal static void MapCredit(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/customers/{customer}/credit", Roles.Readers,
            "The weighted credit score of the customer, now or as of the past: ten factors with value, points and weight, confidence, the computed grade and the person's, and what the grade that serves supports: terms, eligible limit, review, expected loss; with DSO and the ratios of the last filed statement.", async (http, _) =>
            {
                var (customer, cancel) = (http.Customer(), http.RequestAborted);
                var partition = desk.Engine.PartitionOf(customer);
                CreditStanding? credit;
                if (http.Request.Query.ContainsKey("at") || http.Request.Query.ContainsKey("seq"))
                {
                    if (AsOf.Until(http.Request.Query["at"], http.Request.Query["seq"]) is not { } until) return Problems.Of(400, "BAD_TIME", "Give ?at= (RFC 3339) or ?seq= (a sequence of the customer's partition).");
                    credit = Find(await AsOf.BookAsync(desk.Engine.Reader, desk.Engine.Database, partition, until, cancel), customer);
                }
                else
                {
                    credit = await desk.Engine.ReadAsync(partition, book => Find(book, customer), cancel);
                }

                return credit is null ? Routing.UnknownCustomer(customer) : Results.Json(CreditReport.Of(customer, credit));
            }).Asks(("at", "A past instant, RFC 3339, by arrival."), ("seq", "A past sequence of the partition.")).Fails(410, 503).Tells(Shapes.Credit);

    private static CreditStanding? Find(Book book, string customer) => book.FindSlot(customer) is >= 0 and var slot ? book.CreditOf(slot) : null;
}
