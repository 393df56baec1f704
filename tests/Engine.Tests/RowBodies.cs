using System.Text;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>A row with a binary body says as JSON, when somebody reads it, what its effect says at once.</summary>
public sealed class RowBodies
{
    private static readonly Instant Time = new(1_790_000_000_000_000);

    public static TheoryData<Effect> Effects => new()
    {
        new CheckDecided { Customer = "北京-1", OrderId = "O-1", Amount = 100, Currency = "EUR", Decision = Verdict.Approved },
        new CheckDecided
        {
            Customer = "C-1", ReservationId = "r-9", ExpiresAt = Time, Amount = long.MaxValue, Currency = "JPY", Decision = Verdict.ApprovedWithWarnings, Excuse = "Grace",
            Actor = "K-1", Key = "k \"1\" \u2028", RefuseAdvised = true,
            Figures = new DecisionFigures { Currency = "JPY", Gross = -5, NetRisk = 1, LimitKind = LimitKind.Amount, Limit = 7, Available = long.MinValue, AtLimit = true, PolicyVersion = 3, StaleSince = Time },
            Reasons = [new HoldReason { Rule = "030", Reaction = Reaction.Hold, Observed = 12, Threshold = -1, Currency = "JPY", Excess = 13, Position = "1-2-3", StillValid = true, CuredAt = Time }, new HoldReason { Rule = "R8" }],
        },
        new ReservationEnded { Customer = "C-1", ReservationId = "r-1", Amount = 4, Currency = "EUR", Reason = "expired" },
        new HoldChanged
        {
            Customer = "C-1", Step = HoldChanged.Released, HoldId = "h-1", OrderId = "O-1", Amount = 1, Currency = "EUR", Forced = true, Approver = "a,b", Actor = "rule",
            ValidUntil = Time, ValueCap = 9, Needs = 8, Causes = ["1-1-1", "1-1-2"], Checkpoint = "Accept", CreatedAt = Time, ReleaseId = "rl-1", ReviewOn = 740_000,
            Reasons = [new HoldReason { Rule = "FORCED", StillValid = false }],
        },
    };

    [Theory]
    [MemberData(nameof(Effects))]
    public void Binary_and_json_say_the_same(Effect effect)
    {
        var bytes = new EffectBytes();
        bytes.Take([new AuditNoted { Act = "before" }, effect], 0);
        var row = new JournalRow
        {
            Table = effect is HoldChanged ? RowTable.Hold : RowTable.Decision, Partition = 3, Seq = 4, Index = 5, Ordinal = 2, Customer = effect.Customer,
            Subject = effect.Subject, Kind = effect.Kind, At = Time.Micros, Body = bytes.FieldsOf(1),
        };
        var told = Encoding.UTF8.GetString(Rows.JsonOf(effect, new EntryPosition(3, 4, 5), 2, Time));
        Assert.Equal(told, Encoding.UTF8.GetString(row.Json().Span));
        Assert.Equal(told, Encoding.UTF8.GetString((row with { Body = Encoding.UTF8.GetBytes(told) }).Json().Span));
        Assert.Throws<InvalidDataException>(() => (row with { Body = row.Body[..^1] }).Json());
        Assert.Throws<InvalidDataException>(() => (row with { Body = (byte[])[.. row.Body.Span, 0] }).Json());
    }

    [Fact]
    public void Bytes_that_were_handed_out_stay_when_more_come_and_when_they_are_dropped()
    {
        var bytes = new EffectBytes();
        var digest = bytes.Take([new AuditNoted { Act = "first" }], 0);
        var first = bytes.FieldsOf(0);
        var copy = first.ToArray();
        for (var i = 0; i < 1_000; i++) digest = bytes.Take([new AuditNoted { Act = $"more {i}" }], digest);
        bytes.Drop();
        bytes.Take([new AuditNoted { Act = "other" }], 0);
        Assert.Equal(copy, first.ToArray());
    }
}
