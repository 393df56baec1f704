namespace ExposureMonitor.Domain;

/// <summary>
/// Applies facts to a book: source position, event id, what the partition knows, then the account. Total: every fact
/// has an outcome, and none throws.
/// </summary>
public static class PartitionMachine
{
    /// <summary>The newest version of the rules; a release that changes the result of any fact adds one. Which one a partition goes by: <see cref="Book.Rules"/>.</summary>
    public const int Version = 2;

    /// <summary>Event ids that a partition remembers with their content.</summary>
    public const int WindowSize = 16_384;

    /// <summary>Accounts that one slice of a sweep brings up.</summary>
    public const int SliceMax = 256;

    /// <summary>Applies one fact at its place in the journal, under the rules of the book.</summary>
    public static Outcome Apply(Book book, Fact fact, EntryPosition at, EffectBuffer effects)
    {
        book.TouchNone();
        book.Entry = at;
        (book.Previous, book.EnteredWindow) = (default, false);
        (book.EntryContent, book.EntrySlot) = (null, -1);
        if (fact.Arrival > book.StreamTime && !book.EventClock) book.StreamTime = fact.Arrival;
        if (book.EventClock && fact.Time > book.StreamTime) book.StreamTime = fact.Time;
        if (fact.Position.IsKnown && !book.PositionMap.Advance(fact.Position.Stream!, fact.Position.Offset)) return Outcome.Duplicate;

        book.ActivateDue();
        switch (fact)
        {
            case UndecodableRecord record:
                return new Outcome(OutcomeKind.Undecodable, record.Reason, record.Detail);
            case DayStarted day:
                var begun = book.StartDay(day.Day);
                if (begun.Kind == OutcomeKind.Applied && book.Partition == Book.House) book.Desk.StartDay(day.Day, book.StreamTime, effects);
                return begun;
            case TimerDue due:
                book.FireTimers(due.DueAt, at, effects);
                return Outcome.Applied;
            case SweepDue sweep:
                book.Sweep(sweep.FromSlot, at, effects);
                return Outcome.Applied;
            case RulesRaised raised:
                return book.RaiseRules(raised.Version);
            case AuthorityRequested or StreamTaken:
                return Outcome.Applied;
            case FeedStale stale:
                return book.TakeFeed(stale.Feed, stale.Since);
            case FeedCurrent current:
                return book.TakeFeed(current.Feed, null);
        }

        // What the house tells was judged there; here its place in the house's journal is its identity.
        if (fact.EventId.Length > 0 && fact is not IHouseBroadcast { HouseSeq: > 0 })
        {
            var known = fact.ContentHash(book.EntryBytes);
            book.EntryContent = known;
            if (!book.Window.Enter(fact, known, out var graded)) return graded;
            book.EnteredWindow = true;
        }

        if (fact is DeskCommand command)
            return book.Partition == Book.House
                ? book.Desk.Take(command, at, book.StreamTime, book.Context, effects)
                : Outcome.Refused("NOT_THE_HOUSE", "The house alone takes this command.");
        if (fact is IHouseBroadcast) return book.TakeHouse(fact);
        if (fact is GroupAsked asked) return book.TakeQuestion(asked, effects);
        if (!Ids.IsValid(fact.Customer)) return Outcome.Refused("NO_CUSTOMER", "The fact names no customer.");
        if (!book.EventClock && fact is not Command && fact.Time > fact.Arrival.Plus(book.Context.Policy[Parameter.FutureMinutes] * 60 * Instant.Second))
            return Outcome.Refused("FUTURE_DATED", $"The event says {fact.Time}; it arrived {fact.Arrival}.");

        var slot = book.FindSlot(fact.Customer, fact.Foreseen.Customer is not 0 and var foreseen ? foreseen : Book.HashOf(fact.Customer));
        if (slot < 0)
        {
            if (fact is Command) return Outcome.Refused("UNKNOWN_CUSTOMER", $"No customer '{fact.Customer}'.");
            slot = book.OpenAccount(fact.Customer);
        }

        book.EntrySlot = slot;
        if (book.IsAhead(slot, at.Seq)) return Outcome.Applied;
        book.BringUp(slot, effects);
        book.Touch(slot);
        ref var account = ref book.Account(slot);
        book.Previous = (account.LastSeq, account.LastIndex);
        (account.LastSeq, account.LastIndex) = (at.Seq, at.Index);
        var work = book.Work;
        work.Begin(slot, book.Context, at, book.StreamTime, effects);
        var content = book.EntryContent ?? fact.ContentHash(book.EntryBytes);
        book.EntryContent = content;
        return work.Apply(fact, content);
    }

    /// <summary>The figures of a check without its effect, under what the partition knows now.</summary>
    /// <returns><c>null</c> when the customer is unknown.</returns>
    public static CheckDecided? WhatIf(Book book, CheckCredit check)
    {
        var slot = book.FindSlot(check.Customer);
        if (slot < 0) return null;
        if (book.SweepPending && book.Account(slot).Folded < book.Context.Version) (book, slot) = book.ScratchOf(slot);
        book.Work.Begin(slot, book.Context, default, book.StreamTime, new EffectBuffer());
        return book.Work.WhatIf(check);
    }

    /// <summary>Recovery: puts an entry that is older than the snapshot, and once entered it, back into the window of event ids.</summary>
    public static void Remember(Book book, Fact fact)
    {
        if (fact.EventId.Length > 0) book.Window.Enter(fact, fact.ContentHash(book.Scratch), out _);
    }
}
