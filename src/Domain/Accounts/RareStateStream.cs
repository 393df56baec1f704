namespace ExposureMonitor.Domain;

/// <summary>The rare state of an account on its way into bytes, or back.</summary>
internal sealed class RareStateStream(StateStream s, AccountState account)
{
    internal void Run(Rare r)
    {
        s.Do(ref r.ParentId);
        s.Do(ref r.ShareBp);
        s.Do(ref r.GraceDays);
        s.Do(ref r.ReviewedOn);
        s.Do(ref r.NextReviewOn);
        s.Do(ref r.EligibleMax);
        s.Do(ref r.ClosedVersion);
        Versions(r);
        Stamp(ref r.ReviewSet);
        Stamp(ref r.PauseSet);
        Stamp(ref r.GradeSet);
        s.Do(ref r.PauseFrom);
        s.Do(ref r.PauseTo);
        s.Do(ref r.Grade);
        s.Do(ref r.GradeStaleOn);
        s.Do(ref r.HasOddItems);
        s.Do(ref r.Mandatory);
        s.Do(ref r.OutsideGroup);
        s.Do(ref r.StoppedBy);
        s.Do(ref r.Crossings);
        s.Do(ref r.Dunned);
        Limits(r);
        Covers(r);
        Holds(r);
        Others(r);
    }

    private void Dated(List<(int On, long Amount)> lines)
    {
        var count = s.Count(lines.Count);
        for (var i = 0; i < count; i++)
        {
            var (on, amount) = s.Reading ? default : lines[i];
            s.Do(ref on);
            s.Do(ref amount);
            if (s.Reading) lines.Add((on, amount));
        }
    }

    private void Stamp(ref Stamp stamp)
    {
        var eventId = stamp.EventId ?? "";
        s.Do(ref stamp.Time);
        s.Do(ref eventId);
        stamp.EventId = eventId.Length == 0 ? null : eventId;
    }

    private void Versions(Rare r)
    {
        var has = r.FieldVersions is not null;
        s.Do(ref has);
        if (!has) return;
        r.FieldVersions ??= new long[(int)ProfileField.Count];
        for (var i = 0; i < r.FieldVersions.Length; i++) s.Do(ref r.FieldVersions[i]);
    }

    private void Limits(Rare r)
    {
        s.List(ref r.Steps, n =>
        {
            s.Do(ref n.From);
            s.Do(ref n.To);
            s.Choice(ref n.Kind);
            s.Do(ref n.Amount);
        });
        s.List(ref r.Temporary, n =>
        {
            s.Do(ref n.Id);
            s.Do(ref n.Content);
            s.Do(ref n.Amount);
            s.Do(ref n.Currency);
            s.Do(ref n.From);
            s.Do(ref n.To);
            s.Texts(n.Orders);
            s.Do(ref n.Once);
            s.Do(ref n.Consumed);
            s.Do(ref n.Ended);
        });
        s.List(ref r.Seasons, n =>
        {
            s.Do(ref n.Id);
            Stamp(ref n.Set);
            s.Do(ref n.Removed);
            s.Do(ref n.FromMonthDay);
            s.Do(ref n.ToMonthDay);
            s.Do(ref n.UpliftBp);
        });
        s.List(ref r.LimitRequests, n =>
        {
            s.Do(ref n.Id);
            s.Do(ref n.Actor);
            s.Do(ref n.Reason);
            s.Choice(ref n.Kind);
            s.Do(ref n.Amount);
            s.Do(ref n.LimitVersion);
            s.Do(ref n.From);
            s.Do(ref n.To);
            s.Do(ref n.Currency);
            s.Do(ref n.LapsesAt);
        });
    }

    private void Covers(Rare r) => s.List(ref r.Covers, n =>
    {
        s.Do(ref n.Id);
        s.Do(ref n.Content);
        s.Do(ref n.Version);
        s.Do(ref n.StopVersion);
        s.Do(ref n.EndVersion);
        s.Choice(ref n.Kind);
        s.Choice(ref n.Use);
        s.Choice(ref n.Basis);
        s.Do(ref n.Amount);
        s.Do(ref n.Deductible);
        s.Do(ref n.Currency);
        s.Do(ref n.InsuredBp);
        s.Do(ref n.AddOnBp);
        s.Do(ref n.From);
        s.Do(ref n.To);
        s.Do(ref n.StoppedOn);
        s.Do(ref n.EndedOn);
        s.Do(ref n.MepDays);
        s.Do(ref n.MaxTermsDays);
        s.Do(ref n.ClaimLagDays);
        s.Do(ref n.ParentGrade);
    });

    private void Holds(Rare r)
    {
        s.List(ref r.Reservations, n =>
        {
            s.Do(ref n.Id);
            s.Do(ref n.OrderId);
            s.Do(ref n.Amount);
            s.Do(ref n.Currency);
            s.Do(ref n.ShipOn);
            s.Do(ref n.ExpiresAt);
        });
        s.List(ref r.Holds, n =>
        {
            s.Do(ref n.Id);
            account.Order(ref n.Order);
            s.Do(ref n.CreatedAt);
            s.Do(ref n.AcknowledgeBy);
            s.Do(ref n.RequestedAt);
            s.Do(ref n.LapsesAt);
            s.Do(ref n.Checkpoint);
            s.Do(ref n.ForcedBy);
            s.Do(ref n.RequestedBy);
            s.Do(ref n.RequestReason);
            s.Do(ref n.Forced);
            s.Do(ref n.Acknowledged);
            s.Do(ref n.Escalated);
            s.Do(ref n.ManualOnly);
            s.Do(ref n.RefuseAdvised);
            s.Do(ref n.ByStop);
            s.Do(ref n.PassedOverOn);
            s.Do(ref n.ShownOrderVersion);
            s.Do(ref n.ShownLimitVersion);
            s.Do(ref n.ShownValue);
            s.Texts(n.ShownReasons);
            s.Do(ref n.Needs);
            var count = s.Count(n.Reasons.Count);
            for (var i = 0; i < count; i++)
            {
                var reason = s.Reading ? new HoldReason() : n.Reasons[i];
                s.Described(ref reason);
                if (s.Reading) n.Reasons.Add(reason);
            }

            s.Texts(n.Approvals);
            s.Texts(n.Causes);
        });
        s.List(ref r.Released, n =>
        {
            account.Order(ref n.Order);
            s.Do(ref n.GraceUntil);
            s.Texts(n.Payments);
        });
        s.List(ref r.Freed, n =>
        {
            s.Do(ref n.Entry);
            s.Do(ref n.Payment);
            s.Do(ref n.At);
            s.Do(ref n.Amount);
        });
    }

    private void Others(Rare r)
    {
        s.List(ref r.Externals, n =>
        {
            s.Do(ref n.System);
            s.Do(ref n.Amount);
            s.Do(ref n.Currency);
            s.Do(ref n.AsOn);
            s.Do(ref n.Time);
            s.Do(ref n.EventId);
        });
        s.List(ref r.Parked, n =>
        {
            s.Fact(ref n.Fact);
            s.Do(ref n.Content);
            var kind = (byte)n.WaitsFor;
            s.Do(ref kind);
            n.WaitsFor = (DocumentKind)kind;
            s.Do(ref n.WaitsForId);
            s.Do(ref n.Until);
            var (partition, seq, index) = (n.Entry.Partition, n.Entry.Seq, n.Entry.Index);
            s.Do(ref partition);
            s.Do(ref seq);
            s.Do(ref index);
            n.Entry = new EntryPosition(partition, seq, index);
        });
        s.List(ref r.Schedules, n =>
        {
            account.Order(ref n.Order);
            Dated(n.Lines);
        });
        s.List(ref r.Moved, n =>
        {
            account.Order(ref n.Order);
            s.Do(ref n.Payer);
            s.Do(ref n.Version);
            s.Do(ref n.Own);
        });
        s.List(ref r.Exclusions, n =>
        {
            s.Do(ref n.Id);
            s.Do(ref n.OrderId);
            s.Choice(ref n.Kind);
            s.Do(ref n.Value);
            s.Do(ref n.Owner);
            s.Do(ref n.Reason);
            s.Do(ref n.EndsOn);
        });
        s.List(ref r.Disputes, n =>
        {
            s.Do(ref n.Id);
            account.Item(ref n.Item);
            s.Do(ref n.Until);
            s.Do(ref n.Amount);
        });
        s.List(ref r.Plans, n =>
        {
            s.Do(ref n.Id);
            s.Do(ref n.Currency);
            s.Do(ref n.CrossDefault);
            s.Do(ref n.AgreedOn);
            s.Do(ref n.EndedOn);
            s.Choice(ref n.Outcome);
            Stamp(ref n.End);
            s.Do(ref n.Kept);
            s.Do(ref n.Broken);
            s.Texts(n.Items);
            Dated(n.Instalments);
        });
        s.List(ref r.Signals, n =>
        {
            s.Do(ref n.Indicator);
            s.Do(ref n.Subject);
            s.Do(ref n.Step);
            s.Do(ref n.RaisedAt);
            s.Do(ref n.FlapSteps);
            s.Do(ref n.Retracted);
            s.Do(ref n.Since);
            s.Do(ref n.RaisedOn);
            for (var i = 0; i < n.ClearSince.Length; i++) s.Do(ref n.ClearSince[i]);
            for (var i = 0; i < n.Open.Length; i++) s.Do(ref n.Open[i]);
            var transitions = s.Count(n.Transitions.Count);
            for (var i = 0; i < transitions; i++)
            {
                var (step, at) = s.Reading ? default : n.Transitions[i];
                s.Do(ref step);
                s.Do(ref at);
                if (s.Reading) n.Transitions.Add((step, at));
            }

            s.Do(ref n.DigestAt);
            s.Do(ref n.FlapCrossing);
            s.Do(ref n.Muted);
            var severity = (byte)n.Severity;
            s.Do(ref severity);
            n.Severity = (Severity)severity;
        });
        s.List(ref r.WaitingCredits, n =>
        {
            account.Source(ref n.Source);
            s.Do(ref n.ItemId);
        });
        s.List(ref r.EarlyMarks, n =>
        {
            s.Do(ref n.OrderId);
            s.Choice(ref n.Status);
            s.Do(ref n.Version);
        });
        var named = s.Count(r.NamedSources.Count);
        for (var i = 0; i < named; i++)
        {
            var source = s.Reading ? 0 : r.NamedSources[i];
            account.Source(ref source);
            if (s.Reading) Few.Add(ref r.NamedSources, source);
        }
    }
}
