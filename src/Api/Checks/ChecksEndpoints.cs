using ExposureMonitor.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

internal static class ChecksEndpoints
{
    internal static void MapChecks(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "POST", "/customers/{customer}/credit-checks", Roles.Service, "Decides whether an order may be accepted; an approval reserves the headroom. At the checkpoints Pick and Ship it judges an order that stands, and reserves nothing.", (http, caller) =>
            desk.CommandAsync(http, caller, new CheckCredit { Customer = http.Customer() }, answer =>
                answer.Effects.OfType<CheckDecided>().FirstOrDefault() is { } decided
                    ? Results.Bytes(DecisionJson.Of(decided, answer.At, whatIf: false), "application/json")
                    : Problems.Of(answer.Outcome))).Takes(new CheckCredit()).Commands().Tells(Shapes.Decision);

        api.For(desk, "POST", "/customers/{customer}/credit-checks/what-if", Roles.Askers, "The same figures without an effect; not an approval.", async (http, caller) =>
        {
            if (await Desk.BodyAsync(http, Desk.CommandMax) is not { } body) return Routing.TooLarge(Desk.CommandMax);
            var check = new CheckCredit();
            if (desk.Decoder.Fill(check, body) is { } error) return Problems.Of(400, error.Reason, error.Detail);
            (check.Customer, check.Actor) = (http.Customer(), caller.Subject);
            var answer = await desk.Engine.ReadAsync(desk.Engine.PartitionOf(check.Customer), book => PartitionMachine.WhatIf(book, check), http.RequestAborted);
            return answer is null || !desk.Engine.TryGetRow(check.Customer, out var row)
                ? Routing.UnknownCustomer(check.Customer)
                : Results.Bytes(DecisionJson.Of(answer, new EntryPosition(row.Partition, row.Figures.AsOf, 0), whatIf: true), "application/json");
        }).Takes(new CheckCredit()).Fails(404, 422, 503).Tells(Shapes.Decision);

        api.For(desk, "DELETE", "/customers/{customer}/reservations/{reservation}", Roles.Service, "Gives reserved headroom back.", (http, caller) =>
            http.IdOf("reservation") is { } reservation
                ? desk.OnceAsync(http, caller, new EndReservation { Customer = http.Customer(), ReservationId = reservation })
                : Task.FromResult(Routing.BadId("reservation"))).Commands().Tells(Shapes.Commanded);
    }
}
