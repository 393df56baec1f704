namespace ExposureMonitor.Domain;

/// <summary>Where a customer stands against his limit; the order is that of getting worse.</summary>
public enum Band : byte
{
    /// <summary>Nobody has decided a limit.</summary>
    NoLimit,
    Within,
    Watch,
    Critical,

    /// <summary>Above the limit.</summary>
    Over,

    /// <summary>Far above it.</summary>
    Breach,
}

/// <summary>
/// Where the bands begin, in basis points: the upper four steps of indicator EW-01 in everybody's policy, so that a colour and a
/// signal never disagree; <see cref="Band.Over"/> is what the credit check calls breached. A step of 0 is off.
/// </summary>
public readonly record struct BandSteps(int Watch, int Critical, int Breach)
{
    public static BandSteps Of(Policy policy) => new((int)policy[Parameter.Signal01Step2], (int)policy[Parameter.Signal01Step3], (int)policy[Parameter.Signal01Step5]);

    public Band Of(in AccountFigures figures) => Of(figures.LimitKind, figures.Breached, figures.UtilisationBp);

    public Band Of(LimitKind kind, bool breached, int utilisationBp) => kind switch
    {
        LimitKind.NotSet => Band.NoLimit,
        LimitKind.Unlimited => Band.Within,
        _ when breached => Breach > 0 && utilisationBp >= Breach ? Band.Breach : Band.Over,
        _ when Critical > 0 && utilisationBp >= Critical => Band.Critical,
        _ when Watch > 0 && utilisationBp >= Watch => Band.Watch,
        _ => Band.Within,
    };
}
