using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Days, deadlines and sweeps. A sweep brings up a few hundred accounts a slice, between commands, and ends before the
/// next day begins in its partition.
/// </summary>
public sealed partial class ExposureEngine
{
    /// <summary>Slices of sweeps in one slice of the loop, over all partitions.</summary>
    private const int SweepsMax = 4;

    /// <summary>Moments that one slice of the loop fires in a partition on the wall clock.</summary>
    private const int MomentsMax = 64;

    private volatile bool _ticked;
    private int _sweepNext;

    /// <summary>The business day (day number) of a moment, in the credit control's time zone.</summary>
    public int BusinessDayOf(DateTimeOffset moment) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, _zone).DateTime).DayNumber;

    /// <summary>On the wall clock days and deadlines come by themselves, also when nothing else happens.</summary>
    private bool TakeTime()
    {
        if (!_ticked) return false;
        var now = _time.GetUtcNow();
        var today = BusinessDayOf(now);
        var (filled, pending) = (Filled, false);
        foreach (var partition in _partitions.Values)
        {
            if (partition.State != PartitionState.Open) continue;
            if (!partition.Book.EventClock)
            {
                BeginDay(partition, today, Instant.From(now));
                if (partition.Book.Today < today)
                {
                    pending = true;
                    continue;
                }

                FireTimers(partition, Instant.From(now), MomentsMax);
                pending |= partition.Book.NextDeadline.Micros <= Instant.From(now).Micros;
            }

            pending |= !Serve(partition);
        }

        _ticked = pending;
        SettleTelling();
        return Filled > filled;
    }

    /// <summary>The next business day of a partition; days follow one by one, and none begins before the sweep of the one before ends.</summary>
    private void BeginDay(Partition partition, int today, Instant now)
    {
        if (partition.Book.Today >= today || partition.Book.SweepPending) return;
        var day = partition.Book.Today == 0 ? today : partition.Book.Today + 1;
        // What was due before the day began is done before it begins, also when a tick comes days later.
        var begins = StartOf(day);
        if (FireTimers(partition, begins < now ? begins : now, int.MaxValue)) TryApply(partition, new DayStarted { Day = day }, out _);
    }

    /// <summary>The first moment of a business day in the credit control's time zone.</summary>
    private Instant StartOf(int day)
    {
        var midnight = DateOnly.FromDayNumber(day).ToDateTime(TimeOnly.MinValue);
        // Where summer time begins at midnight, the day begins an hour later.
        while (_zone.IsInvalidTime(midnight)) midnight = midnight.AddMinutes(30);
        return Instant.From(new DateTimeOffset(midnight, _zone.GetUtcOffset(midnight)));
    }

    /// <summary>A partition serves once its day has begun and it knows what the house has told.</summary>
    private bool Serve(Partition partition)
    {
        if (_serving[partition.Id + 1] is null) return true;
        if (partition.Id != Book.House && _broadcast.Count > 0 && Place(_broadcast[^1].At).CompareTo(PlaceOf(partition)) > 0) return false;
        _serving[partition.Id + 1] = null;
        UpdateReady();
        return true;
    }

    /// <summary>A partition that takes nothing in now, or has not begun a day; <c>null</c> when there is none.</summary>
    private Partition? Behind(int day)
    {
        foreach (var partition in _partitions.Values)
            if (partition.State != PartitionState.Open || partition.Book.Today < day) return partition;
        return null;
    }

    /// <summary>
    /// Begins a day in every partition on the clock of events; all of them are open. True when all have begun it and their sweeps have ended;
    /// otherwise some slices are still to come.
    /// </summary>
    private bool AdvanceDay(int day, ref bool took)
    {
        var done = true;
        foreach (var partition in _partitions.Values)
        {
            if (partition.Book.SweepPending)
            {
                done = false;
                continue;
            }

            if (partition.Book.Today >= day) continue;
            took = true;
            var next = partition.Book.Today == 0 ? day : partition.Book.Today + 1;
            var start = Instant.From(DateOnly.FromDayNumber(next));
            if (partition.Book.EventClock && !FireTimers(partition, start, int.MaxValue)) return false;
            if (!TryApply(partition, new DayStarted { Day = next, Time = partition.Book.EventClock ? start : default }, out _)) return false;
            done &= next == day && !partition.Book.SweepPending;
        }

        return done;
    }

    /// <summary>Fires deadlines up to a moment, each at its own; false when the partition broke.</summary>
    private bool FireTimers(Partition partition, Instant until, int most)
    {
        for (var fired = 0; fired < most && partition.Book.NextDeadline is var next && next <= until; fired++)
            if (!TryApply(partition, new TimerDue { DueAt = next, Time = next }, out _)) return false;
        return true;
    }

    /// <summary>Slices of the sweeps that are pending, the partitions in turn.</summary>
    private bool Sweep()
    {
        var swept = 0;
        for (var tried = 0; tried < Database.Partitions && swept < SweepsMax; tried++)
        {
            var partition = _partitions[_sweepNext++ % Database.Partitions];
            if (_sweepNext == Database.Partitions) _sweepNext = 0;
            while (partition is { State: PartitionState.Open, Book.SweepPending: true } && swept < SweepsMax)
            {
                swept++;
                if (!TryApply(partition, new SweepDue { FromSlot = partition.Book.SweepFrom }, out _)) break;
            }
        }

        // The end of a sweep lets the next day begin.
        if (swept > 0) _ticked = true;
        return swept > 0;
    }
}
