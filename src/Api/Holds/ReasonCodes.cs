using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExposureMonitor.Domain;
using Microsoft.AspNetCore.Http;

namespace ExposureMonitor.Api;

/// <summary>
/// Why a person does something about a hold: a code that can be counted, and a text that the next person reads. Both become the reason
/// that the journal keeps, <c>CODE: text</c>, together with the figures of that moment. Which codes there are is told by the policy in force. A
/// person in the console has to give both; a system with a key may keep its own words.
/// </summary>
internal static class ReasonCodes
{
    internal const int LeastText = 10;

    /// <summary>What a person may say for a release, or against one, under the policy in force.</summary>
    internal static async Task<IReadOnlyList<ReasonCode>> OfAsync(Desk desk, bool forRelease, CancellationToken cancel) =>
        [.. (await desk.Engine.ReadAsync(Book.House, static book => book.Context.Policy.ReasonCodes, cancel)).Where(r => forRelease ? r.ForRelease : r.ForRefusal)];

    /// <summary>Puts code, day and text of a body together as its reason; a problem when a person leaves one out.</summary>
    internal static IResult? Compose(ref byte[] body, Caller caller, IReadOnlyList<ReasonCode> codes)
    {
        JsonObject? told;
        try
        {
            told = JsonNode.Parse(body.Length == 0 ? "{}"u8 : body, documentOptions: new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }

        // What is no object is refused where every body is read.
        if (told is null) return null;
        var code = Text(told, "reasonCode");
        var expectedOne = "$.reasonCode: expected one of " + string.Join(", ", codes.Select(c => c.Code)) + ".";
        if (code is null) return caller.Session is null ? null : Problems.Of(422, "REASON_CODE_MISSING", expectedOne);
        if (codes.FirstOrDefault(c => c.Code == code) is not { } known) return Problems.Of(422, "BAD_REASON_CODE", expectedOne);
        var text = (Text(told, "reason") ?? "").Trim();
        if (text.Length < LeastText) return Problems.Of(422, "REASON_TOO_SHORT", $"$.reason: expected {LeastText} characters or more that the next person understands.");
        var expected = Text(told, "expectedOn");
        if (known.AsksForDay && !DateOnly.TryParseExact(expected, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            return Problems.Of(422, "EXPECTED_ON_MISSING", "$.expectedOn: expected the day on which the money should come, as yyyy-MM-dd.");
        told.Remove("reasonCode");
        told.Remove("expectedOn");
        told["reason"] = known.AsksForDay ? $"{code} {expected}: {text}" : $"{code}: {text}";
        body = Encoding.UTF8.GetBytes(told.ToJsonString());
        return null;
    }

    private static string? Text(JsonObject of, string name) => of[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
