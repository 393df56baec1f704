using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Commands that take effect only when another person agrees: the request is a proposal, the command its effect.</summary>
internal static class FourEyesEndpoints
{
    internal static void MapFourEyes(this RouteGroupBuilder api, Desk desk)
    {
        Ask("/customers/{customer}/admissions", ProposalKind.Admission, "Asks that a document parked as TOO_OLD be admitted; another person decides. The entry stands among the parked facts of the customer.");
        Ask("/customers/{customer}/exclusions", ProposalKind.Exclusion, "Asks for an exclusion from a rule, for an order or for all, with an owner and an end; another person decides.");
        Ask("/customers/{customer}/holds/{order}/lift", ProposalKind.ForcedHoldLift, "Asks that a forced hold be lifted; another person decides, up to the own authority.");
        Ask("/customers/{customer}/stop-lifts", ProposalKind.StopLift, "Asks that the stop of a customer be lifted; another person decides, up to the own authority.");
        api.For(desk, "POST", "/customers/{customer}/stop", Roles.Desk, "Stops a customer: a forced hold on every undelivered order, at once.", (http, caller) =>
            desk.CommandAsync(http, caller, new StopCustomer { Customer = http.Customer() })).Takes(new StopCustomer()).Commands().Tells(Shapes.Commanded);
        api.For(desk, "POST", "/customers/{customer}/signals/close", Roles.Desk, "Closes a signal that only a person can end: news from outside (EW-42), another way to pay (EW-35).", (http, caller) =>
            desk.CommandAsync(http, caller, new CloseSignal { Customer = http.Customer() })).Takes(new CloseSignal()).Commands().Tells(Shapes.Commanded);
        api.For(desk, "DELETE", "/customers/{customer}/exclusions/{exclusion}", Roles.Desk, "Ends an exclusion at once: it only takes a right away.", (http, caller) =>
            http.IdOf("exclusion") is { } exclusion
                ? desk.OnceAsync(http, caller, new EndExclusion { Customer = http.Customer(), ExclusionId = exclusion })
                : Task.FromResult(Routing.BadId("exclusion"))).Commands().Tells(Shapes.Commanded);

        void Ask(string pattern, ProposalKind kind, string summary) => api.For(desk, "POST", pattern, Roles.Desk, summary, async (http, caller) =>
        {
            if (await Desk.BodyAsync(http, Desk.CommandMax) is not { } body) return Routing.TooLarge(Desk.CommandMax);
            if (Desk.BadKey(http, out var key) is { } missing) return missing;
            var command = ProposalDesk.CommandOf(kind)!;
            if (command is HoldCommand)
            {
                if (http.IdOf("order") is not { } order) return Routing.BadId("order");
                body = Desk.WithOrder(body, order);
            }

            if (desk.Decoder.Fill(command, body) is { } error) return Problems.Of(400, error.Reason, error.Detail);
            if (body.AsSpan().IndexOf("\"approvedBy\""u8) >= 0) return Problems.Of(400, "UNKNOWN_MEMBER", "$.approvedBy: the approval is another person's call.");
            if (command is HoldCommand hold && hold.OrderId != (string)http.Request.RouteValues["order"]!) return Problems.Of(400, "ORDER_MISMATCH", "$.orderId: the address says another order.");
            if (command is AdmitDocument admit && !EntryPosition.TryParse(admit.Entry, out _)) return Problems.Of(400, "BAD_ENTRY", "$.entry: expected partition-sequence-index, such as 3-1200-0.");
            var customer = http.Customer();
            if (!desk.Engine.TryGetRow(customer, out _)) return Routing.UnknownCustomer(customer);
            var about = command is HoldCommand held ? customer + "/" + held.OrderId : customer;
            var id = ProposalDesk.IdOf(caller, kind, about, key);
            if (command is LiftForcedHold lift && await NothingToLiftAsync(desk, http, customer, lift.OrderId, id) is { } idle) return idle;
            return await ProposalsEndpoints.KeepAsync(desk, http, caller, id, kind, customer, Wire(command), Hashing.XxHash64(body));
        }).Takes(new WithoutApproval(ProposalDesk.CommandOf(kind)!)).Commands().Answers(202).Tells(Shapes.Proposal);
    }

    /// <summary>What can never take effect is told to the one who asks, not to the one who approves; a repetition finds its proposal.</summary>
    private static async Task<IResult?> NothingToLiftAsync(Desk desk, HttpContext http, string customer, string order, string id)
    {
        if (await desk.Proposals.FindAsync(id, http.RequestAborted) is not null) return null;
        var hold = (await OrdersEndpoints.DetailAsync(desk, customer, http.RequestAborted))?.Holds.Find(h => h.OrderId == order);
        return hold switch
        {
            null => Problems.Of(Outcome.Refused("NOT_ON_HOLD", $"Order '{order}' is not on hold.")),
            { Forced: false } => Problems.Of(Outcome.Refused("NOT_FORCED", $"Order '{order}' is on hold by a rule, not by a person's word; ask for its release.")),
            _ => null,
        };
    }

    /// <summary>What the command says, without who says it: those stand in the proposal.</summary>
    private static string Wire(Command command)
    {
        using var told = JsonDocument.Parse(JsonFieldWriter.ToBytes(command));
        return Encoding.UTF8.GetString(AccountJson.Bytes(json =>
        {
            json.WriteStartObject();
            foreach (var member in told.RootElement.EnumerateObject())
                if (member.Name is not ("actor" or "key" or "authority" or "approvedBy")) member.WriteTo(json);
            json.WriteEndObject();
        }));
    }

    /// <summary>The fields of a command for the contract; who approves is no field of the request.</summary>
    internal sealed class WithoutApproval(Command command) : IDescribed
    {
        public void Describe(FieldVisitor v) => command.Describe(v);
    }
}
