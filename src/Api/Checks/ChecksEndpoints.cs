using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

internal static class ChecksEndpoints
{
    internal static void MapChecks(this IEndpointRouteBuilder api, Desk desk)
    {
        api.For(desk, "POST", "/customers/{customer}/credit-checks", Roles.Service,
            "Decides whether an order may be accepted; an approval reserves the headroom.", (http, caller) =>
            http.IdOf("customer") is not { } customer
                ? Task.FromResult(ApiRoutes.BadId("customer"))
                : desk.CommandAsync(http, caller, new CheckCredit { Customer = customer }, answer =>
                    answer.Effects.OfType<CheckDecided>().FirstOrDefault() is { } decided
                        ? Results.Bytes(AnswerJson.Of(decided, answer.At), "application/json")
                        : Problems.Of(answer.Outcome)));

        api.For(desk, "POST", "/customers/{customer}/credit-checks/what-if", Roles.Askers, "The same figures without an effect; not an approval.",
            async (http, caller) =>
            {
                if (http.IdOf("customer") is not { } customer) return ApiRoutes.BadId("customer");
                if (await Desk.BodyAsync(http, Desk.CommandMax) is not { } body) return Problems.Of(413, "TOO_LARGE", "The body is too large.");
                var check = new CheckCredit();
                if (desk.Decoder.Fill(check, body) is { } error) return Problems.Of(400, error.Reason, error.Detail);
                (check.Customer, check.Actor) = (customer, caller.Subject);
                var answer = await desk.Engine.ReadAsync(desk.Engine.PartitionOf(customer), book => PartitionMachine.WhatIf(book, check), http.RequestAborted);
                return answer is null
                    ? Problems.Of(404, "UNKNOWN_CUSTOMER", $"No customer '{customer}'.")
                    : Results.Bytes(AnswerJson.Of(answer, null), "application/json");
            });

        api.For(desk, "DELETE", "/customers/{customer}/reservations/{reservation}", Roles.Service, "Gives reserved headroom back.", (http, caller) =>
            http.IdOf("customer") is { } customer && http.IdOf("reservation") is { } reservation
                ? EndAsync(desk, http, caller, new EndReservation { Customer = customer, ReservationId = reservation })
                : Task.FromResult(ApiRoutes.BadId("reservation")));
    }

    private static async Task<IResult> EndAsync(Desk desk, HttpContext http, Caller caller, EndReservation command)
    {
        (command.Actor, command.Key) = (caller.Subject, http.Request.Headers["Idempotency-Key"].ToString());
        var answer = await desk.Engine.SubmitAsync(command, http.RequestAborted);
        return answer.Outcome.Kind == OutcomeKind.Applied ? Results.Bytes(AnswerJson.Of(answer), "application/json") : Problems.Of(answer.Outcome);
    }
}
