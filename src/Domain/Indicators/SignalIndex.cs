namespace ExposureMonitor.Domain;

/// <summary>
/// Finds the signals of an account that has many, which is one per held order. No part of the state: made when it is first
/// needed, and only for speed.
/// </summary>
internal sealed class SignalIndex
{
    /// <summary>So many signals are found faster one after the other.</summary>
    internal const int From = 16;

    private readonly Dictionary<(string Indicator, string Subject), SignalState> _byName = [];
    private readonly List<SignalState> _others = [];

    internal SignalIndex(Few<SignalState> signals)
    {
        foreach (var signal in signals)
        {
            Add(signal);
            MayFlap |= signal.Flapping;
        }
    }

    /// <summary>False when no signal flaps, nor did at the last look.</summary>
    internal bool MayFlap { get; set; }

    /// <summary>How many are about a large order, and about one that was shipped while on hold.</summary>
    internal int Large { get; private set; }

    internal int Overtaken { get; private set; }

    /// <summary>Signals that are about no order, in their order: the others wait for nothing, unless they flap.</summary>
    internal List<SignalState> Others => _others;

    internal static bool IsOfOrder(string indicator) => indicator is "EW-03" or "EW-04" or "OVERTAKEN";

    internal SignalState? Find(string indicator, string subject) => _byName.GetValueOrDefault((indicator, subject));

    internal void Add(SignalState signal)
    {
        _byName[(signal.Indicator, signal.Subject)] = signal;
        if (!IsOfOrder(signal.Indicator)) _others.Add(signal);
        Count(signal, +1);
    }

    internal void Remove(SignalState signal)
    {
        _byName.Remove((signal.Indicator, signal.Subject));
        _others.Remove(signal);
        Count(signal, -1);
    }

    private void Count(SignalState signal, int sign)
    {
        if (signal.Indicator == "EW-04") Large += sign;
        if (signal.Indicator == "OVERTAKEN") Overtaken += sign;
    }
}
