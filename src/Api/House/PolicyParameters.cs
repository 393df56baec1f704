using System.Globalization;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Api;

/// <summary>A parameter of the policy, for whoever drafts a version.</summary>
/// <param name="Default">As every other number here in digits, since an amount may be larger than a page can count.</param>
/// <param name="Most">Empty where there is no end.</param>
/// <param name="Meaning">As docs/policy.md says it.</param>
internal sealed record PolicyParameterTold(string Name, string Default, string Least, string Most, string Meaning);

/// <summary>Every parameter with its default, its bounds and its meaning; the document is built into the program, and a test holds it against the table of the machine.</summary>
internal static class PolicyParameters
{
    internal static IReadOnlyList<PolicyParameterTold> All { get; } = Read();

    private static List<PolicyParameterTold> Read()
    {
        using var document = new StreamReader(typeof(PolicyParameters).Assembly.GetManifestResourceStream("policy.md")!);
        var meanings = new Dictionary<string, string>(StringComparer.Ordinal);
        while (document.ReadLine() is { } line)
            if (line.Split('|', StringSplitOptions.TrimEntries) is ["", ['`', .., '`'] name, _, _, _, var meaning, ""]) meanings[name[1..^1]] = meaning.Replace("`", "", StringComparison.Ordinal);
        return [.. Policy.Parameters.Select(p => new PolicyParameterTold(p.Name, Text(p.Default), Text(p.Least), p.Most == long.MaxValue ? "" : Text(p.Most), meanings[p.Name]))];
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
