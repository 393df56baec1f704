namespace ExposureMonitor.Learning;

/// <summary>The cases whose outcome was known on a day, in order, and their factors in bins: the same for all that is fitted on that day for one meaning of late.</summary>
internal sealed class KnownCases
{
    private readonly Lazy<BinnedFactors> _binned;

    /// <param name="cases">All cases.</param>
    /// <param name="days">Those whose time is over: of younger ones only the punctual are known, and they would paint the world too bright.</param>
    /// <param name="on">The day number from which one looks.</param>
    internal KnownCases(IReadOnlyList<Case> cases, int days, int on)
    {
        Cases = Case.InOrder(cases.Where(c => c.IssuedOn < on && c.Late(days, on) is not null));
        _binned = new(() => new BinnedFactors([.. Cases.Select(c => c.Factors)]));
    }

    internal List<Case> Cases { get; }

    internal BinnedFactors Binned => _binned.Value;
}
