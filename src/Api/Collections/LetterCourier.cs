using System.Text.Json;
using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>
/// Takes approved letters to the channel of letters. The letter is in the account's journal before it leaves, and it leaves under the id that it has
/// there: a process that stops in between hands it over again, and it still goes once.
/// </summary>
internal sealed class LetterCourier(Desk desk)
{
    /// <summary>Kind of the notes that say who reads a customer's letters; they stand beside the journal, so that erasing one erases it.</summary>
    internal const string Contact = "contact";

    internal static async Task<LetterContact?> ContactAsync(Desk desk, string customer, CancellationToken cancel) =>
        desk.SignIn?.Notes is { } notes && await notes.NoteAsync(Contact, customer, cancel) is { } note ? JsonSerializer.Deserialize<LetterContact>(note.Body) : null;

    /// <summary>Hands one letter over; "" when it is on its way, else why not.</summary>
    internal async Task<string> PostAsync(ProposalLine proposal, CancellationToken cancel)
    {
        var letter = Letter.Parse(proposal.Event);
        if (desk.Alerts is not { LetterChannel: not null } house) return "NO_LETTERS: no channel carries letters; it goes when one does.";
        if (await ContactAsync(desk, letter.Customer, cancel) is not { } contact) return "NO_CONTACT: nobody reads the customer's letters.";
        var name = await desk.Engine.Reader.PartyNameAsync(letter.Customer, cancel) ?? "";
        return await house.PostAsync(letter, contact, name, string.Join(", ", proposal.ApprovedBy), cancel) ? "" : "NO_LETTERS: no channel carries letters.";
    }

    /// <summary>Letters that were approved and are not among the alerts yet, as after a stop in between.</summary>
    internal async Task ResumeAsync(CancellationToken cancel)
    {
        if (desk.Alerts is not { LetterChannel: not null } house) return;
        var approved = (await desk.Proposals.ListAsync(cancel)).Where(p => p is { Kind: ProposalKind.Letter, State: ProposalState.Approved, Entry.Length: > 0 }).ToList();
        var known = (await house.Store.AlertsAsync([.. approved.Select(p => Letter.Parse(p.Event).Id)], cancel)).Select(a => a.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var proposal in approved)
            if (!known.Contains(Letter.Parse(proposal.Event).Id)) await PostAsync(proposal, cancel);
    }
}
