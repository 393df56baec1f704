using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;

namespace ExposureMonitor.Api;

/// <summary>
/// How the engine and what runs beside it do, each with its reason. A feed that waits or has failed makes nothing unready:
/// checks are answered, with the staleness in the answer, and a restart would not help.
/// </summary>
internal static class HealthEndpoint
{
    internal static IResult Answer(Desk desk)
    {
        var services = desk.Services.Select(s => s.Look()).ToList();
        // An outage of the database ends by itself: it is no failure, though nothing is decided meanwhile.
        var engine = desk.Engine.NeedsPerson ? "failed" : desk.Engine.IsReady ? "running" : "waiting";
        var worst = services.Select(s => s.Health).DefaultIfEmpty(ServiceHealth.Running).Max();
        return Results.Bytes(AccountJson.Bytes(json =>
        {
            json.WriteStartObject();
            json.WriteString("health", engine == "running" ? Word(worst) : engine);
            json.WriteStartObject("engine");
            json.WriteString("health", engine);
            json.WriteEndObject();
            json.WriteStartArray("services");
            foreach (var service in services)
            {
                json.WriteStartObject();
                json.WriteString("name", service.Name);
                json.WriteString("health", Word(service.Health));
                if (service.Reason.Length > 0) json.WriteString("reason", service.Reason);
                foreach (var number in service.Numbers.Where(n => n.Name.Length > 0)) json.WriteNumber(number.Name, number.Value);
                json.WriteStartArray("parts");
                foreach (var item in service.Items)
                {
                    json.WriteStartObject();
                    json.WriteString("name", item.Name);
                    json.WriteString("health", Word(item.Health));
                    if (item.Reason.Length > 0) json.WriteString("reason", item.Reason);
                    foreach (var number in item.Numbers.Where(n => n.Name.Length > 0)) json.WriteNumber(number.Name, number.Value);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }), "application/json");
    }

    private static string Word(ServiceHealth health) => health switch
    {
        ServiceHealth.Running => "running",
        ServiceHealth.Waiting => "waiting",
        _ => "failed",
    };
}
