using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Where each partition is, how far it has come, and what keeps it from answering.</summary>
internal static class PartitionsEndpoint
{
    internal static void MapPartitions(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/partitions", Roles.Readers | Roles.Admin, "Each partition (-1 is the house) with who has it, its epoch and the newest frame of its journal, the version of the rules that it goes by, up to which frame this process shows it, why it does not answer, and how far it has come while it is read back; what waits in the queue of this process, and how long its last thousand commits took.", async (http, _) =>
        {
            var (engine, heads) = (desk.Engine, await desk.Engine.Reader.HeadsAsync(http.RequestAborted));
            var times = engine.CommitTimes.Percentiles();
            return Results.Json(new
            {
                queued = engine.Queued, commitP50Micros = Micros(times?.P50), commitP99Micros = Micros(times?.P99),
                partitions = heads.OrderBy(h => h.Partition).Select(h => new
                {
                    partition = h.Partition, isHere = engine.Owns(h.Partition), serves = engine.Serves(h.Partition), why = engine.Owns(h.Partition) ? engine.WhyNotServing(h.Partition) : null,
                    epoch = h.Epoch, head = h.Seq, rules = engine.RulesOf(h.Partition), shown = h.Partition < 0 ? (long?)null : engine.Published[h.Partition].Complete,
                    recovery = engine.RecoveryOf(h.Partition) is { } r ? new { accounts = r.Accounts, accountsAll = r.AccountsAll, frames = r.Frames, framesAll = r.FramesAll } : null,
                }),
            });
        }).Fails(503).Tells(Shapes.Partitions);

    private static long? Micros(TimeSpan? time) => time is { } told ? (long)told.TotalMicroseconds : null;
}
