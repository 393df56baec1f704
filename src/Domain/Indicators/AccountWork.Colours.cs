using System.Globalization;

namespace ExposureMonitor.Domain;

/// <summary>
/// A published Chinese practice as a policy: three colours by days past due, blue (remind), orange (freeze new orders, visit), red
/// (legal steps, factoring), with prompts before an item is due. Off unless the policy says otherwise.
/// </summary>
internal sealed partial class AccountWork
{
    /// <summary>Names of the colours and of the prompts among the signals.</summary>
    private const string Colours = "CN-01", Prompts = "CN-02";

    private static readonly Ladder ColourSteps = Ladder.Levels(Severity.Medium, Severity.High, Severity.Critical), PromptSteps = Ladder.Levels(Severity.Info, Severity.Info, Severity.Info);

    private readonly List<int> _dueDays = [];

    private void JudgeColours()
    {
        if (!Policy.Is(Parameter.ColoursOn))
        {
            if (StateOf(Colours, "") is not null) Judge(Colours, "", ColourSteps, 0, "");
            // Only another policy ends them all; no other fact looks for them.
            if (_fact is null) EndPrompts(all: true);
            return;
        }

        var (oldest, _, _) = Overdue(Policy[Parameter.Signal05Minimum], 0);
        var (blue, orange, red) = (Policy[Parameter.ColoursBlue], Policy[Parameter.ColoursOrange], Policy[Parameter.ColoursRed]);
        var step = oldest >= red ? 3 : oldest >= orange ? 2 : oldest >= blue ? 1 : 0;
        // A colour stays until nothing is past due.
        if (oldest > 0) step = Math.Max(step, StepOf(Colours, ""));
        if (step > 0 || StateOf(Colours, "") is not null) Tell(Colours, "", ColourSteps, step, new Measure(oldest, blue), "no item past due");
        if (oldest > 0) WakeAtNext(oldest, blue - 1, orange - 1, red - 1);
        JudgePrompts((int)blue);
    }

    /// <summary>One prompt per day on which something is due, in up to three steps as it comes near.</summary>
    private void JudgePrompts(int blue)
    {
        Span<int> ahead = [Policy.Int(Parameter.ColoursPrompt1), Policy.Int(Parameter.ColoursPrompt2), Policy.Int(Parameter.ColoursPrompt3)];
        var farthest = Math.Max(ahead[0], Math.Max(ahead[1], ahead[2]));
        _dueDays.Clear();
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
        {
            for (var day = Context.Today - 1; book.FirstDueAfter(ledger, day) is { } due; day = due)
            {
                if (due - Context.Today > farthest)
                {
                    book.Wake(Slot, due - farthest);
                    break;
                }

                if (!_dueDays.Contains(due)) _dueDays.Add(due);
            }
        }

        foreach (var due in _dueDays)
        {
            var step = 0;
            for (var i = 0; i < ahead.Length; i++)
            {
                if (ahead[i] > 0 && due - Context.Today <= ahead[i]) step = i + 1;
                else if (ahead[i] > 0) WakeAhead(due - ahead[i]);
            }

            if (step > 0) Tell(Prompts, NameOf(due), PromptSteps, step, new Measure(due - Context.Today, ahead[step - 1]), "paid, or due");
            WakeAhead(due + 1);
        }

        // The day behind the last of the rest wakes for the colours.
        if (_dueDays.Count > 0) WakeAhead(_dueDays[0] + blue);
        EndPrompts(all: false);
    }

    /// <summary>Prompts whose day is over, or on which nothing is due any more, leave.</summary>
    private void EndPrompts(bool all)
    {
        if (book.RareOf(Slot) is not { Signals.Count: > 0 } rare) return;
        for (var i = rare.Signals.Count - 1; i >= 0; i--)
        {
            var signal = rare.Signals[i];
            if (signal.Indicator != Prompts || (!all && _dueDays.Exists(d => NameOf(d) == signal.Subject))) continue;
            if (signal.Firing) Judge(Prompts, signal.Subject, PromptSteps, 0, "");
            if (signal.Firing || signal.Flapping) continue;
            rare.Signals.RemoveAt(i);
            rare.SignalIndex?.Remove(signal);
        }
    }

    private static string NameOf(int day) => DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static RiskState ColourMeans(int step) => step switch
    {
        >= 2 => RiskState.Restricted,
        1 => RiskState.Watch,
        _ => RiskState.Normal,
    };
}
