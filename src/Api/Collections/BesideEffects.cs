using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Api;

/// <summary>Letters leave by their channel, credentials are kept encrypted.</summary>
internal sealed class BesideEffects(Desk desk) : IBesideEffects
{
    public bool IsReady => desk.Alerts is not null;

    public bool IsElsewhere => desk.Alerts is null && desk.AlertsMayBeElsewhere;

    public async ValueTask<string> MissingAsync(ProposalLine proposal, CancellationToken cancel)
    {
        if (desk.Alerts is not { LetterChannel: not null }) return "NO_LETTERS: no channel carries letters.";
        return await LetterCourier.ContactAsync(desk, Letter.Parse(proposal.Event).Customer, cancel) is null ? "NO_CONTACT: nobody reads the customer's letters." : "";
    }

    public async ValueTask<string> TakeAsync(ProposalLine proposal, CancellationToken cancel) =>
        proposal.Kind == ProposalKind.Letter ? await new LetterCourier(desk).PostAsync(proposal, cancel) : await ChannelCredentials.TakeAsync(desk, proposal, cancel);
}
