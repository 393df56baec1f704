using System.Globalization;
using ExposureMonitor.Api;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Spectre.Console;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure show --provision</c>: what a customer or the book may lose, by bucket and grade.</summary>
internal static class ProvisionText
{
    internal static void Print(ProvisionMatrix matrix, int day, string currency, IReadOnlyList<int> ratesPpm)
    {
        var whole = matrix.Whole();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"As of {JsonFieldWriter.DateText(day)}: receivables {whole.TotalGross()}, covered {whole.TotalCovered()}, lifetime provision {whole.TotalProvision()}; expected loss of a year {whole.ExpectedLoss} on a net risk of {whole.NetRisk}; minor units of {currency}"));
        var table = new Table().AddColumns("bucket", "rate %", "gross", "covered", "net", "provision");
        for (var bucket = 0; bucket < ProvisionLine.Buckets; bucket++)
            table.AddRow(ProvisionReport.Buckets[bucket], (ratesPpm[bucket] / 1e4m).ToString("0.####", CultureInfo.InvariantCulture), Text(whole.Gross[bucket]), Text(whole.Covered[bucket]), Text(whole.Net(bucket)), Text(whole.Provision[bucket]));
        table.AddRow("insolvent, legal", (ExpectedLoss.UnsecuredLgdBp / 100).ToString(CultureInfo.InvariantCulture), Text(whole.SpecificGross), Text(whole.SpecificCovered), Text(whole.SpecificGross - whole.SpecificCovered), Text(whole.SpecificProvision));
        AnsiConsole.Write(table);
        var grades = new Table().AddColumns("grade", "customers", "gross", "net", "above 30 days", "above 90 days", "provision", "net risk", "expected loss");
        foreach (var (grade, line) in matrix.InOrder())
            grades.AddRow(grade.Length == 0 ? "none" : grade, line.Customers.ToString(CultureInfo.InvariantCulture), Text(line.TotalGross()), Text(line.TotalGross() - line.TotalCovered()), Text(line.Over30()), Text(line.Over90()),
                Text(line.TotalProvision()), Text(line.NetRisk), grade.Length == 0 ? "cannot be told" : Text(line.ExpectedLoss));
        AnsiConsole.Write(grades);
    }

    private static string Text(Int128 value) => value.ToString(CultureInfo.InvariantCulture);
}
