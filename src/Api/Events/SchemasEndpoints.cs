using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>The forms of the events that come in and go out, for those who write and read them.</summary>
internal static class SchemasEndpoints
{
    /// <summary>They name no customer and no figure: whoever has a key may read them.</summary>
    private const Roles Anybody = Roles.Readers | Roles.Admin;

    private const string Tail = ".json";

    internal static void MapSchemas(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "GET", "/schemas", Anybody, "The types of events, those that are taken in and those that go out, each with the address of its JSON Schema.", (http, _) =>
            Task.FromResult(Results.Json(new
            {
                schemas = desk.Contracts.Types.Select(contract => new { contract.Type, direction = contract.GoesOut ? "Out" : "In", schema = $"/api/v1/schemas/{contract.Type}{Tail}" }),
            }))).Tells(Shapes.Schemas);

        api.For(desk, "GET", "/schemas/{type}", Anybody, "The JSON Schema of a type of event, with or without .json at its end.", (http, _) =>
        {
            var told = (string)http.Request.RouteValues["type"]!;
            var type = told.EndsWith(Tail, StringComparison.Ordinal) ? told[..^Tail.Length] : told;
            return Task.FromResult(desk.Contracts.Types.FirstOrDefault(contract => contract.Type == type) is { } found
                ? Results.Text(found.Schema, "application/schema+json")
                : Problems.Of(404, "NO_SCHEMA", "No type of event has this name; /api/v1/schemas lists them."));
        }).Fails(404).Answers(200, "application/schema+json");

        api.For(desk, "GET", "/schemas/events.proto", Anybody, "The Protobuf file of the events that are taken in.", (_, _) =>
            Task.FromResult(Results.Text(desk.Contracts.Protobuf, "text/plain"))).Answers(200, "text/plain");
    }
}
