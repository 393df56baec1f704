namespace ExposureMonitor.Domain;

/// <summary>
/// What EW-14 keeps of scores and grades: the days of the last weeks on which the daily score changed, and what stood before
/// them. A day without an entry had the score of the day before, so that a steady customer keeps one entry.
/// </summary>
internal sealed class ScoreHabit
{
    /// <summary>No score, no grade.</summary>
    internal const short None = -1;

    private readonly List<(int Day, short Score, byte Rank)> _days = [];

    /// <summary>The computed score in hundredths of a point, and its grade; none before a score version is in use.</summary>
    internal short Computed = None;
    internal string ComputedGrade = "";

    /// <summary>The last day on which score or grade fell; the day on which it rose above the critical score again, 0 while it is below.</summary>
    internal int FellOn, RoseOn;
    internal bool IsLow;

    internal int Bytes => 48 + Memory.BytesOf(_days) + Memory.BytesOf(ComputedGrade);

    /// <summary>The score of the last day (hundredths, −1 without one) and the rank of its grade (5 is A, 1 is E, 0 none).</summary>
    internal (short Score, byte Rank) Now => _days.Count == 0 ? (None, (byte)0) : (_days[^1].Score, _days[^1].Rank);

    /// <summary>Takes the score of a day; of several on one day the last counts.</summary>
    internal void See(int day, short score, byte rank)
    {
        var (before, rankBefore) = Now;
        if (before == score && rankBefore == rank) return;
        if ((score != None && score < before) || (rank != 0 && rank < rankBefore)) FellOn = day;
        if (_days.Count > 0 && _days[^1].Day == day) _days.RemoveAt(_days.Count - 1);
        _days.Add((day, score, rank));
    }

    /// <summary>Highest score and best rank that stood on any day from one on, today's included.</summary>
    internal (short Score, byte Rank) BestFrom(int day)
    {
        short best = None;
        byte rank = 0;
        for (var i = _days.Count - 1; i >= 0; i--)
        {
            (best, rank) = (Math.Max(best, _days[i].Score), Math.Max(rank, _days[i].Rank));
            // It stood on the first day of them, and what was before did not.
            if (_days[i].Day <= day) break;
        }

        return (best, rank);
    }

    /// <summary>The first day behind one, of those that are kept, on which a grade took the place of another one; 0 without.</summary>
    internal int RankChangedBehind(int day)
    {
        for (var i = 1; i < _days.Count; i++)
            if (_days[i].Day > day && _days[i].Rank != 0 && _days[i - 1].Rank != 0 && _days[i].Rank != _days[i - 1].Rank) return _days[i].Day;
        return 0;
    }

    /// <summary>Forgets what did not stand on any day from one on.</summary>
    internal void CutBefore(int day)
    {
        var gone = 0;
        while (gone < _days.Count - 1 && _days[gone + 1].Day <= day) gone++;
        if (gone > 0) _days.RemoveRange(0, gone);
    }

    internal void State(StateStream s)
    {
        s.Do(ref Computed);
        s.Do(ref ComputedGrade);
        s.Do(ref FellOn);
        s.Do(ref RoseOn);
        s.Do(ref IsLow);
        var count = s.Count(_days.Count);
        for (var i = 0; i < count; i++)
        {
            var (day, score, rank) = s.Reading ? default : _days[i];
            s.Do(ref day);
            s.Do(ref score);
            s.Do(ref rank);
            if (s.Reading) _days.Add((day, score, rank));
        }
    }
}
