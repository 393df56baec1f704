using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure health</c>: how a running service does, and what runs beside its engine.</summary>
internal static class HealthCommand
{
    internal static Command Build()
    {
        var url = new Option<string>("--url") { Description = "The running service.", DefaultValueFactory = _ => "http://localhost:8480" };
        var json = Common.Json();
        var command = new Command("health", "Shows how a service, its feed and its outbox do; ends with 1 when one has failed.") { url, json }.Examples("exposure health", "exposure health --url http://localhost:9000 --json");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            if (!Uri.TryCreate(parsed.GetValue(url), UriKind.Absolute, out var address)) throw new ArgumentException($"--url: '{parsed.GetValue(url)}' is no address such as http://localhost:8480.");
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
            var text = await http.GetStringAsync(new Uri(address, "/health"), cancel);
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            var health = root.GetProperty("health").GetString();
            if (parsed.GetValue(json)) Console.WriteLine(text);
            else Show(root);
            return health == "failed" ? 1 : 0;
        }));
        return command;
    }

    private static void Show(JsonElement root)
    {
        var table = new Table().Border(TableBorder.None).AddColumns("service", "health", "numbers", "reason");
        table.AddRow("engine", Text(root.GetProperty("engine"), "health"), "", "");
        foreach (var service in root.GetProperty("services").EnumerateArray())
        {
            Row(table, service, "");
            foreach (var part in service.GetProperty("parts").EnumerateArray()) Row(table, part, "  ");
        }

        AnsiConsole.Write(table);
    }

    private static void Row(Table table, JsonElement part, string indent) => table.AddRow(
        Markup.Escape(indent + Text(part, "name")), Text(part, "health"),
        string.Join("  ", part.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.Number).Select(m => $"{m.Name} {m.Value.GetRawText()}")), Markup.Escape(Text(part, "reason")));

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var told) ? told.GetString()! : "";
}
