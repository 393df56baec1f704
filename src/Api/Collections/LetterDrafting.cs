using System.Globalization;
using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>An item for which something other than a letter is due: a call, a visit, a lawyer.</summary>
internal sealed record DunningTask(string Customer, string ItemId, int Level, string Channel, int DaysPastDue, string Currency, long Open);

/// <summary>What came of drafting: letters, tasks for people, or why there is none.</summary>
internal sealed record Drafted(IReadOnlyList<Letter> Letters, IReadOnlyList<DunningTask> Tasks, string Reason, string Detail)
{
    internal static Drafted Refused(string reason, string detail) => new([], [], reason, detail);
}

/// <summary>
/// Makes letters of a customer's ledger. What the ledger says of today has to agree with the account to the minor unit: a letter that the
/// books contradict is not drafted.
/// </summary>
internal sealed class LetterDrafting(CollectionRules rules, int today)
{
    /// <summary>Reminders that are due today, one letter a currency and level.</summary>
    internal Drafted Dunning(string customer, CustomerLedger ledger, AccountDetail detail, IReadOnlyList<Fact> facts, Language language, Func<string, string> id)
    {
        if (Differs(ledger, detail) is { } wrong) return wrong;
        var grade = GradeOf(facts);
        var due = new List<(LedgerItem Item, DunningLevel Level)>();
        foreach (var item in ledger.Items)
        {
            var open = item.OpenAt(today);
            if (open == 0) continue;
            var looked = new DunningItem(item.ItemId, open, item.DueOn, item.DunnedLevel, item.DunnedOn, item.ContestedAt(today) > 0, ledger.IsPromised(item.ItemId, today), ledger.IsPlanned(item.ItemId));
            if (rules.Ladder.LevelOf(looked, today, grade) is { } level) due.Add((item, level));
        }

        var tasks = due.Where(d => d.Level.Channel != "email").Select(d => new DunningTask(customer, d.Item.ItemId, d.Level.Level, d.Level.Channel, today - d.Item.DueOn, d.Item.Currency.Code, d.Item.OpenAt(today))).ToList();
        var letters = new List<Letter>();
        foreach (var group in due.Where(d => d.Level.Channel == "email").GroupBy(d => d.Item.Currency))
        {
            // What is not due yet is no part of a letter about what is past due: it waits for a letter of its own, on another day.
            var late = group.Max(d => Math.Sign(today - d.Item.DueOn));
            var together = group.Where(d => Math.Sign(today - d.Item.DueOn) == late).ToList();
            // One letter, of the hardest level among its items: nobody is asked twice in one day.
            var level = together.Max(d => d.Level.Level);
            var lines = new List<LetterLine>();
            foreach (var (item, _) in together.OrderBy(d => d.Item.DueOn).ThenBy(d => d.Item.ItemId, StringComparer.Ordinal))
            {
                var interest = level >= 4 && rules.Interest is { } under ? LateInterest.Of(under, new LateDebt(item.IssuedOn, item.DueOn, 0, item.Amount, item.Bearing(today)), today) : null;
                if (interest is { Missing: not 0 }) return Drafted.Refused("RATE_MISSING", $"The reference rate of {DateOnly.FromDayNumber(interest.Missing):yyyy-MM-dd} is not among interest.references of the channels' file.");
                lines.Add(new LetterLine(item.ItemId, "", item.IssuedOn, item.DueOn, Math.Max(0, today - item.DueOn), item.Amount, item.OpenAt(today), interest?.Interest ?? 0, interest?.FixedSum ?? 0));
            }

            letters.Add(new Letter
            {
                Id = id("DUN-" + group.Key.Code), Kind = LetterKind.Dunning, Customer = customer, Language = language, Currency = group.Key.Code, On = today, Level = level, Lines = lines,
                Regime = lines.Exists(l => l.Interest + l.FixedSum > 0) ? rules.Interest!.Regime.ToString() : "",
            });
        }

        return new Drafted(letters, tasks, "", "");
    }

    /// <summary>Statements of a period, one a currency in which something moved or stands.</summary>
    internal Drafted Statements(string customer, CustomerLedger ledger, AccountDetail detail, int from, int to, Language language, Func<string, string> id)
    {
        if (Differs(ledger, detail) is { } wrong) return wrong;
        var letters = new List<Letter>();
        foreach (var currency in ledger.Lines.Select(l => l.Currency).Distinct())
        {
            var statement = AccountStatement.Of(ledger, currency, from, to);
            if (statement.Lines.Count == 0 && statement is { Opening: 0, Items.Count: 0 }) continue;
            letters.Add(new Letter
            {
                Id = id("STM-" + currency.Code), Kind = LetterKind.Statement, Customer = customer, Language = language, Currency = currency.Code, On = today, From = from, To = to, Opening = statement.Opening, Closing = statement.Closing,
                Ageing = statement.Ageing, Lines = [.. statement.Lines.Select(l => new LetterLine(l.DocumentId, l.Kind.ToString(), l.On, l.DueOn, 0, l.Amount, l.Amount, 0, 0))],
                OpenItems = [.. statement.Items.Select(i => new LetterLine(i.ItemId, "", i.IssuedOn, i.DueOn, Math.Max(0, to - i.DueOn), i.Amount, i.Open, 0, 0))],
            });
        }

        return new Drafted(letters, [], "", "");
    }

    /// <summary>The event that an approved letter becomes in the customer's account.</summary>
    internal static Fact EventOf(Letter letter)
    {
        var currency = Currency.TryParse(letter.Currency, out var known) ? known : default;
        return letter.Kind == LetterKind.Dunning
            ? new DunningSent { DunningId = letter.Id, Items = [.. letter.Lines.Select(l => l.DocumentId)], Level = letter.Level, Channel = "email", SentOn = letter.On }
            // The event knows no sign: what the customer has with us is told in the letter and is no debt.
            : new StatementSent { StatementId = letter.Id, PeriodFrom = letter.From, PeriodTo = letter.To, Opening = Math.Max(0, letter.Opening), Closing = Math.Max(0, letter.Closing), Currency = currency };
    }

    /// <summary>The two ways to the same figure, by currency: lines of the ledger, items and credits of the account.</summary>
    private static Drafted? Differs(CustomerLedger ledger, AccountDetail detail)
    {
        foreach (var currency in ledger.Lines.Select(l => l.Currency).Distinct())
        {
            var (ours, theirs) = (ledger.BalanceAt(currency, int.MaxValue), ledger.OwedBy(detail, currency));
            if (ours != theirs)
                return Drafted.Refused("LEDGER_DIFFERS", string.Create(CultureInfo.InvariantCulture, $"The movements of the customer add up to {ours} {currency.Code}, his account says {theirs} (minor units). Look at its residues and marks, and clear them up before a letter goes out."));
        }

        return null;
    }

    private string GradeOf(IReadOnlyList<Fact> facts)
    {
        var grade = "";
        foreach (var fact in facts)
            if (fact is RatingOverridden rating) grade = rating.StaleAt == 0 || rating.StaleAt > today ? rating.Grade : "";
        return grade;
    }
}
