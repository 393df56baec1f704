namespace ExposureMonitor.Domain;

/// <summary>Name, default and bounds of every parameter, in the order of <see cref="Parameter"/>.</summary>
internal static class ParameterTable
{
    private const long AmountMost = long.MaxValue;

    internal static readonly (string Name, long Default, long Least, long Most)[] All =
    [
        ("horizonDays", 60, 0, 999),
        ("atLimitHolds", 0, 0, 1),
        ("ceilingBp", 10_000, 1, 100_000),
        ("fxHaircutBp", 500, 0, 10_000),
        ("fxStaleDays", 3, 0, 3650),
        ("fxDeadDays", 10, 0, 3650),
        ("fxOddBp", 2000, 1, 100_000),
        ("step.010", 0, 0, 4),
        ("step.020", 2, 0, 4),
        ("step.030", 3, 0, 4),
        ("step.100", 3, 0, 4),
        ("step.110", 3, 0, 4),
        ("step.OV", 2, 0, 4),
        ("step.120", 2, 0, 4),
        ("maxDocumentBp", 2500, 0, 100_000),
        ("maxDocumentAmount", 0, 0, AmountMost),
        ("dunningLevel", 2, 0, 99),
        ("oldestDays", 30, 0, 9999),
        ("oldestMinimum", 10_000, 0, AmountMost),
        ("overdueShareDays", 10, 0, 9999),
        ("overdueShareBp", 2000, 0, 10_000),
        ("paymentIndexFloor", 5000, 0, 10_000),
        ("paymentIndexMinimum", 0, 0, AmountMost),
        ("disputeDays", 60, 0, 9999),
        ("noLimit", 3, 0, 4),
        ("segmentDefaultLimit", -1, -1, AmountMost),
        ("limitExpiry", 2, 0, 2),
        ("limitExpiryGraceDays", 14, 0, 3650),
        ("rule.1", 0, 0, 4),
        ("rule.1.days", 30, 0, 9999),
        ("rule.2", 3, 0, 4),
        ("rule.3", 3, 0, 4),
        ("rule.4", 0, 0, 4),
        ("rule.4.days", 0, 0, 9999),
        ("rule.4.noDate", 0, 0, 1),
        ("rule.5", 0, 0, 4),
        ("rule.5.amount", 0, 0, AmountMost),
        ("rule.5.shareBp", 8000, 0, 100_000),
        ("rule.6", 0, 0, 4),
        ("rule.6.amount", 0, 0, AmountMost),
        ("rule.7", 0, 0, 4),
        ("rule.7.shareBp", 9000, 0, 100_000),
        ("rule.8", 0, 0, 4),
        ("rule.9", 0, 0, 4),
        ("reservationMinutes", 30, 1, 43_200),
        ("showExcess", 1, 0, 1),
        ("checkpoint.ship", 1, 0, 1),
        ("checkpoint.pick", 0, 0, 1),
        ("graceDays", 5, 0, 365),
        ("deviationBp", 1000, 0, 100_000),
        ("dwellSeconds", 60, 0, 86_400),
        ("releaseAutomatically", 1, 0, 1),
        ("releaseOrder", 0, 0, 3),
        ("releaseStrict", 0, 0, 1),
        ("barrierDays", 0, 0, 365),
        ("recheckOnCut", 0, 0, 1),
        ("approvalDays", 3, 1, 60),
        ("authorityOn", 0, 0, 1),
        ("twoApproversAbove", 100_000_000, -1, AmountMost),
        ("conflictOfDutyHours", 0, 0, 720),
        ("directLimit", 1, 0, 1),
        ("limitRaiseFactor", 3, 1, 1000),
        ("limitAbsoluteCap", -1, -1, AmountMost),
        ("acknowledgeMinutes", 5, 1, 10_000),
        ("parkDays", 7, 1, 365),
        ("unlinkedDays", 7, 1, 365),
        ("futureMinutes", 5, 0, 10_000),
        ("documentAmountMax", 1_000_000_000_000_000, 1, 1_000_000_000_000_000),
        ("tooOldDays", 400, 1, 400),
        ("closedKeepDays", 120, 1, 3650),
        ("closeChecksWhenStale", 0, 0, 1),
        ("unappliedCap", -1, -1, AmountMost),
        ("component.O", 0, 0, 2),
        ("component.D", 0, 0, 2),
        ("component.B", 0, 0, 2),
        ("component.R", 0, 0, 2),
        ("component.N", 0, 0, 2),
        ("component.P", 0, 0, 2),
        ("component.U", 0, 0, 2),
        ("component.H", 1, 0, 2),
        ("component.V", 0, 0, 2),
        ("component.X", 0, 0, 2),
        ("cap.O", -1, -1, AmountMost),
        ("cap.D", -1, -1, AmountMost),
        ("cap.B", -1, -1, AmountMost),
        ("cap.R", -1, -1, AmountMost),
        ("cap.N", -1, -1, AmountMost),
        ("cap.P", -1, -1, AmountMost),
        ("cap.U", -1, -1, AmountMost),
        ("cap.H", -1, -1, AmountMost),
        ("cap.V", -1, -1, AmountMost),
        ("cap.X", -1, -1, AmountMost),
        ("signal.01.rearm", 500, 0, 10_000),
        ("signal.01.step1", 7000, 0, 1_000_000),
        ("signal.01.step2", 8000, 0, 1_000_000),
        ("signal.01.step3", 9000, 0, 1_000_000),
        ("signal.01.step4", 10_000, 0, 1_000_000),
        ("signal.01.step5", 11_000, 0, 1_000_000),
        ("signal.01.severity1", 1, 1, 5),
        ("signal.01.severity2", 2, 1, 5),
        ("signal.01.severity3", 3, 1, 5),
        ("signal.01.severity4", 4, 1, 5),
        ("signal.01.severity5", 5, 1, 5),
        ("signal.02.hours", 24, 1, 8760),
        ("signal.02.rearm", 9500, 0, 10_000),
        ("signal.05.days", 15, 0, 9999),
        ("signal.05.high", 30, 0, 9999),
        ("signal.05.rearm", 0, -9999, 9999),
        ("signal.05.minimum", 10_000, 0, AmountMost),
        ("signal.06.days", 10, 0, 9999),
        ("signal.06.shareBp", 2000, 0, 10_000),
        ("signal.06.rearm", 1000, 0, 10_000),
        ("signal.07.overdueBp", 1000, 0, 100_000),
        ("signal.07.usedBp", 7000, 0, 100_000),
        ("signal.07.rearmBp", 8000, 0, 10_000),
        ("signal.10.days", 30, 0, 9999),
        ("signal.10.high", 90, 0, 9999),
        ("signal.11.days1", 30, 0, 9999),
        ("signal.11.days2", 7, 0, 9999),
        ("signal.12.days", 3, 0, 9999),
        ("signal.13.days", 7, 0, 9999),
        ("signal.clearSeconds", 60, 0, 86_400),
        ("signal.flaps", 4, 2, 100),
        ("signal.latenessDays", 7, 0, 365),
    ];

    private static readonly Dictionary<string, Parameter> ByName = Index();

    /// <summary>The parameter with a name, or <c>null</c>.</summary>
    internal static Parameter? Find(string name) => ByName.TryGetValue(name, out var parameter) ? parameter : null;

    internal static long[] Defaults()
    {
        var values = new long[All.Length];
        for (var i = 0; i < values.Length; i++) values[i] = All[i].Default;
        return values;
    }

    private static Dictionary<string, Parameter> Index()
    {
        var names = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        for (var i = 0; i < All.Length; i++) names.Add(All[i].Name, (Parameter)i);
        return names;
    }
}
