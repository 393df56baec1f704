using System.CommandLine;
using System.Text.Json;
using ExposureMonitor.Api;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure scorecards</c>: which cards score, and how one comes into use. One person proposes, another confirms, both at a running service.</summary>
internal static class ScorecardsCommand
{
    internal static Command Build() => new("scorecards", "Scorecards of the house: list, propose, confirm, reject, withdraw. A card scores when a second person has confirmed it.")
    {
        List(), Propose(), Decide("confirm", "approve", "Lets a card score from now on, in use or as a shadow; not the own proposal."), Decide("reject", "reject", "Turns a card down."), Withdraw(),
    };

    private static Command List()
    {
        var (database, url, key, json) = (Common.Database(), Remote.Url(), Remote.KeyEnvironment(), Common.Json());
        var command = new Command("list", "Lists cards in force, those that wait, and those that were; of a running service with --url, else of the database, beside a service or without one.") { database, url, key, json }.Examples(
            "exposure scorecards list --db data/exposure.db", "EXPOSURE_KEY=$VIEWER exposure scorecards list --url http://localhost:8480 --json");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var cards = parsed.GetValue(url) is { } service ? await AtServiceAsync(service, parsed.GetValue(key), cancel) : await InDatabaseAsync(parsed.GetValue(database)!, cancel);
            Common.Print(parsed.GetValue(json), cards, () =>
            {
                foreach (var c in cards) Console.WriteLine(LineOf(c));
                if (cards.Count == 0) Console.WriteLine("No card was ever proposed: the shrunk share serves. exposure learn fits cards, exposure scorecards propose asks for one.");
            });
            return 0;
        }));
        return command;
    }

    private static string LineOf(ScorecardLine c)
    {
        var stands = (c.State, c.Use) switch
        {
            (nameof(ProposalState.Approved), nameof(CardUse.InUse)) => "in use",
            (nameof(ProposalState.Approved), _) => "shadow",
            (nameof(ProposalState.Open), _) => "waits",
            _ => c.State.ToLowerInvariant(),
        };
        var people = $"proposed by {c.ProposedBy}" + c.State switch
        {
            nameof(ProposalState.Open) => $" {(c.Use == nameof(CardUse.InUse) ? "for use" : "as shadow")}, to decide until {c.LapsesAfter}",
            nameof(ProposalState.Approved) => $", confirmed by {string.Join(", ", c.ApprovedBy)} at {c.DecidedAt}",
            nameof(ProposalState.Rejected) => $", turned down by {c.RejectedBy}",
            nameof(ProposalState.Withdrawn) => $", withdrawn by {c.RejectedBy}{(c.EndedAt is { } end ? " at " + end : "")}",
            nameof(ProposalState.Replaced) => $", replaced at {c.EndedAt}",
            _ => "",
        };
        return $"{c.Target,-8} {stands,-10} {c.Version}  {c.Id}  {people}{(c.Reason.Length > 0 ? ": " + c.Reason : "")}";
    }

    private static async Task<IReadOnlyList<ScorecardLine>> InDatabaseAsync(string database, CancellationToken cancel)
    {
        await using var reader = await Common.ReaderAsync(database, cancel);
        return ScorecardLines.Of((await AsOf.NowAsync(reader, reader.Database, Book.House, cancel)).Desk);
    }

    private static async Task<IReadOnlyList<ScorecardLine>> AtServiceAsync(string service, string? key, CancellationToken cancel)
    {
        using var remote = Remote.Open(service, key);
        return (await remote.GetAsync("/scorecards", cancel)).GetProperty("cards").Deserialize<List<ScorecardLine>>(Common.JsonOptions)!;
    }

    private static Command Propose()
    {
        var (url, key, json) = (Remote.Url(), Remote.KeyEnvironment(), Common.Json());
        var file = new Argument<FileInfo>("card") { Description = "The card: <target>.scorecard, as `exposure learn` wrote it." };
        var shadow = new Option<bool>("--shadow") { Description = "It is to score beside the card in use, to be compared; nothing follows from what it says." };
        var command = new Command("propose", "Asks that a card be used, or score as a shadow; a policy approver confirms.") { file, shadow, url, key, json }.Examples(
            "EXPOSURE_KEY=$OWNER exposure scorecards propose cards/late5.scorecard --url http://localhost:8480", "EXPOSURE_KEY=$OWNER exposure scorecards propose cards/late15.scorecard --shadow --url http://localhost:8480");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            using var remote = Remote.Open(parsed.GetValue(url), parsed.GetValue(key));
            var text = await File.ReadAllTextAsync(parsed.GetValue(file)!.FullName, cancel);
            // The service answers for the text that it got; these say that it got the one that was meant.
            var body = JsonSerializer.Serialize(new { card = text, use = parsed.GetValue(shadow) ? nameof(CardUse.Shadow) : nameof(CardUse.InUse), version = ScorecardText.VersionOf(text), sha256 = ProposedCard.HashOf(text) });
            var told = await remote.PostAsync("/scorecards/drafts", body, cancel);
            Common.Print(parsed.GetValue(json), told, () =>
            {
                var card = told.GetProperty("proposed");
                Console.WriteLine($"{told.GetProperty("id").GetString()}: {card.GetProperty("target").GetString()}, version {card.GetProperty("version").GetString()}, SHA-256 {card.GetProperty("sha256").GetString()}");
                Console.WriteLine($"It scores nothing until a second person agrees: exposure scorecards confirm {told.GetProperty("id").GetString()} --url {parsed.GetValue(url)}");
            });
            return 0;
        }));
        return command;
    }

    private static Command Decide(string act, string route, string meaning)
    {
        var (url, key, json) = (Remote.Url(), Remote.KeyEnvironment(), Common.Json());
        var (card, reason) = (Card(), Reason());
        var command = new Command(act, meaning) { card, reason, url, key, json }.Examples($"EXPOSURE_KEY=$APPROVER exposure scorecards {act} p-1a2b3c4d5e6f7081 --url http://localhost:8480");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            using var remote = Remote.Open(parsed.GetValue(url), parsed.GetValue(key));
            var id = parsed.GetValue(card)!;
            // `proposals approve` decides about anything; here a mistyped id is not to let a limit through.
            if (!(await AtServiceAsync(parsed.GetValue(url)!, parsed.GetValue(key), cancel)).Any(c => c.Id == id)) throw new InvalidOperationException($"No scorecard was proposed as '{id}'; exposure scorecards list shows them.");
            var told = await remote.PostAsync($"/proposals/{Uri.EscapeDataString(id)}/{route}?reason={Uri.EscapeDataString(parsed.GetValue(reason) ?? "")}", null, cancel);
            Common.Print(parsed.GetValue(json), told, () => Console.WriteLine($"{id}: {told.GetProperty("state").GetString()} {told.GetProperty("entry").GetString()}"));
            return 0;
        }));
        return command;
    }

    private static Command Withdraw()
    {
        var (url, key, json) = (Remote.Url(), Remote.KeyEnvironment(), Common.Json());
        var (card, reason) = (Card(), Reason());
        var command = new Command("withdraw", "Takes a card out of force at once, or back while it waits; the shrunk share serves again.") { card, reason, url, key, json }.Examples(
            "EXPOSURE_KEY=$OWNER exposure scorecards withdraw p-1a2b3c4d5e6f7081 --reason 'fitted on a wrong ledger' --url http://localhost:8480");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            using var remote = Remote.Open(parsed.GetValue(url), parsed.GetValue(key));
            var id = parsed.GetValue(card)!;
            var told = await remote.PostAsync($"/scorecards/{Uri.EscapeDataString(id)}/withdraw?reason={Uri.EscapeDataString(parsed.GetValue(reason) ?? "")}", null, cancel);
            Common.Print(parsed.GetValue(json), told, () => Console.WriteLine($"{id} is withdrawn."));
            return 0;
        }));
        return command;
    }

    private static Argument<string> Card() => new("card") { Description = "The id of its proposal, as `scorecards list` shows it." };

    private static Option<string> Reason() => new("--reason") { Description = "Why; it stands in the audit trail." };
}
