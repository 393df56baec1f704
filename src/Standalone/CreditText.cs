using System.Globalization;
using ExposureMonitor.Api;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure show CUSTOMER --credit</c>: the weighted score with its factors, and what the grade supports.</summary>
internal static class CreditText
{
    internal static void Print(string customer, CreditStanding c)
    {
        Line($"{customer}, as of {JsonFieldWriter.DateText(c.AsOf)}: {(c.Score.Score is { } score ? $"credit score {score / 100.0:0.00}, confidence {c.Score.ConfidenceBp / 100.0:0} %" : "no credit score: no factor has data")}{(c.Score.Score is not null && c.Score.ConfidenceBp < CreditScore.RaiseConfidenceBp ? ", too little to raise a grade" : "")}");
        if (c.Grade is { } grade)
        {
            Line($"grade {grade.Name}{(c.PersonGrade == grade.Name ? $", set by a person{(c.PersonUntil == 0 ? "" : " until " + JsonFieldWriter.DateText(c.PersonUntil))}; computed {(c.ComputedGrade.Length == 0 ? "none" : c.ComputedGrade)}" : ", computed")}");
            Line($"supports {(grade.TermDays == 0 ? "prepayment only" : $"terms up to {grade.TermDays} days")}, a limit up to {c.EligibleLimit} {c.Currency.Code} (minor units), a review every {grade.ReviewMonths} months{(c.Review.ByCycle == 0 ? "" : ", the next by " + JsonFieldWriter.DateText(c.Review.ByCycle))}");
            Line($"expected loss {c.ExpectedLoss} = {grade.PdPpm / 1e4:0.0#} % × {ExpectedLoss.UnsecuredLgdBp / 100} % × {c.NetRisk} net risk, up");
        }

        foreach (var reason in c.Review.Reasons) Line($"to be reviewed since {JsonFieldWriter.DateText(reason.On)}: {Why(reason)}");
        for (var i = 0; i < c.Factors.Count; i++)
        {
            var f = c.Factors[i];
            if (f.Points is { } points) Line($"  {c.Score.Parts[i] / 100.0,6:0.00}  {f.Name}: {f.Raw} {CreditTable.All[i].Unit} → {points / 100} points, weight {f.Weight}, as of {JsonFieldWriter.DateText(f.AsOf)}");
            else Line($"       –  {f.Name}: no data, weight {f.Weight}");
        }

        var p = c.Provision;
        Line($"provision {p.TotalProvision()} on {p.TotalGross()} receivables, {p.TotalCovered()} of them covered; above 30 days {p.Over30()}, above 90 days {p.Over90()}{(p.SpecificGross > 0 ? ", as an insolvent or legal case" : "")}");
        Line($"sales of twelve months {c.Sales}, receivables {c.Receivables}; DSO {Days(c.Dso)}, best possible {Days(c.BestDso)}, by counting back {Days(c.CountBackDso)}; collection effectiveness {Share(c.Cei)}, turnover {(c.Turnover is { } t ? (t / 100.0).ToString("0.00", CultureInfo.InvariantCulture) : "cannot be told")}; overdue {Share(c.OverdueBp)}, more than 90 days {Share(c.Over90Bp)}");
        if (c.Ratios is { } r)
            Line($"statement of {JsonFieldWriter.DateText(r.PeriodEnd)}{(r.IsStale ? ", stale" : "")}: {(r.Z is { } z ? $"Altman {z / 1000.0:0.000} ({r.Model}), {r.Zone}" : "no Altman model")}; current ratio {Ratio(r.CurrentRatio)}, quick {Ratio(r.QuickRatio)}, debt {Ratio(r.DebtRatio)}, net margin {Ratio(r.NetMargin)}");
    }

    private static string Why(ReviewReason r) => r.Cause switch
    {
        ReviewCause.Signal => r.About + " stands",
        ReviewCause.LimitUse => "the limit is used above 90 %",
        ReviewCause.GradeChanged => "another grade",
        ReviewCause.StatementOld => "the financial statement is older than twelve months",
        ReviewCause.LimitEnds => "the limit ends within thirty days",
        _ => $"cover {r.About} ends within thirty days",
    };

    private static string Days(long? hundredths) => hundredths is { } told ? (told / 100.0).ToString("0.00", CultureInfo.InvariantCulture) + " days" : "cannot be told";

    private static string Share(long? bp) => bp is { } told ? (told / 100.0).ToString("0.00", CultureInfo.InvariantCulture) + " %" : "cannot be told";

    private static string Ratio(long? millionths) => millionths is { } told ? (told / 1e6).ToString("0.000", CultureInfo.InvariantCulture) : "cannot be told";

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
