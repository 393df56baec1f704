using System.Globalization;

namespace ExposureMonitor.Domain;

/// <summary>A feed without a sign of life.</summary>
/// <param name="Since">When it was last alive, as the shell saw it.</param>
public sealed record StaleFeed(string Feed, Instant Since);

/// <summary>Weekend and holidays of the credit control; Saturday and Sunday until a calendar is published.</summary>
public sealed class BusinessCalendar
{
    private readonly int _weekend;
    private readonly HashSet<int> _holidays;

    private BusinessCalendar(string id, int weekend, int[] holidays)
    {
        (Id, _weekend, Holidays) = (id, weekend, holidays);
        _holidays = [.. holidays];
    }

    /// <summary>The calendar of a new database.</summary>
    public static BusinessCalendar Default { get; } = new("", 1 << (int)DayOfWeek.Saturday | 1 << (int)DayOfWeek.Sunday, []);

    /// <summary>Name of the calendar; "" before the first was published.</summary>
    public string Id { get; }

    /// <summary>Holidays as day numbers, ascending.</summary>
    public IReadOnlyList<int> Holidays { get; }

    /// <summary>Names of the days of the week that are free.</summary>
    public IReadOnlyList<string> Weekend
    {
        get
        {
            var names = new List<string>();
            for (var day = DayOfWeek.Sunday; day <= DayOfWeek.Saturday; day++)
                if ((_weekend & 1 << (int)day) != 0) names.Add(day.ToString());
            return names;
        }
    }

    /// <summary>Reads a published calendar: dates such as <c>2026-12-25</c>, days such as <c>Saturday</c>.</summary>
    public static BusinessCalendar? Create(string id, IReadOnlyList<string> holidays, IReadOnlyList<string> weekend, out string error)
    {
        error = "";
        var days = new SortedSet<int>();
        var free = 0;
        foreach (var text in holidays)
        {
            if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)) days.Add(date.DayNumber);
            else error = $"'{text}' is no date such as 2026-12-25.";
        }

        foreach (var text in weekend)
        {
            if (text.Length > 0 && char.IsAsciiLetter(text[0]) && Enum.TryParse<DayOfWeek>(text, ignoreCase: true, out var day)) free |= 1 << (int)day;
            else error = $"'{text}' is no day of the week.";
        }

        if (error.Length == 0 && free == 127) error = "A calendar needs a business day.";
        return error.Length > 0 ? null : new BusinessCalendar(id, free, [.. days]);
    }

    public bool IsBusinessDay(int day) =>
        (_weekend & 1 << (int)DateOnly.FromDayNumber(day).DayOfWeek) == 0 && !_holidays.Contains(day);

    /// <summary>The day that many business days after another one.</summary>
    public int After(int day, long businessDays)
    {
        while (businessDays > 0)
            if (IsBusinessDay(++day)) businessDays--;
        return day;
    }

    /// <summary>Business days after <paramref name="from"/> up to <paramref name="to"/>, that day included.</summary>
    public int Between(int from, int to)
    {
        var count = 0;
        for (var day = from + 1; day <= to; day++)
            if (IsBusinessDay(day)) count++;
        return count;
    }
}
