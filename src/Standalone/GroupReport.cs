using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Spectre.Console;

namespace ExposureMonitor.Standalone;

/// <summary>Groups on the command line: who lends what to whom, and of which position each figure is.</summary>
internal static class GroupReport
{
    /// <param name="none">What is said where there is no group; <c>null</c> for nothing.</param>
    internal static void Print(bool json, List<(string Customer, GroupDetail Group)> groups, int top, string? none = null)
    {
        groups.Sort(static (a, b) => a.Group.Use != b.Group.Use ? b.Group.Use.CompareTo(a.Group.Use) : string.CompareOrdinal(a.Customer, b.Customer));
        if (json)
        {
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
            {
                writer.WriteStartArray();
                foreach (var (customer, group) in groups.Take(top)) writer.WriteRawValue(JsonFieldWriter.ToBytes(group, inside => inside.WriteString("customer", customer)));
                writer.WriteEndArray();
            }

            Console.WriteLine(System.Text.Encoding.UTF8.GetString(stream.ToArray()));
            return;
        }

        var shown = groups.Where(g => IsGrouped(g.Group)).Take(top).ToList();
        if (shown.Count == 0 && none is not null) Console.WriteLine(none);
        foreach (var (customer, group) in shown) Print(customer, group);
    }

    private static bool IsGrouped(GroupDetail group) => group.Members.Count > 0 || group.Slices.Any(static s => !s.Former || s.Slice > 0);

    private static void Print(string customer, GroupDetail group)
    {
        foreach (var slice in group.Slices.Where(s => !s.Former || s.Slice > 0))
        {
            var limit = slice.LimitKind == LimitKind.Amount ? $"limit {Amount(slice.Limit, slice.Currency)} {slice.Currency.Code}" : "no limit of an amount";
            Console.WriteLine($"{customer}: {(slice.Former ? "former member" : "member")} of {slice.Parent} with {Share(group.ShareBp)} %, {limit}, slice {Amount(slice.Slice, slice.Currency)}"
                + (slice.Want > 0 ? $", wants {Amount(slice.Want, slice.Currency)}" : "") + (group.OutsideGroup ? ", outside the group's limit" : ""));
        }

        if (group.Members.Count == 0) return;
        var whole = group.LimitKind == LimitKind.Amount ? $"limit {Amount(group.Limit, group.Currency)}, used {Amount(group.Use, group.Currency)} ({Share(group.UtilisationBp)} %), lent {Amount(group.Lent, group.Currency)}, pool {Amount(group.Pool, group.Currency)}"
            : $"no limit of an amount, used {Amount(group.Use, group.Currency)}";
        Console.WriteLine($"{customer}: {group.Members.Count(m => !m.Former)} members, {group.Currency.Code}, {whole}; own use {Amount(group.OwnUse, group.Currency)}; as of {group.AsOfPartition}-{group.AsOfSeq}");
        var table = new Table().AddColumns("member", "share %", "slice", "use", "forced", "wants", "as of", "");
        foreach (var m in group.Members.Where(m => !m.Former || m.Slice != 0).OrderByDescending(m => m.Slice).ThenBy(m => m.Customer, StringComparer.Ordinal))
            table.AddRow(Markup.Escape(m.Customer), Share(m.ShareBp), Amount(m.Slice, group.Currency), Amount(m.Use, group.Currency), Amount(m.Forced, group.Currency), m.Want == 0 ? "" : Amount(m.Want, group.Currency),
                string.Create(CultureInfo.InvariantCulture, $"{m.AsOfPartition}-{m.AsOfSeq}"), string.Join(", ", Marks(m)));
        AnsiConsole.Write(table);
    }

    private static IEnumerable<string> Marks(MemberLine m)
    {
        if (m.OutsideGroup) yield return "outside";
        if (m.Refused) yield return "refused";
        if (m.Recalled) yield return "recalled";
        if (m.Former) yield return "former";
    }

    private static string Share(long bp) => (bp / 100m).ToString("0.##", CultureInfo.InvariantCulture);

    private static string Amount(long minor, Currency currency)
    {
        decimal value = minor;
        for (var i = 0; i < currency.Digits; i++) value /= 10;
        return value.ToString("N" + currency.Digits, CultureInfo.InvariantCulture);
    }
}
