using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>A draft of a policy, tried on today's book and on past days: nothing is written, nothing decided.</summary>
internal static class PolicyTrialEndpoint
{
    /// <summary>Days that a back-test looks at, at most; a test of a longer time reads the journal by the command line.</summary>
    private const int DaysMost = 366;

    /// <summary>A trial rebuilds the book: one at a time, so that two curious people do not cost the desk its machine.</summary>
    private static readonly SemaphoreSlim OneAtATime = new(1);

    private sealed record Told(string Name, string Value);

    private sealed record Asked(IReadOnlyList<Told> Parameters, int Days = 0);

    internal static void MapPolicyTrials(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "POST", "/policies/trials", Roles.PolicyOwner | Roles.PolicyApprover, $"Tries a draft of the policy on today's book and, with days (at most {DaysMost}), on the past: what it would hold, free and move. Nothing changes.", async (http, caller) =>
        {
            if (caller.Segments.Count > 0) return Problems.Of(403, "SCOPE", "A policy is for the whole house; this key sees some segments only.");
            var (asked, misread) = await http.AskedAsync<Asked>("BAD_TRIAL", "{parameters: [{name, value}], days?}");
            if (asked is null) return misread!;
            if (asked is not { Days: >= 0 and <= DaysMost, Parameters: not null } || asked.Parameters.Count > 10_000 || asked.Parameters.Any(p => p is not { Name: not null, Value: not null }))
                return Problems.Of(400, "BAD_TRIAL", $"$: expected {{parameters: [{{name, value}}], days?}} with 0 to {DaysMost} days.");
            List<PolicyParameter> parameters = [.. asked.Parameters.Select(p => new PolicyParameter { Name = p.Name, Value = p.Value })];
            var inForce = await desk.Engine.ReadAsync(0, book => book.Context.Policy, http.RequestAborted);
            // A version above every other one: what is remembered of an account's last judgement is not taken for this one's.
            if (Policy.Create(inForce.Id, long.MaxValue, parameters, out var wrong) is not { } draft) return Problems.Of(422, "BAD_POLICY", wrong);
            if (!await OneAtATime.WaitAsync(TimeSpan.FromSeconds(5), http.RequestAborted)) return Problems.Of(429, "BUSY", "Another trial runs; ask again when it has ended.");
            try
            {
                var (reader, database, now) = (desk.Engine.Reader, desk.Engine.Database, Instant.From(desk.Time.GetUtcNow()));
                var today = await PolicyTrials.TodayAsync(reader, database, draft, http.RequestAborted);
                var back = asked.Days == 0 ? null : await PolicyTrials.BackAsync(reader, database, draft, new Instant(now.Micros - asked.Days * Instant.Day), now, http.RequestAborted);
                return Results.Json(new
                {
                    asOf = now.ToString(), baseCurrency = database.BaseCurrency, objections = Objections(desk, parameters, draft), inForceVersion = inForce.Version, customers = today.Customers,
                    bands = Enum.GetValues<Band>().Select(b => new { band = (int)b, before = today.Before(b), after = today.After(b) }),
                    moves = Enum.GetValues<Band>().SelectMany(from => Enum.GetValues<Band>().Select(to => new { from = (int)from, to = (int)to, customers = today.Moved(from, to) })).Where(m => m.customers > 0),
                    wouldHold = Orders(today.WouldHold), wouldFree = Orders(today.WouldFree), releasedAtOnce = today.ReleasedAtOnce, signalsRaised = today.SignalsRaised, signalsResolved = today.SignalsResolved,
                    past = back is null ? null : Past(back, asked.Days, now),
                });
            }
            finally
            {
                OneAtATime.Release();
            }
        }).Takes(new TrialBody()).Fails(422, 429, 503).Tells(Shapes.Trial);

    /// <summary>What stands against a draft, as the book is now.</summary>
    internal static IReadOnlyList<string> Objections(Desk desk, IReadOnlyList<PolicyParameter> told, Policy draft)
    {
        HashSet<string>? segments = null;
        return PolicyDraft.Objections(told, draft, (scope, name) => scope == "customer" ? desk.Engine.TryGetRow(name, out var _) : (segments ??= BoardEndpoints.SegmentsOf(desk)).Contains(name));
    }

    private static object Past(BackTest back, int days, Instant now) => new
    {
        days, from = new Instant(now.Micros - days * Instant.Day).ToString(), entries = back.Entries, real = Side(back.Real, days), drafted = Side(back.Drafted, days),
        added = Orders(back.Added), removed = Orders(back.Removed), writtenOff = Digits(back.WrittenOff), writeOffsAvoided = Digits(back.WriteOffsAvoided),
    };

    private static object Side(BackTestSide side, int days) => new
    {
        held = side.Held.Count, heldAmount = Digits(side.Held.InBase), minutesOnHold = (long)(side.MicrosOnHold / (60 * Instant.Second)), releasedByRule = side.ReleasedByRule, signals = side.SignalsRaised,
        signalsPerDayThousandths = side.SignalsRaised * 1_000L / days, severe = side.Signals(Severity.High) + side.Signals(Severity.Critical),
    };

    private static object Orders(TrialOrders orders) => new
    {
        count = orders.Count, amount = Digits(orders.InBase),
        largest = orders.Largest.Select(o => new { customer = o.Customer, orderId = o.OrderId, amount = o.Amount.ToString(CultureInfo.InvariantCulture), currency = o.Currency, rules = o.Rules.Split(' ', StringSplitOptions.RemoveEmptyEntries) }),
    };

    private static string Digits(Int128 amount) => amount.ToString(CultureInfo.InvariantCulture);

    private sealed class TrialBody : IDescribed
    {
        public void Describe(FieldVisitor v)
        {
            v.Items(1, "parameters", (IReadOnlyList<PolicyParameter>)[]);
            v.Number(2, "days", 0, optional: true, most: DaysMost);
        }
    }
}
