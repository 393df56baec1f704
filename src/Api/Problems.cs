using ExposureMonitor.Domain;
using Microsoft.AspNetCore.Http;

namespace ExposureMonitor.Api;

/// <summary>Every error as ProblemDetails: a stable code, what was wrong, what was expected. No stack, no inner text.</summary>
public static class Problems
{
    public static IResult Of(int status, string code, string detail, params (string Name, object Value)[] more)
    {
        var extensions = new Dictionary<string, object?> { ["code"] = code };
        if (System.Diagnostics.Activity.Current?.TraceId.ToString() is { } trace) extensions["traceId"] = trace;
        foreach (var (name, value) in more) extensions[name] = value;
        return Results.Problem(statusCode: status, title: code, detail: detail, type: "about:blank", extensions: extensions);
    }

    /// <summary>The answer to a command that was refused.</summary>
    public static IResult Of(Outcome outcome) => Of(StatusOf(outcome), outcome.Reason.Length > 0 ? outcome.Reason : outcome.Kind.ToString().ToUpperInvariant(),
        outcome.Detail.Length > 0 ? outcome.Detail : outcome.Kind == OutcomeKind.Superseded ? "It stands so already; nothing was changed." : "The command was refused.");

    internal static int StatusOf(Outcome outcome) => outcome.Reason switch
    {
        "UNKNOWN_CUSTOMER" or "UNKNOWN_ORDER" or "NO_REQUEST" or "NO_RESERVATION" or "NO_PROPOSAL" or "NO_KEY" => StatusCodes.Status404NotFound,
        "SELF_APPROVAL" or "AUTHORITY" or "ROLE" => StatusCodes.Status403Forbidden,
        "VERSION_CONFLICT" or "NOT_ON_HOLD" or "ALREADY_REQUESTED" or "ALREADY_RESERVED" or "CONFLICT" or "DECIDED" or "GLOBAL_HOLD" or "NOTHING_OPEN" => StatusCodes.Status409Conflict,
        _ => outcome.Kind == OutcomeKind.Superseded ? StatusCodes.Status409Conflict : StatusCodes.Status422UnprocessableEntity,
    };
}
