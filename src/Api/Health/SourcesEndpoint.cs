using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>What came of each source, and what became of it: whether a feed is quiet, repeats itself or contradicts itself.</summary>
internal static class SourcesEndpoint
{
    internal static void MapSources(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/sources", Roles.Readers | Roles.Admin, "Events by source since this process began, by what became of them, and how many within the last minute. A cluster answers for the process that was asked.", (_, _) => Task.FromResult(Results.Json(new
        {
            sources = desk.Engine.Sources.Look().Select(s => new
            {
                source = s.Source, lastAt = Instant.From(s.LastAt).ToString(), lastMinute = s.LastMinute, applied = s.Applied, duplicates = s.Duplicates, conflicting = s.Conflicting, parked = s.Parked, superseded = s.Superseded, refused = s.Refused, undecodable = s.Undecodable,
            }),
        }))).Tells(Shapes.Sources);
}
