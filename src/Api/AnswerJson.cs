using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>Answers of commands as JSON.</summary>
public static class AnswerJson
{
    /// <summary>Outcome, position and the effects of an entry.</summary>
    public static byte[] Of(Answer answer)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("outcome", answer.Outcome.Kind.ToString());
            AsOf(json, answer.At);
            json.WriteStartArray("effects");
            foreach (var effect in answer.Effects)
            {
                if (effect is PartyNamed) continue;
                json.WriteStartObject();
                json.WriteString("type", effect.Kind);
                effect.Describe(new JsonFieldWriter(json));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            NotYet(json, answer.NotYet);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>Partitions that have still to journal what the house told all; told only when there are some.</summary>
    private static void NotYet(Utf8JsonWriter json, IReadOnlyList<int> partitions)
    {
        if (partitions.Count == 0) return;
        json.WriteStartArray("notYet");
        foreach (var partition in partitions) json.WriteNumberValue(partition);
        json.WriteEndArray();
    }

    private static void AsOf(Utf8JsonWriter json, EntryPosition at)
    {
        json.WriteStartObject("asOf");
        json.WriteNumber("partition", at.Partition);
        json.WriteNumber("seq", at.Seq);
        json.WriteNumber("index", at.Index);
        json.WriteEndObject();
    }
}
