using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ExposureMonitor.Api;

/// <summary>What somebody asks for in a body that is no fact: read strictly, so that nothing misspelt is left out in silence.</summary>
internal static class AskedBody
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerOptions.Strict) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, MaxDepth = 16 };

    /// <summary>The body, or what is wrong with it: where, and what was expected.</summary>
    /// <param name="http">The request.</param>
    /// <param name="code">Of the problem.</param>
    /// <param name="expected">The shape, as <c>{kind, text?}</c>.</param>
    /// <param name="most">Bytes that it has at most.</param>
    /// <param name="empty">Stands for a body of nothing; <c>null</c> where there has to be one.</param>
    internal static async Task<(T? Asked, IResult? Wrong)> AskedAsync<T>(this HttpContext http, string code, string expected, int most = Desk.CommandMax, T? empty = null) where T : class
    {
        if (await Desk.BodyAsync(http, most) is not { } body) return (null, Routing.TooLarge(most));
        if (body.Length == 0 && empty is not null) return (empty, null);
        try
        {
            return (JsonSerializer.Deserialize<T>(body, Strict) ?? throw new JsonException(), null);
        }
        catch (JsonException broken)
        {
            return (null, Problems.Of(400, code, $"{broken.Path ?? "$"}: expected {expected} and nothing else."));
        }
    }
}
