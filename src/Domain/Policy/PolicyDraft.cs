namespace ExposureMonitor.Domain;

/// <summary>
/// What is wrong with a draft of a policy that could take effect all the same: the machine takes any values within bounds, and what
/// it took once it takes for ever, but nobody should be asked to approve thresholds that are out of order.
/// </summary>
public static class PolicyDraft
{
    private static readonly Parameter[][] Ladders =
    [
        [Parameter.Signal01Step1, Parameter.Signal01Step2, Parameter.Signal01Step3, Parameter.Signal01Step4, Parameter.Signal01Step5],
        [Parameter.LadderA1, Parameter.LadderA2, Parameter.LadderA3], [Parameter.LadderB1, Parameter.LadderB2, Parameter.LadderB3],
        [Parameter.LadderC1, Parameter.LadderC2, Parameter.LadderC3], [Parameter.LadderD1, Parameter.LadderD2, Parameter.LadderD3],
    ];

    /// <summary>What stands against a draft, one sentence each; empty when nothing does.</summary>
    /// <param name="told">The values as they were written; names may stand there twice.</param>
    /// <param name="draft">What they make.</param>
    /// <param name="exists">Whether there is a customer, or a customer of that segment: a scope without anybody is a slip of the pen.</param>
    public static IReadOnlyList<string> Objections(IReadOnlyList<PolicyParameter> told, Policy draft, Func<string, string, bool> exists)
    {
        var objections = new List<string>();
        var (names, scopes) = (new HashSet<string>(StringComparer.Ordinal), new SortedSet<string>(StringComparer.Ordinal));
        foreach (var parameter in told)
        {
            if (!names.Add(parameter.Name)) objections.Add($"'{parameter.Name}' is told twice: the later one would win in silence.");
            var path = parameter.Name.Split('/');
            if (path.Length == 3 && path[0] is "segment" or "customer") scopes.Add(path[0] + "/" + path[1]);
            if (path.Length == 3 && path[0] == "tier" && path[2] == "limit" && draft.TierMax(path[1]) is >= 0 and var most && draft.TierLimit(path[1]) > most)
                objections.Add($"'{parameter.Name}' is above the ceiling of its tier.");
        }

        if (!draft.ReasonCodes.Any(static r => r.ForRelease)) objections.Add("No code of a reason is left for a release: nobody could propose one.");
        if (!draft.ReasonCodes.Any(static r => r.ForRefusal)) objections.Add("No code of a reason is left for a refusal: nobody could turn a proposal down, or reject an order.");
        foreach (var path in told.Select(static p => p.Name.Split('/')).Where(static p => p is ["reason", _, "day"]))
            if (draft.ReasonCodes.Single(r => r.Code == path[1]) is { AsksForDay: true, ForRelease: false }) objections.Add($"'reason/{path[1]}/day': only who proposes a release tells when the money should come.");
        Order(draft, "", objections);
        foreach (var scope in scopes)
        {
            var (kind, name) = (scope[..scope.IndexOf('/', StringComparison.Ordinal)], scope[(scope.IndexOf('/', StringComparison.Ordinal) + 1)..]);
            if (!exists(kind, name)) objections.Add($"'{scope}': there is no customer {(kind == "segment" ? "of this segment" : "of this id")}.");
            else if (kind == "segment" && draft.For(name) is var seen && seen != draft) Order(seen, $"segment {name}: ", objections);
        }

        return objections;
    }

    private static void Order(Policy policy, string where, List<string> objections)
    {
        foreach (var ladder in Ladders)
        {
            long last = 0;
            foreach (var step in ladder)
            {
                if (policy[step] == 0) continue;
                if (policy[step] <= last) objections.Add($"{where}'{NameOf(step)}' is {policy[step]} and not above the step before it ({last}).");
                last = policy[step];
            }
        }

        Demand(Parameter.Signal05Days, Parameter.Signal05High);
        Demand(Parameter.Signal10Days, Parameter.Signal10High);
        Demand(Parameter.Signal11Days2, Parameter.Signal11Days1);
        Demand(Parameter.Signal06Rearm, Parameter.Signal06Bp);

        void Demand(Parameter lower, Parameter higher)
        {
            if (policy[lower] >= policy[higher]) objections.Add($"{where}'{NameOf(lower)}' is {policy[lower]} and not below '{NameOf(higher)}' ({policy[higher]}).");
        }
    }

    private static string NameOf(Parameter parameter) => ParameterTable.All[(int)parameter].Name;
}
