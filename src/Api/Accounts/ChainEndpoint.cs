using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Whether the record is whole: how far the chain of hashes was proved, where it ends, and what was anchored outside.</summary>
internal static class ChainEndpoint
{
    internal static void MapChain(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/audit/chain", Roles.Auditor | Roles.Admin, "The chain of hashes of the journal: its head in every partition, how far this service has proved it since it began and when, the newest anchor outside of the database.", async (http, _) =>
        {
            var heads = await desk.Engine.Reader.HeadsAsync(http.RequestAborted);
            var proved = desk.Engine.Proved;
            var chains = proved?.Chains.ToDictionary(c => c.Partition) ?? [];
            var seal = await desk.Engine.Reader.SealAsync(http.RequestAborted);
            return Results.Json(new
            {
                provedAt = proved?.At.UtcDateTime, violation = desk.Engine.Violation,
                partitions = heads.OrderBy(h => h.Partition).Select(h => new
                {
                    partition = h.Partition, epoch = h.Epoch, head = h.Seq, headHash = Convert.ToHexStringLower(h.HeadHash),
                    provedFrom = chains.GetValueOrDefault(h.Partition)?.From ?? h.Seq, provedUpTo = Math.Min(h.Seq, chains.GetValueOrDefault(h.Partition)?.UpTo ?? 0),
                }),
                prunedBase = seal?.Number,
                anchors = desk.Anchors is { } keeper ? new { number = keeper.Number, at = keeper.At.UtcDateTime, places = keeper.Places, problem = keeper.Problem } : null,
            });
        }).Fails(503).Tells(Shapes.Chain);
}
