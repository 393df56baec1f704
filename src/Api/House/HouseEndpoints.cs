using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>What holds for the whole house: the policy, the rates, the switch that holds everything.</summary>
internal static class HouseEndpoints
{
    internal static void MapHouse(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "GET", "/policy", Roles.Readers | Roles.Admin, "The policy in force: what differs from the defaults; and versions that wait for their time.", async (http, _) =>
        {
            var (policy, waiting) = await desk.Engine.ReadAsync(0, book => (book.Context.Policy, book.AheadOfTime.ToList()), http.RequestAborted);
            return Results.Json(new
            {
                policyId = policy.Id, policy.Version, parameters = policy.ToParameters().Select(p => new { p.Name, p.Value }),
                waiting = waiting.Select(w => new { w.Version, effectiveAt = w.EffectiveAt.ToString(), parameters = w.Parameters.Select(p => new { p.Name, p.Value }) }),
                reasonCodes = policy.ReasonCodes,
            });
        }).Fails(503).Tells(Shapes.Policy);
        api.For(desk, "GET", "/policy/parameters", Roles.Readers | Roles.Admin, "Every parameter of a policy for everybody: its default, its bounds and what it means.", (_, _) =>
            Task.FromResult(Results.Json(new { parameters = PolicyParameters.All }))).Tells(Shapes.PolicyParameters);
        api.For(desk, "GET", "/rates", Roles.Readers | Roles.Admin, "The exchange rates in force, to the base currency.", async (http, _) =>
        {
            var context = await desk.Engine.ReadAsync(0, book => book.Context, http.RequestAborted);
            return Results.Json(new
            {
                baseCurrency = context.BaseCurrency.Code,
                rates = context.Rates.Select(r => new { from = r.From.Code, rate = r.Rate.ToString(), asOf = r.AsOf.Micros == 0 ? null : r.AsOf.ToString() }),
            });
        }).Fails(503).Tells(Shapes.Rates);
        api.For(desk, "GET", "/global-hold", Roles.Readers | Roles.Admin, "Whether everything is on hold.", async (http, _) =>
        {
            // What the house has decided, and the partitions where it does not stand yet.
            var on = await desk.Engine.ReadAsync(Book.House, book => book.Context.GlobalHold, http.RequestAborted);
            var notYet = new List<int>();
            for (var partition = 0; partition < desk.Engine.Database.Partitions; partition++)
                if (await desk.Engine.AskAsync(partition, BookQuestions.GlobalHold(), http.RequestAborted) != on) notYet.Add(partition);
            return Results.Json(new { on, notYet });
        }).Fails(503).Tells(Shapes.Switch);
        api.For(desk, "POST", "/global-hold", Roles.Desk, "Holds everything at once; switching it off is a proposal that an approver decides. The answer comes when every partition has journaled it, or names those that have not (notYet).", async (http, caller) =>
        {
            if (await Desk.BodyAsync(http, Desk.CommandMax) is not { } body) return Routing.TooLarge(Desk.CommandMax);
            if (caller.Segments.Count > 0) return Problems.Of(403, "SCOPE", "The switch is for the whole house; this key sees some segments only.");
            var command = new SwitchGlobalHold();
            if (desk.Decoder.Fill(command, body) is { } error) return Problems.Of(400, error.Reason, error.Detail);
            using (var told = JsonDocument.Parse(body))
                if (!told.RootElement.TryGetProperty("on", out _)) return Problems.Of(400, "MISSING_FIELD", "$.on: expected true or false.");
            if (command.ApprovedBy.Length > 0 || command.HouseSeq != 0) return Problems.Of(400, "UNKNOWN_MEMBER", "$: expected on and reason; the approval is another person's call.");
            if (command.On) return await desk.OnceAsync(http, caller, command);
            if (Desk.BadKey(http, out var key) is { } missing) return missing;
            return await ProposalsEndpoints.KeepAsync(desk, http, caller, ProposalDesk.IdOf(caller, ProposalKind.GlobalHoldOff, "", key), ProposalKind.GlobalHoldOff, "", command.Reason, Hashing.Text(command.Reason, 11));
        }).Takes(new SwitchBody()).Commands().Tells(Shapes.Commanded).Other = (202, Shapes.Proposal);
    }

    private sealed class SwitchBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Flag(1, "on", false);
            v.Text(2, "reason", "");
        }
    }
}
