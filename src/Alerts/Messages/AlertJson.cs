using System.Text.Json;
using System.Text.Json.Serialization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>How alerts, silences and the memory of channels are stored. Names are never used again for something else.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true,
    Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(Alert))]
[JsonSerializable(typeof(Letter))]
[JsonSerializable(typeof(StoredCredential))]
[JsonSerializable(typeof(Silence))]
[JsonSerializable(typeof(ChannelMemory))]
internal sealed partial class AlertJson : JsonSerializerContext
{
    /// <summary>The row of an alert.</summary>
    internal static AlertRow RowOf(Alert alert, int partition, OutboxPlace place) => new()
    {
        Id = alert.Id, Customer = alert.Customer, Rule = alert.Rule, Severity = alert.Severity, State = alert.State, RaisedAt = alert.RaisedAt, ChangedAt = alert.ChangedAt,
        Partition = partition, Place = place, Body = JsonSerializer.SerializeToUtf8Bytes(alert, Default.Alert),
    };

    /// <summary>The alert of a row; what stands in columns counts.</summary>
    internal static Alert AlertOf(AlertRow row) =>
        JsonSerializer.Deserialize(row.Body.Span, Default.Alert)! with { Id = row.Id, State = row.State, ChangedAt = row.ChangedAt };

    internal static SilenceRow RowOf(Silence silence, Instant created, long version) =>
        new(silence.Id, created, silence.EndsAt, JsonSerializer.SerializeToUtf8Bytes(silence, Default.Silence), version);

    internal static Silence SilenceOf(SilenceRow row) => JsonSerializer.Deserialize(row.Body.Span, Default.Silence)!;
}

/// <summary>A moment as a number of microseconds.</summary>
internal sealed class InstantConverter : JsonConverter<Instant>
{
    public override Instant Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, Instant value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Micros);
}
