using System.CommandLine;
using System.Text.Json;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure proposals</c>: what waits for a second person at a running service.</summary>
internal static class ProposalsCommand
{
    internal static Command Build() => new("proposals", "What waits for a second person: list, approve, reject. Acts on a running service.") { List(), Decide("approve"), Decide("reject") };

    private static Command List()
    {
        var (url, key, json) = (Remote.Url(), Remote.KeyEnvironment(), Common.Json());
        var command = new Command("list", "Lists open proposals.") { url, key, json }.Examples("EXPOSURE_KEY=$APPROVER exposure proposals list --url http://localhost:8480");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            using var remote = Remote.Open(parsed.GetValue(url), parsed.GetValue(key));
            var proposals = (await remote.GetAsync("/proposals?state=Open", cancel)).GetProperty("proposals");
            Common.Print(parsed.GetValue(json), proposals, () =>
            {
                foreach (var p in proposals.EnumerateArray())
                    Console.WriteLine($"{p.GetProperty("id").GetString()}  {p.GetProperty("kind").GetString(),-20} {p.GetProperty("customer").GetString(),-20} by {p.GetProperty("proposedBy").GetString()}, to decide until {p.GetProperty("lapsesAfter").GetString()}");
                if (proposals.GetArrayLength() == 0) Console.WriteLine("Nothing waits.");
            });
            return 0;
        }));
        return command;
    }

    private static Command Decide(string act)
    {
        var (url, key, json) = (Remote.Url(), Remote.KeyEnvironment(), Common.Json());
        var proposal = new Argument<string>("proposal") { Description = "The id, as `proposals list` shows it." };
        var command = new Command(act, act == "approve" ? "Lets a proposal take effect; not the own." : "Turns a proposal down.") { proposal, url, key, json }.Examples($"EXPOSURE_KEY=$APPROVER exposure proposals {act} p-1a2b3c4d5e6f7081 --url http://localhost:8480");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            using var remote = Remote.Open(parsed.GetValue(url), parsed.GetValue(key));
            var told = await remote.PostAsync($"/proposals/{Uri.EscapeDataString(parsed.GetValue(proposal)!)}/{act}", null, cancel);
            Common.Print(parsed.GetValue(json), told, () => Console.WriteLine($"{told.GetProperty("id").GetString()}: {told.GetProperty("state").GetString()} {told.GetProperty("entry").GetString()}"));
            return 0;
        }));
        return command;
    }
}
