using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure channels noise</c>: which indicators people found useful, and which thresholds would have spared them noise.</summary>
internal static class NoiseCommand
{
    internal static Command Build()
    {
        var (url, key, json) = (Remote.Url(), Remote.KeyEnvironment(), Common.Json());
        var from = new Option<string?>("--from") { Description = "Causes that began then or later (RFC 3339); without it those of the last ninety days." };
        var command = new Command("noise", "Share of noise of each rule, by what people said of its alerts, and thresholds that would have spared some of it. Changes nothing; acts on a running service.") { from, url, key, json }
            .Examples("EXPOSURE_KEY=$VIEWER exposure channels noise --url http://localhost:8480");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            using var remote = Remote.Open(parsed.GetValue(url), parsed.GetValue(key));
            var since = parsed.GetValue(from);
            var told = await remote.GetAsync("/alert-tags" + (since is null ? "" : "?from=" + Uri.EscapeDataString(since)), cancel);
            Common.Print(parsed.GetValue(json), told, () => Show(told));
            return 0;
        }));
        return command;
    }

    private static void Show(JsonElement told)
    {
        Console.WriteLine($"Alerts since {told.GetProperty("from").GetString()}");
        var table = new Table().Border(TableBorder.None).AddColumns("rule", "told", "handled", "useful", "noise", "share of noise");
        foreach (var rule in told.GetProperty("rules").EnumerateArray())
            table.AddRow(Markup.Escape(rule.GetProperty("rule").GetString()!), Whole(rule, "told"), Whole(rule, "handled"), Whole(rule, "useful"), Whole(rule, "noise"),
                rule.GetProperty("noiseBp") is { ValueKind: JsonValueKind.Number } share ? (share.GetInt64() / 100m).ToString("0.#", CultureInfo.InvariantCulture) + " %" : "–");
        AnsiConsole.Write(table);
        foreach (var p in told.GetProperty("proposals").EnumerateArray())
            Console.WriteLine($"{p.GetProperty("rule").GetString()}: {p.GetProperty("parameter").GetString()} = {p.GetProperty("proposed").GetString()} (now {p.GetProperty("stands").GetString()}) would have spared {Whole(p, "noiseSpared")} of {Whole(p, "noise")} that were noise, and cost {Whole(p, "usefulLost")} of {Whole(p, "useful")} that were useful.");
        if (told.GetProperty("proposals").GetArrayLength() == 0) Console.WriteLine("No other threshold is proposed.");
    }

    private static string Whole(JsonElement of, string name) => of.GetProperty(name).GetInt64().ToString(CultureInfo.InvariantCulture);
}
