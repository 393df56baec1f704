namespace ExposureMonitor.Domain;

/// <summary>The rare state of an account on its way into bytes, or back.</summary>
internal sealed class RareStateStream(StateStream s, AccountState account)
{
    private readonly StateStream _s = s;
    private readonly AccountState _account = account;

    // Each list is told how to do one of its elements by a function that is made once, and not again for every account.
    internal void Run(Rare r)
    {
        _s.Do(ref r.ParentId);
        _s.Do(ref r.ShareBp);
        _s.Do(ref r.GraceDays);
        _s.Do(ref r.ReviewedOn);
        _s.Do(ref r.NextReviewOn);
        _s.Do(ref r.EligibleMax);
        _s.Do(ref r.ClosedVersion);
        Versions(r);
        Stamp(ref r.ReviewSet);
        Stamp(ref r.PauseSet);
        Stamp(ref r.GradeSet);
        _s.Do(ref r.PauseFrom);
        _s.Do(ref r.PauseTo);
        _s.Do(ref r.Grade);
        _s.Do(ref r.GradeStaleOn);
        _s.Do(ref r.HasOddItems);
        _s.Do(ref r.Mandatory);
        _s.Do(ref r.OutsideGroup);
        _s.Do(ref r.StoppedBy);
        _s.Do(ref r.Crossings);
        _s.Do(ref r.Dunned);
        Limits(r);
        Covers(r);
        Holds(r);
        Others(r);
        if (!_account.HasHabits) return;
        _s.Do(ref r.Mediums.Newest);
        _s.Do(ref r.Mediums.Second);
        _s.Do(ref r.Mediums.Third);
        _s.Do(ref r.RiskDownAt);
        _s.Do(ref r.ReviewBefore);
    }

    private void Dated(List<(int On, long Amount)> lines)
    {
        var count = _s.Count(lines.Count);
        for (var i = 0; i < count; i++)
        {
            var (on, amount) = _s.Reading ? default : lines[i];
            _s.Do(ref on);
            _s.Do(ref amount);
            if (_s.Reading) lines.Add((on, amount));
        }
    }

    private void Stamp(ref Stamp stamp)
    {
        var eventId = stamp.EventId ?? "";
        _s.Do(ref stamp.Time);
        _s.Do(ref eventId);
        stamp.EventId = eventId.Length == 0 ? null : eventId;
    }

    private void Versions(Rare r)
    {
        var has = r.FieldVersions is not null;
        _s.Do(ref has);
        if (!has) return;
        r.FieldVersions ??= new long[(int)ProfileField.Count];
        for (var i = 0; i < r.FieldVersions.Length; i++) _s.Do(ref r.FieldVersions[i]);
    }

    private void Limits(Rare r)
    {
        _s.List(ref r.Steps, this, static (n, me) =>
        {
            me._s.Do(ref n.From);
            me._s.Do(ref n.To);
            me._s.Choice(ref n.Kind);
            me._s.Do(ref n.Amount);
        });
        _s.List(ref r.Temporary, this, static (n, me) =>
        {
            me._s.Do(ref n.Id);
            me._s.Do(ref n.Content);
            me._s.Do(ref n.Amount);
            me._s.Do(ref n.Currency);
            me._s.Do(ref n.From);
            me._s.Do(ref n.To);
            me._s.Texts(n.Orders);
            me._s.Do(ref n.Once);
            me._s.Do(ref n.Consumed);
            me._s.Do(ref n.Ended);
        });
        _s.List(ref r.Seasons, this, static (n, me) =>
        {
            me._s.Do(ref n.Id);
            me.Stamp(ref n.Set);
            me._s.Do(ref n.Removed);
            me._s.Do(ref n.FromMonthDay);
            me._s.Do(ref n.ToMonthDay);
            me._s.Do(ref n.UpliftBp);
        });
        _s.List(ref r.LimitRequests, this, static (n, me) =>
        {
            me._s.Do(ref n.Id);
            me._s.Do(ref n.Actor);
            me._s.Do(ref n.Reason);
            me._s.Choice(ref n.Kind);
            me._s.Do(ref n.Amount);
            me._s.Do(ref n.LimitVersion);
            me._s.Do(ref n.From);
            me._s.Do(ref n.To);
            me._s.Do(ref n.Currency);
            me._s.Do(ref n.LapsesAt);
        });
    }

    private void Covers(Rare r) => _s.List(ref r.Covers, this, static (n, me) =>
    {
        me._s.Do(ref n.Id);
        me._s.Do(ref n.Content);
        me._s.Do(ref n.Version);
        me._s.Do(ref n.StopVersion);
        me._s.Do(ref n.EndVersion);
        me._s.Choice(ref n.Kind);
        me._s.Choice(ref n.Use);
        me._s.Choice(ref n.Basis);
        me._s.Do(ref n.Amount);
        me._s.Do(ref n.Deductible);
        me._s.Do(ref n.Currency);
        me._s.Do(ref n.InsuredBp);
        me._s.Do(ref n.AddOnBp);
        me._s.Do(ref n.From);
        me._s.Do(ref n.To);
        me._s.Do(ref n.StoppedOn);
        me._s.Do(ref n.EndedOn);
        me._s.Do(ref n.MepDays);
        me._s.Do(ref n.MaxTermsDays);
        me._s.Do(ref n.ClaimLagDays);
        me._s.Do(ref n.ParentGrade);
        if (!me._account.HasHabits) return;
        me._s.Do(ref n.CutFrom);
        me._s.Do(ref n.CutOn);
    });

    private void Holds(Rare r)
    {
        _s.List(ref r.Reservations, this, static (n, me) =>
        {
            me._s.Do(ref n.Id);
            me._s.Do(ref n.OrderId);
            me._s.Do(ref n.Amount);
            me._s.Do(ref n.Currency);
            me._s.Do(ref n.ShipOn);
            me._s.Do(ref n.ExpiresAt);
        });
        _s.List(ref r.Holds, this, static (n, me) =>
        {
            me._s.Do(ref n.Id);
            me._account.Order(ref n.Order);
            me._s.Do(ref n.CreatedAt);
            me._s.Do(ref n.AcknowledgeBy);
            me._s.Do(ref n.RequestedAt);
            me._s.Do(ref n.LapsesAt);
            me._s.Do(ref n.Checkpoint);
            me._s.Do(ref n.ForcedBy);
            me._s.Do(ref n.RequestedBy);
            me._s.Do(ref n.RequestReason);
            me._s.Do(ref n.Forced);
            me._s.Do(ref n.Acknowledged);
            me._s.Do(ref n.Escalated);
            me._s.Do(ref n.ManualOnly);
            me._s.Do(ref n.RefuseAdvised);
            me._s.Do(ref n.ByStop);
            me._s.Do(ref n.PassedOverOn);
            me._s.Do(ref n.ShownOrderVersion);
            me._s.Do(ref n.ShownLimitVersion);
            me._s.Do(ref n.ShownValue);
            me._s.Texts(n.ShownReasons);
            me._s.Do(ref n.Needs);
            var count = me._s.Count(n.Reasons.Count);
            for (var i = 0; i < count; i++)
            {
                var reason = me._s.Reading ? new HoldReason() : n.Reasons[i];
                me._s.Described(ref reason);
                if (me._s.Reading) n.Reasons.Add(reason);
            }

            me._s.Texts(n.Approvals);
            me._s.Texts(n.Causes);
        });
        _s.List(ref r.Released, this, static (n, me) =>
        {
            me._account.Order(ref n.Order);
            me._s.Do(ref n.GraceUntil);
            me._s.Texts(n.Payments);
        });
        _s.List(ref r.Freed, this, static (n, me) =>
        {
            me._s.Do(ref n.Entry);
            me._s.Do(ref n.Payment);
            me._s.Do(ref n.At);
            me._s.Do(ref n.Amount);
        });
    }

    private void Others(Rare r)
    {
        _s.List(ref r.Externals, this, static (n, me) =>
        {
            me._s.Do(ref n.System);
            me._s.Do(ref n.Amount);
            me._s.Do(ref n.Currency);
            me._s.Do(ref n.AsOn);
            me._s.Do(ref n.Time);
            me._s.Do(ref n.EventId);
        });
        _s.List(ref r.Parked, this, static (n, me) =>
        {
            me._s.Fact(ref n.Fact);
            me._s.Do(ref n.Content);
            var kind = (byte)n.WaitsFor;
            me._s.Do(ref kind);
            n.WaitsFor = (DocumentKind)kind;
            me._s.Do(ref n.WaitsForId);
            me._s.Do(ref n.Until);
            var (partition, seq, index) = (n.Entry.Partition, n.Entry.Seq, n.Entry.Index);
            me._s.Do(ref partition);
            me._s.Do(ref seq);
            me._s.Do(ref index);
            n.Entry = new EntryPosition(partition, seq, index);
        });
        _s.List(ref r.Schedules, this, static (n, me) =>
        {
            me._account.Order(ref n.Order);
            me.Dated(n.Lines);
        });
        _s.List(ref r.Moved, this, static (n, me) =>
        {
            me._account.Order(ref n.Order);
            me._s.Do(ref n.Payer);
            me._s.Do(ref n.Version);
            me._s.Do(ref n.Own);
        });
        _s.List(ref r.Exclusions, this, static (n, me) =>
        {
            me._s.Do(ref n.Id);
            me._s.Do(ref n.OrderId);
            me._s.Choice(ref n.Kind);
            me._s.Do(ref n.Value);
            me._s.Do(ref n.Owner);
            me._s.Do(ref n.Reason);
            me._s.Do(ref n.EndsOn);
        });
        _s.List(ref r.Disputes, this, static (n, me) =>
        {
            me._s.Do(ref n.Id);
            me._account.Item(ref n.Item);
            me._s.Do(ref n.Until);
            me._s.Do(ref n.Amount);
        });
        _s.List(ref r.Plans, this, static (n, me) =>
        {
            me._s.Do(ref n.Id);
            me._s.Do(ref n.Currency);
            me._s.Do(ref n.CrossDefault);
            me._s.Do(ref n.AgreedOn);
            me._s.Do(ref n.EndedOn);
            me._s.Choice(ref n.Outcome);
            me.Stamp(ref n.End);
            me._s.Do(ref n.Kept);
            me._s.Do(ref n.Broken);
            me._s.Texts(n.Items);
            me.Dated(n.Instalments);
        });
        _s.List(ref r.Signals, this, static (n, me) =>
        {
            me._s.Do(ref n.Indicator);
            me._s.Do(ref n.Subject);
            me._s.Do(ref n.Step);
            me._s.Do(ref n.RaisedAt);
            me._s.Do(ref n.FlapSteps);
            me._s.Do(ref n.Retracted);
            me._s.Do(ref n.Since);
            me._s.Do(ref n.RaisedOn);
            for (var i = 0; i < Ladder.StepsMax; i++) me._s.Do(ref n.ClearSince[i]);
            for (var i = 0; i < Ladder.StepsMax; i++) me._s.Do(ref n.Open[i]);
            var transitions = me._s.Count(n.Transitions.Count);
            for (var i = 0; i < transitions; i++)
            {
                var (step, at) = me._s.Reading ? default : n.Transitions[i];
                me._s.Do(ref step);
                me._s.Do(ref at);
                if (me._s.Reading) Few.Add(ref n.Transitions, (step, at));
            }

            me._s.Do(ref n.DigestAt);
            me._s.Do(ref n.FlapCrossing);
            me._s.Do(ref n.Muted);
            var severity = (byte)n.Severity;
            me._s.Do(ref severity);
            n.Severity = (Severity)severity;
            if (!me._account.HasHabits) return;
            me._s.Do(ref n.RaisedStep);
            me._s.Do(ref n.RaisedCrossing);
        });
        _s.List(ref r.WaitingCredits, this, static (n, me) =>
        {
            me._account.Source(ref n.Source);
            me._s.Do(ref n.ItemId);
        });
        _s.List(ref r.EarlyMarks, this, static (n, me) =>
        {
            me._s.Do(ref n.OrderId);
            me._s.Choice(ref n.Status);
            me._s.Do(ref n.Version);
        });
        var named = _s.Count(r.NamedSources.Count);
        for (var i = 0; i < named; i++)
        {
            var source = _s.Reading ? 0 : r.NamedSources[i];
            _account.Source(ref source);
            if (_s.Reading) Few.Add(ref r.NamedSources, source);
        }
    }
}
