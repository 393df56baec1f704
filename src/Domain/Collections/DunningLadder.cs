namespace ExposureMonitor.Domain;

/// <summary>From which day the days of a level are counted.</summary>
public enum DunningBasis : byte
{
    DueDate = 1,

    /// <summary>The last day of the month of the due date.</summary>
    DueDateEndOfMonth,

    /// <summary>The day on which the level before went out.</summary>
    PreviousReminder,
}

/// <summary>What is done about an item that is late by so much (credit.md 15).</summary>
/// <param name="Level">−1 for a reminder before the due date, 0 on it, then 1, 2, …; ascending.</param>
/// <param name="DelayDays">Calendar days behind the basis; below zero for before it.</param>
/// <param name="Channel">How: <c>email</c> makes a letter; <c>call</c>, <c>visit</c>, <c>legal</c> are for people.</param>
/// <param name="Template">Name of the text.</param>
public sealed record DunningLevel(int Level, DunningBasis Basis, int DelayDays, string Channel, string Template);

/// <summary>An item as dunning looks at it; dates as day numbers.</summary>
/// <param name="SentLevel">The highest level that went out about it; <c>null</c> before the first.</param>
/// <param name="SentOn">When; 0 before the first.</param>
public sealed record DunningItem(string ItemId, long Open, int DueOn, int? SentLevel, int SentOn, bool IsDisputed, bool IsPromised, bool IsPlanned);

/// <summary>
/// Levels of dunning. They are looked at from the highest down, so that an item that was forgotten for a month gets the letter of a month
/// and not four letters. What is contested, promised (until the promise is broken) or in a plan that is kept is left alone.
/// </summary>
public sealed class DunningLadder
{
    private readonly DunningLevel[] _levels;

    private DunningLadder(DunningLevel[] levels) => _levels = levels;

    /// <summary>Ascending.</summary>
    public IReadOnlyList<DunningLevel> Levels => _levels;

    /// <summary>The levels of a desk that says nothing else.</summary>
    public static DunningLadder Default { get; } = new(
    [
        new(-1, DunningBasis.DueDate, -7, "email", "reminder"), new(0, DunningBasis.DueDate, 0, "email", "due-today"), new(1, DunningBasis.DueDate, 3, "email", "friendly"),
        new(2, DunningBasis.DueDate, 7, "email", "firm"), new(3, DunningBasis.DueDate, 15, "call", "call"), new(4, DunningBasis.DueDate, 30, "email", "formal"),
        new(5, DunningBasis.DueDate, 60, "visit", "visit"), new(6, DunningBasis.DueDate, 90, "legal", "legal"),
    ]);

    /// <summary>Levels of a desk's own; <c>null</c> with the reason when they are none.</summary>
    public static DunningLadder? Create(IReadOnlyList<DunningLevel> levels, out string error)
    {
        error = "";
        if (levels.Count is 0 or > 20) error = "expected 1 to 20 levels";
        for (var i = 0; i < levels.Count && error.Length == 0; i++)
        {
            if (levels[i].Level is < -1 or > 99) error = $"level {levels[i].Level}: expected -1 to 99";
            else if (i > 0 && levels[i].Level <= levels[i - 1].Level) error = $"level {levels[i].Level} stands behind {levels[i - 1].Level}: they ascend";
            // Nothing can follow a reminder that there never was.
            else if (i == 0 && levels[i].Basis == DunningBasis.PreviousReminder) error = "the first level cannot be counted from the reminder before it";
            else if (levels[i].Basis == DunningBasis.PreviousReminder && levels[i].DelayDays < 1) error = $"level {levels[i].Level}: at least one day behind the reminder before it";
        }

        return error.Length == 0 ? new DunningLadder([.. levels]) : null;
    }

    /// <summary>The level at which an item is to be dunned today; <c>null</c> when there is nothing to do.</summary>
    /// <param name="grade">A to E, or "" without one: A and B are dunned one level softer, of D and E one level is skipped.</param>
    public DunningLevel? LevelOf(DunningItem item, int today, string grade)
    {
        if (item.Open <= 0 || item.IsDisputed || item.IsPromised || item.IsPlanned) return null;
        for (var i = _levels.Length - 1; i >= 0; i--)
        {
            if (!IsReached(i, item, today)) continue;
            var at = grade is "A" or "B" ? i - 1 : grade is "D" or "E" ? Math.Min(i + 1, _levels.Length - 1) : i;
            return at < 0 || _levels[at].Level <= (item.SentLevel ?? int.MinValue) ? null : _levels[at];
        }

        return null;
    }

    private bool IsReached(int index, DunningItem item, int today)
    {
        var level = _levels[index];
        switch (level.Basis)
        {
            case DunningBasis.PreviousReminder:
                return item.SentLevel is { } sent && sent >= _levels[index - 1].Level && item.SentOn + level.DelayDays <= today;
            case DunningBasis.DueDateEndOfMonth:
                var due = DateOnly.FromDayNumber(item.DueOn);
                return new DateOnly(due.Year, due.Month, DateTime.DaysInMonth(due.Year, due.Month)).DayNumber + level.DelayDays <= today;
            default:
                return item.DueOn + level.DelayDays <= today;
        }
    }
}
