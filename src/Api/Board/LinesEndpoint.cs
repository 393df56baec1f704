using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>The way of the exposure of some customers over the moments that this process remembers (<see cref="Movers"/>).</summary>
internal static class LinesEndpoint
{
    /// <summary>As many as the largest page of the board shows.</summary>
    private const int CustomersMost = 200;

    internal static void MapLines(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/board/lines", Roles.Readers, "Exposure of some customers at the moments that this process remembers, oldest first: the start of the business day and the last hour and a half. Who is not known here, or not for the caller, is left out.", (http, caller) =>
        {
            var asked = http.Request.Query["customers"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries);
            if (asked.Length > CustomersMost) return Task.FromResult(Problems.Of(400, "BAD_CUSTOMERS", $"?customers=: expected at most {CustomersMost} customers with commas between."));
            var rows = new List<object>();
            foreach (var customer in asked.Distinct(StringComparer.Ordinal))
            {
                if (!Ids.IsValid(customer) || !desk.Engine.TryGetRow(customer, out var row) || !Desk.Sees(caller, row)) continue;
                var points = desk.Movers.LineOf(desk.Engine.Published[row.Partition], row.Figures.Slot, row.Figures.Currency);
                rows.Add(new { customer, currency = row.Figures.Currency.Code, points = points.Select(p => new { at = p.At.UtcDateTime, gross = p.Gross.ToString(CultureInfo.InvariantCulture) }) });
            }

            return Task.FromResult(Results.Json(new { rows }));
        }).Asks(("customers", $"At most {CustomersMost}, commas between.")).Fails(503).Tells(Shapes.Lines);
}
