using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Simulation;

/// <summary>What happens beside the story: repeats, conflicts, checks, limits, rates, days, restarts, second owners.</summary>
internal sealed partial class EngineRun
{
    /// <summary>A record that was told is told again: the same, or the same document under another event id.</summary>
    private async Task<string?> AgainAsync()
    {
        if (_told.Count == 0) return null;
        var planned = _told[_dice.Below(_told.Count)];
        if (_journal.Refuses.Contains(planned.Fact.EventId)) return null;
        var copy = Copy(planned.Fact);
        var other = planned.Dead.Length == 0 && copy is OrderPlaced or InvoicePosted or PaymentReceived or CreditNoteIssued or AcceptanceReceived && _dice.Below(2) == 0;
        if (other) copy.EventId += "-other" + ++_number;
        var answer = await UntilAnsweredAsync(copy);
        _met.Note(other ? Situation.SameDocumentOtherId : planned.Fact.Position.IsKnown ? Situation.RedeliveredByPosition : Situation.ToldTwice);
        return answer.Outcome.Kind == OutcomeKind.Duplicate ? null : $"{copy.GetType().Name} {copy.EventId}, told again, was {answer.Outcome.Kind}";
    }

    /// <summary>A known id with other content, by event id or by document: a dead letter, and nothing moves.</summary>
    private async Task<string?> ConflictAsync()
    {
        var known = _told.Where(p => p.Dead.Length == 0 && p.Fact is InvoicePosted or PaymentReceived or CreditNoteIssued or AcceptanceReceived).ToList();
        if (known.Count == 0) return null;
        var copy = Copy(known[_dice.Below(known.Count)].Fact);
        switch (copy)
        {
            case InvoicePosted f: f.Amount++; break;
            case PaymentReceived f: f.Amount++; break;
            case CreditNoteIssued f: f.Amount++; break;
            case AcceptanceReceived f: f.Amount++; break;
        }

        var other = _dice.Below(2) == 0;
        if (other) copy.EventId += "-conflict" + ++_number;
        copy.Position = new SourcePosition("file:conflicts", ++_number);
        _met.Note(other ? Situation.SameDocumentOtherContent : Situation.SameIdOtherContent);
        _proofs.ExpectConflict(copy);
        var answer = await UntilAnsweredAsync(copy);
        return answer.Outcome.Kind is OutcomeKind.ConflictingDuplicate or OutcomeKind.Duplicate ? null : $"{copy.EventId} with other content was {answer.Outcome.Kind}";
    }

    /// <summary>A check that reserves: asked under one key until it is answered, as the shell does it.</summary>
    private async Task<string?> CheckAsync(int next)
    {
        if (_dice.Below(12) == 0) return await AskUnknownAsync();
        var customer = $"C{_dice.Below(_swarm.Customers)}";
        var order = _story.Told.Skip(next).Take(12).Select(p => p.Fact).OfType<OrderPlaced>()
            .FirstOrDefault(o => o.Customer == customer && o.Amount < 10_000 && !_reservedOrders.Contains(o.OrderId));
        var check = new CheckCredit
        {
            Customer = customer, Amount = 10 + _dice.Below(700), Currency = order?.Currency ?? _story.CurrencyOf(customer), Actor = "desk", Key = "k" + Text(++_number),
            LiveMinutes = 1 + _dice.Below(60), ShipOn = _dice.Below(3) == 0 ? Story.DayOf(_segment) + _dice.Below(90) : 0,
        };
        if (order is not null && _dice.Below(2) == 0 && _reservedOrders.Add(order.OrderId)) check.OrderId = order.OrderId;
        var hash = IdempotencyKey.Hash(check.Actor, customer, check.Key);
        Answer? answer = null;
        for (var asked = 0; answer is null && await _journal.DecisionByKeyAsync(hash, CancellationToken.None) is null; asked++)
        {
            if (asked > 0) _met.Note(Situation.CheckAskedAgain);
            var engine = await EngineAsync();
            try
            {
                answer = await engine.SubmitAsync(Copy(check));
                Note(check, answer);
            }
            catch (EngineUnavailableException)
            {
                await KillAsync();
            }
        }

        if (answer is not null && !answer.Outcome.IsDead && await _journal.DecisionByKeyAsync(hash, CancellationToken.None) is null)
            return $"customer {customer}: a decision was told before it was durable";
        if (answer?.Outcome.Reason is "UNKNOWN_CUSTOMER") return null;
        var row = await _journal.DecisionByKeyAsync(hash, CancellationToken.None);
        if (row is null) return $"customer {customer}: a check has no decision: {answer?.Outcome}";
        _proofs.Decided(hash, answer?.Effects.OfType<CheckDecided>().Single(), row);
        var told = Proofs.DecisionOf(row);
        if (told.Approved && check.OrderId.Length == 0) _reservations.Add((customer, told.ReservationId, check.Currency));
        if (told.Approved && check.OrderId.Length == 0 && _dice.Below(6) == 0)
        {
            _reservations.RemoveAt(_reservations.Count - 1);
            await UntilAnsweredAsync(new EndReservation { Customer = customer, ReservationId = told.ReservationId, Actor = "desk", Key = "e" + Text(_number) });
        }

        return null;
    }

    private async Task<string?> AskUnknownAsync()
    {
        var answer = await UntilAnsweredAsync(new CheckCredit { Customer = "nobody", Amount = 10, Currency = Story.Eur, Actor = "desk", Key = "u" + Text(++_number) });
        _met.Note(Situation.CheckRefusedUnknownCustomer);
        return answer.Outcome.Reason == "UNKNOWN_CUSTOMER" ? null : $"a check of an unknown customer was {answer.Outcome.Kind}";
    }

    private async Task LimitAsync(string customer)
    {
        var version = _limitVersions[customer] = _limitVersions.GetValueOrDefault(customer) + 1;
        var amount = 200L + _dice.Below(2_000);
        var known = _proofs.LimitOf(customer);
        if (known > 0) _met.Note(amount < known ? Situation.LimitCut : Situation.LimitRaised);
        _proofs.Limit(customer, amount);
        var kind = _dice.Below(12) == 0 ? LimitKind.Unlimited : LimitKind.Amount;
        await UntilAnsweredAsync(new LimitSet
        {
            Customer = customer, EventId = $"limit-{customer}-{version}", Source = "sim", Version = version, Currency = _story.CurrencyOf(customer),
            // Some end soon after the run: the warning comes, the end does not.
            Steps = [new LimitStep { From = 1, To = version % 3 == 0 ? Story.DayOf(_swarm.Segments) + 25 : 0, Kind = kind, Amount = kind == LimitKind.Amount ? amount : 0 }],
        });
    }

    private async Task HouseAsync()
    {
        if (_dice.Below(3) == 0)
            await UntilAnsweredAsync(new PortfolioMeasured { AsOn = Story.DayOf(_segment), Receivables = 1_000, UncoveredEad = 2_000, OverdueShareBp = 2_000, MedianDaysLate = 2, WeeklyOrders = 20, WeeklyOrdersMad = 2, EventId = "portfolio" + Text(++_number), Source = "sim" });
        if (_dice.Below(3) > 0) await RateAsync();
        else await SwitchAsync(!_globalHold);
    }

    /// <summary>Two people say how good a customer is: the ladder changes under what stands. An older word comes late, and changes nothing.</summary>
    private async Task GradeAsync(string customer)
    {
        var now = _swarm.EventClock ? Instant.From(DateOnly.FromDayNumber(Story.DayOf(_segment))) : Instant.From(_clock.Now);
        // Without a time of its own it is of the moment at which it arrives.
        var at = _grades.Below(6) == 0 ? now.Plus(-Instant.Day) : default;
        await UntilAnsweredAsync(new RatingOverridden { Customer = customer, Grade = "ABCDE".Substring(_grades.Below(5), 1), Reason = "seen", By = "kim", ApprovedBy = ["lee"], EventId = "grade" + Text(++_number), Source = "sim", Time = at });
    }

    private async Task RateAsync()
    {
        _met.Note(Situation.RatePublished);
        var day = DateOnly.FromDayNumber(Story.DayOf(_segment));
        await UntilAnsweredAsync(new FxRatePublished
        {
            ApprovedBy = "second", From = Story.Usd, To = Story.Eur, Rate = new FxRate(850_000_000_000 + _dice.Below(100_000) * 1_000_000L), AsOf = Instant.From(day).Plus(++_number),
            EventId = "rate" + Text(_number), Source = "sim",
        });
    }

    private async Task SwitchAsync(bool on)
    {
        _met.Note(Situation.GlobalHold);
        await UntilAnsweredAsync(new SwitchGlobalHold { On = on, Reason = "drill", Actor = "a", ApprovedBy = "b", Key = "g" + Text(++_number) });
        _globalHold = on;
    }

    /// <summary>Brings the business day up: by the clock, or by the feeder of an event clock.</summary>
    private async Task DayAsync(int day)
    {
        _met.Note(Situation.DayStarted);
        var start = DateOnly.FromDayNumber(day).ToDateTime(new TimeOnly(12, 0));
        if (!_swarm.EventClock) await WaitAsync(new DateTimeOffset(start, TimeSpan.Zero) - _clock.Now);
        while (_swarm.EventClock)
        {
            var engine = await EngineAsync();
            try
            {
                await engine.StartDaysAsync(day);
                return;
            }
            catch (EngineUnavailableException)
            {
                await KillAsync();
            }
        }
    }

    /// <summary>The wall clock goes on and ticks; returns when the tick was taken in, by this engine or the next.</summary>
    private async Task WaitAsync(TimeSpan by)
    {
        if (by > TimeSpan.FromDays(1)) _met.Note(Situation.SeveralDays);
        _clock.Advance(by);
        await ReadAsync(0, book => book.Today);
    }

    private async Task<T> ReadAsync<T>(int partition, Func<Book, T> read)
    {
        while (true)
        {
            var engine = await EngineAsync();
            try
            {
                return await engine.ReadAsync(partition, read);
            }
            catch (EngineUnavailableException)
            {
                await KillAsync();
            }
        }
    }

    /// <summary>An ordinary stop, or a kill; the rows of the snapshot may be spoiled before the next start.</summary>
    private async Task RestartAsync()
    {
        if (_dice.Below(3) == 0)
        {
            await KillAsync();
        }
        else
        {
            _journal.KeepOldRows();
            await StopAsync();
        }

        if (_prunes.Below(100) < _prunePercent) await PruneAsync();
        if (!Happens(_swarm.SpoilPercent)) return;
        var how = (Spoil)_dice.Below(4);
        if (!_journal.Spoil(how, _dice)) return;
        _rowsSpoiled = true;
        _met.Note(how switch
        {
            Spoil.Lost => Situation.RowsLost,
            Spoil.Stale => Situation.RowsStale,
            Spoil.Corrupt => Situation.RowsCorrupt,
            _ => Situation.SnapshotNeverEnded,
        });
    }

    private async Task StopAsync()
    {
        var engine = _engine;
        _engine = null;
        try
        {
            if (engine is not null) await engine.DisposeAsync();
            _met.Note(Situation.RestartClean);
        }
        catch (JournalBrokenException) when (_defect != Defect.None || _journal.TakenOver)
        {
            // Another owner took the partition before the last snapshot; the frames are there.
        }

        if (_journal.SnapshotCrashes > 0) _met.Note(Situation.SnapshotCrashed);
        _clock.Forget();
    }

    /// <summary>A second process opens everything while the first still believes that it owns it: whatever the first says after that is a defect.</summary>
    private async Task<string?> ZombieAsync()
    {
        var zombie = await EngineAsync();
        _engine = null;
        await EngineAsync();
        var before = _journal.Commits;
        try
        {
            var answer = await zombie.SubmitAsync(new CheckCredit { Customer = "C0", Amount = 1, Currency = Story.Eur, Actor = "zombie", Key = "z" + Text(++_number) });
            return $"a process that lost its partitions answered {answer.Outcome.Kind}";
        }
        catch (EngineUnavailableException)
        {
            _met.Note(Situation.ZombieFenced);
        }

        return _journal.Commits == before ? null : "a process that lost its partitions has committed";
    }
}
