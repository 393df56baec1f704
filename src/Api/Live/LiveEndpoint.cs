using System.Globalization;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>
/// Server-Sent Events: a snapshot, then a diff after each commit that touched a subscribed customer; a reader that
/// comes back with Last-Event-ID gets what it missed, or a new snapshot.
/// </summary>
internal static class LiveEndpoint
{
    private const int CustomersMax = 500;

    internal static void MapLive(this IEndpointRouteBuilder api, Desk desk) => api.For(desk, "GET", "/live", Roles.Readers,
        "Live rows as Server-Sent Events; ?subs=customer:<id>,… or board for all changes.", async (http, _) =>
        {
            var subs = http.Request.Query["subs"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries);
            var customers = subs.Where(s => s.StartsWith("customer:", StringComparison.Ordinal)).Select(s => s[9..]).ToHashSet(StringComparer.Ordinal);
            var board = subs.Contains("board");
            if (subs.Length == 0 || customers.Count > CustomersMax || (!board && customers.Count == 0))
                return Problems.Of(400, "BAD_SUBS", $"Give ?subs=board or up to {CustomersMax} of customer:<id>.");
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync("retry: 2000\n\n", http.RequestAborted);
            await StreamAsync(desk, http, customers, board);
            return Results.Empty;
        });

    private static async Task StreamAsync(Desk desk, HttpContext http, HashSet<string> customers, bool board)
    {
        var cancel = http.RequestAborted;
        long? after = long.TryParse(http.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var seen) && desk.Engine.Live.CanResume(seen) ? seen : null;
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var changes = desk.Engine.Live.Subscribe(after, gone.Token);
        if (after is null) await SendAsync(http, "snapshot", null, Rows(desk, customers));
        try
        {
            while (true)
            {
                using var beat = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                beat.CancelAfter(TimeSpan.FromSeconds(15));
                try
                {
                    if (!await changes.WaitToReadAsync(beat.Token)) break;
                }
                catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
                {
                    await SendAsync(http, "beat", null, []);
                    continue;
                }

                // What piled up meanwhile goes out as one diff with the newest rows.
                var touched = new HashSet<string>(StringComparer.Ordinal);
                long id = 0;
                while (changes.TryRead(out var change))
                {
                    id = change.Id;
                    foreach (var customer in change.Customers)
                        if (board || customers.Contains(customer)) touched.Add(customer);
                }

                if (touched.Count > 0) await SendAsync(http, "diff", id, Rows(desk, touched));
                await Task.Delay(board ? 250 : 50, cancel);
            }

            await SendAsync(http, "notice", null, []);
        }
        catch (OperationCanceledException)
        {
            // The reader went away: nothing is left to tell.
        }
        finally
        {
            await gone.CancelAsync();
        }
    }

    private static List<PublishedRow> Rows(Desk desk, IEnumerable<string> customers)
    {
        var rows = new List<PublishedRow>();
        foreach (var customer in customers)
            if (desk.Engine.TryGetRow(customer, out var row)) rows.Add(row);
        return rows;
    }

    private static async Task SendAsync(HttpContext http, string kind, long? id, List<PublishedRow> rows)
    {
        var text = new StringBuilder();
        if (id is { } told) text.Append(CultureInfo.InvariantCulture, $"id: {told}\n");
        text.Append(CultureInfo.InvariantCulture, $"event: {kind}\ndata: ");
        text.Append(Encoding.UTF8.GetString(AccountJson.Bytes(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("rows");
            foreach (var row in rows) AccountJson.Write(json, row, null);
            json.WriteEndArray();
            json.WriteEndObject();
        }))).Append("\n\n");
        await http.Response.WriteAsync(text.ToString(), http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }
}
