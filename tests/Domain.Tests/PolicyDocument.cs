using System.Globalization;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>The document of the policy says every parameter with its default and bounds.</summary>
public sealed class PolicyDocument
{
    [Fact]
    public void Document_tells_every_parameter_as_it_is()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "ExposureMonitor.sln"))) folder = folder.Parent;
        var told = File.ReadLines(Path.Combine(folder.FullName, "docs", "policy.md")).Where(l => l.StartsWith("| `", StringComparison.Ordinal))
            .Select(l => l.Split('|', StringSplitOptions.TrimEntries)).Where(c => c.Length == 7).Select(c => (c[1], c[2], c[3], c[4]));
        Assert.Equal(Policy.Parameters.Select(p => ($"`{p.Name}`", Text(p.Default), Text(p.Least), Text(p.Most))), told);

        static string Text(long value) => value == long.MaxValue ? "no end" : value.ToString(CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("graceDay", "5")]
    [InlineData("graceDays", "-1")]
    [InlineData("graceDays", "366")]
    [InlineData("graceDays", "many")]
    [InlineData("segment/RETAIL", "1")]
    [InlineData("customer/C-1/graceDays", "1")]
    [InlineData("terms/N30/days", "1")]
    [InlineData("tier/GOLD/max", "-2")]
    [InlineData("planet/EARTH/rule.1", "1")]
    public void Unknown_name_or_value_out_of_bounds_is_named(string name, string value)
    {
        Assert.Null(Policy.Create("p", 2, [new PolicyParameter { Name = name, Value = value }], out var error));
        Assert.Contains(name, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Activated_parameters_come_back_as_they_were_told()
    {
        (string, string)[] told = [("component.H", "0"), ("customer/C-1/rule.1", "3"), ("graceDays", "7"), ("segment/RETAIL/horizonDays", "30"), ("terms/N30/rank", "3"), ("tier/GOLD/max", "5")];
        var policy = Policy.Create("p", 2, [.. told.Select(t => new PolicyParameter { Name = t.Item1, Value = t.Item2 })], out _)!;
        Assert.Equal(told, policy.ToParameters().Select(p => (p.Name, p.Value)));
        Assert.Equal((7, 7, 60, 30), (policy[Parameter.GraceDays], policy.For("RETAIL")[Parameter.GraceDays], policy.HorizonDays, policy.For("RETAIL").HorizonDays));
    }

    [Fact]
    public void Version_that_is_activated_ahead_takes_effect_at_its_time_also_after_a_restart()
    {
        var desk = new Desk(limit: 1_000);
        desk.Tell(new PolicyActivated { PolicyId = "p", Version = 2, EffectiveAt = desk.Now.Plus(3600 * Instant.Second), Parameters = [new PolicyParameter { Name = "graceDays", Value = "9" }] });
        Assert.Equal(5, desk.Book.Context.Policy[Parameter.GraceDays]);
        desk.Restart();
        desk.Wait(3598);
        Assert.Equal(1, desk.Book.Context.Policy.Version);
        desk.Wait(2);
        Assert.Equal((2, 9), (desk.Book.Context.Policy.Version, desk.Book.Context.Policy[Parameter.GraceDays]));
    }
}
