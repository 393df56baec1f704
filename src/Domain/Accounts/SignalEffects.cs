namespace ExposureMonitor.Domain;

/// <summary>A transition of an early-warning signal.</summary>
public sealed class SignalChanged : Effect
{
    public override EffectTable Table => EffectTable.Signal;

    public override string Kind => State;

    public override string Subject => SignalId;

    public override bool GoesOut => State != LateCorrection;

    public const string Raised = "credit.signal.raised.v1";
    public const string Resolved = "credit.signal.resolved.v1";
    public const string Retracted = "credit.signal.retracted.v1";

    /// <summary>A past firing that a late fact shows; it is noted, not sent.</summary>
    public const string LateCorrection = "signal.late-correction";

    public string State { get; set; } = "";

    public string SignalId { get; set; } = "";

    public string Indicator { get; set; } = "";

    /// <summary>Version of the policy whose thresholds were crossed.</summary>
    public long Version { get; set; }

    public string About { get; set; } = "";

    public int Step { get; set; }

    public Severity Severity { get; set; }

    public long Value { get; set; }

    public long Threshold { get; set; }

    /// <summary>What would clear it, in plain words.</summary>
    public string Clears { get; set; } = "";

    /// <summary>At most ten events behind it, and the entries of its first and last.</summary>
    public IReadOnlyList<string> EventIds { get; set; } = [];

    public string FirstPosition { get; set; } = "";

    public string LastPosition { get; set; } = "";

    /// <summary>It crosses to and fro: this is the digest of a day, with so many transitions.</summary>
    public bool Flapping { get; set; }

    public int Transitions { get; set; }

    /// <summary>Currency of the limit at that instant, and of the two amounts beside it.</summary>
    public string Currency { get; set; } = "";

    /// <summary>Gross exposure as the limit steps use it, minor units, at that instant.</summary>
    public long Exposure { get; set; }

    public LimitKind LimitKind { get; set; }

    /// <summary>Effective limit at that instant, minor units; 0 unless <see cref="LimitKind"/> is an amount.</summary>
    public long Limit { get; set; }

    /// <summary>The own baseline that the value was compared with: number of observations, median and MAD, in the unit of the value; 0 without one.</summary>
    public int BaselineCount { get; set; }

    public long BaselineMedian { get; set; }

    public long BaselineMad { get; set; }

    /// <summary>EW-30: by how much a rate moved the exposure, minor units of <see cref="Currency"/>; value and threshold are basis points. 0 in signals of the first rules, whose value was this amount.</summary>
    public long Moved { get; set; }

    public override void Describe(FieldVisitor v)
    {
        State = v.Text(1, "state", State, lengthMax: 64);
        SignalId = v.Text(2, "signalId", SignalId, lengthMax: 200);
        Indicator = v.Text(3, "indicator", Indicator, lengthMax: 16);
        About = v.Text(4, "about", About, lengthMax: 64);
        Step = (int)v.Number(5, "step", Step, optional: true, least: int.MinValue);
        Severity = v.Choice(6, "severity", Severity);
        Value = v.Amount(7, "value", Value, optional: true, floor: long.MinValue);
        Threshold = v.Amount(8, "threshold", Threshold, optional: true, floor: long.MinValue);
        Clears = v.Text(9, "clears", Clears);
        Version = v.Number(10, "version", Version, optional: true);
        EventIds = v.IdList(11, "eventIds", EventIds);
        FirstPosition = v.Text(12, "firstPosition", FirstPosition, lengthMax: 64);
        LastPosition = v.Text(13, "lastPosition", LastPosition, lengthMax: 64);
        Flapping = v.Flag(14, "flapping", Flapping);
        Transitions = (int)v.Number(15, "transitions", Transitions, optional: true);
        Currency = v.Text(16, "currency", Currency, lengthMax: 3);
        Exposure = v.Amount(17, "exposure", Exposure, optional: true, floor: long.MinValue);
        LimitKind = v.Choice(18, "limitKind", LimitKind, optional: true);
        Limit = v.Amount(19, "limit", Limit, optional: true, floor: long.MinValue);
        BaselineCount = (int)v.Number(20, "baselineCount", BaselineCount, optional: true);
        BaselineMedian = v.Amount(21, "baselineMedian", BaselineMedian, optional: true, floor: long.MinValue);
        BaselineMad = v.Amount(22, "baselineMad", BaselineMad, optional: true, floor: long.MinValue);
        // Whose least is not the least of all is left out where it is 0: rows of the first rules have none, and are proved to the byte.
        Moved = v.Amount(23, "moved", Moved, optional: true, floor: -long.MaxValue);
    }
}

/// <summary><c>credit.risk-state.changed.v1</c>: how much risk the customer means from now on.</summary>
public sealed class RiskStateChanged : Effect
{
    public override EffectTable Table => EffectTable.Audit;

    public override string Kind => "credit.risk-state.changed.v1";

    public override string Subject => Actor;

    public RiskState Before { get; set; }

    public RiskState After { get; set; }

    public string Reason { get; set; } = "";

    public string Actor { get; set; } = "";

    public override void Describe(FieldVisitor v)
    {
        Before = v.Choice(1, "before", Before, optional: true);
        After = v.Choice(2, "after", After, optional: true);
        Reason = v.Text(3, "reason", Reason);
        Actor = v.Text(4, "actor", Actor, lengthMax: 128);
    }
}
