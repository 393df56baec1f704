using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>Limits: what stands, and what somebody asks for. Nobody decides about the own request.</summary>
internal static class LimitsEndpoints
{
    internal static void MapLimits(this RouteGroupBuilder api, Desk desk)
    {
        var read = api.For(desk, "GET", "/customers/{customer}/limit", Roles.Readers, "The limit with its steps, temporary and seasonal parts and open requests.", async (http, _) =>
        {
            if (await LimitAsync(desk, http) is not { } limit) return Routing.UnknownCustomer(http.Customer());
            http.Response.Headers.ETag = TagOf(limit.Version);
            return Etags.Matches(http.Request.Headers.IfNoneMatch, TagOf(limit.Version)) ? Results.StatusCode(304) : Results.Json(Json(http.Customer(), limit));
        }).Fails(304, 503).Tells(Shapes.Limit);
        read.Headers.Add(("If-None-Match", "The ETag of an earlier answer: 304 when the version of the limit still stands."));

        api.For(desk, "GET", "/customers/{customer}/limit/effect", Roles.Readers, "What a limit would mean if it were set from today on: what would serve after all rules, the utilisation, and the held orders that it would free. Nothing is set.", async (http, _) =>
        {
            var told = http.Request.Query["amount"].ToString();
            var isUnlimited = http.Request.Query["kind"] == "Unlimited";
            var amount = 0L;
            if (!isUnlimited && !long.TryParse(told, NumberStyles.None, CultureInfo.InvariantCulture, out amount)) return Problems.Of(400, "BAD_AMOUNT", "?amount=: expected minor units of the limit's currency, or ?kind=Unlimited.");
            var customer = http.Customer();
            if (await desk.Engine.AskAsync(desk.Engine.PartitionOf(customer), BookQuestions.LimitEffect(new LimitTrial(customer, isUnlimited ? LimitKind.Unlimited : LimitKind.Amount, amount)), http.RequestAborted) is not { } effect) return Routing.UnknownCustomer(customer);
            return Results.Json(new
            {
                reason = effect.Reason.Length == 0 ? null : effect.Reason, kind = effect.Kind.ToString(), limit = effect.Kind == LimitKind.Amount ? AccountJson.Digits(effect.Limit) : null, gross = AccountJson.Digits(effect.Gross),
                utilisationBp = effect.UtilisationBp < 0 ? (int?)null : effect.UtilisationBp, frees = effect.Frees.Select(h => new { orderId = h.OrderId, amount = AccountJson.Digits(h.Amount), currency = h.Currency }), stays = effect.Stays,
            });
        }).Asks(("amount", "Minor units of the limit's currency."), ("kind", "Unlimited: no ceiling; an amount without.")).Fails(503).Tells(Shapes.LimitEffect);

        var ask = api.For(desk, "POST", "/customers/{customer}/limit-requests", Roles.Desk, "Sets a limit at once where the policy allows that (directLimit), within the own authority, raise factor and cap; asks for it otherwise, and another person decides. The effect limit.requested tells that it waits.", async (http, caller) =>
        {
            var match = http.Request.Headers.IfMatch.ToString();
            if (match == "*") match = await LimitAsync(desk, http) is { } limit ? TagOf(limit.Version) : TagOf(0);
            if (match.Length > 0 && !TryVersion(match, out _)) return Problems.Of(412, "VERSION_CONFLICT", $"If-Match: expected the ETag of the limit, such as \"limit-1\"; found {(match.Length <= 60 ? match : match[..60])}.");
            // The machine compares the version: a repetition of the request then finds its first answer and no conflict with itself.
            return await desk.CommandAsync(http, caller, new RequestLimit { Customer = http.Customer() }, answer => answer.Outcome.Reason != "VERSION_CONFLICT" ? Desk.Told(answer)
                : Problems.Of(match.Length > 0 ? 412 : 409, "VERSION_CONFLICT", answer.Outcome.Detail + " Read the limit again, and say which version was shown: If-Match or $.version."), command =>
            {
                if (command.Version == 0 && TryVersion(match, out var version)) command.Version = version;
                return null;
            });
        }).Takes(new RequestLimit()).Commands().Fails(412).Tells(Shapes.Commanded);
        ask.Headers.Add(("If-Match", "The ETag of the limit that was shown; stands for $.version."));

        api.For(desk, "POST", "/customers/{customer}/limit-decisions", Roles.Approver, "Approves or rejects a requested limit; not the own, and up to the own authority.", (http, caller) =>
            desk.CommandAsync(http, caller, new DecideLimit { Customer = http.Customer() })).Takes(new DecideLimit()).Commands().Tells(Shapes.Commanded);
    }

    private static Task<LimitDetail?> LimitAsync(Desk desk, HttpContext http)
    {
        var customer = http.Customer();
        return desk.Engine.ReadAsync(desk.Engine.PartitionOf(customer), book => book.FindSlot(customer) is var slot && slot >= 0 ? book.LimitDetail(slot) : null, http.RequestAborted);
    }

    /// <summary>The version of an ETag of a limit.</summary>
    private static bool TryVersion(string match, out long version)
    {
        version = 0;
        return match.StartsWith("\"limit-", StringComparison.Ordinal) && match.EndsWith('"') && long.TryParse(match.AsSpan(7, Math.Max(0, match.Length - 8)), NumberStyles.None, CultureInfo.InvariantCulture, out version);
    }

    private static string TagOf(long version) => string.Create(CultureInfo.InvariantCulture, $"\"limit-{version}\"");

    private static object Json(string customer, LimitDetail l) => new
    {
        customer, l.Version, kind = l.Kind.ToString(), effective = l.Kind == LimitKind.Amount ? AccountJson.Digits(l.Effective) : null, currency = l.Currency.Code, l.Expired,
        eligibleMax = l.EligibleMax < 0 ? null : AccountJson.Digits(l.EligibleMax), l.Mandatory,
        steps = l.Steps.Select(s => new { from = Day(s.From), to = Day(s.To), kind = s.Kind.ToString(), amount = AccountJson.Digits(s.Amount) }),
        temporary = l.Temporary.Select(t => new
        {
            t.TemporaryId, amount = AccountJson.Digits(t.Amount), currency = t.Currency.Code, from = t.From.ToString(), to = t.To.ToString(), t.Orders, t.Once, t.Consumed, t.Ended,
        }),
        seasons = l.Seasons,
        requests = l.Requests.Select(AccountJson.LimitRequest),
    };

    private static string? Day(int day) => day == 0 ? null : JsonFieldWriter.DateText(day);
}
