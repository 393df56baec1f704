using System.Reflection;
using ExposureMonitor.Domain.Tests.Groups;
using Xunit;

namespace ExposureMonitor.Domain.Tests.Catalogue;

/// <summary>
/// The catalogue and its five proofs, as a table that cannot rot: every proof is a test by its name and fails when what it proves is broken, and every
/// mutant of a condition is killed by a test of its own row. A dated indicator is proved by a shuffle and by a retraction; one that follows the journal
/// (credit.md row 50) by the same ids after a book was read back, and by being resolved and never taken back.
/// </summary>
public sealed class ProofTable
{
    /// <param name="Indicator">EW-01 to EW-42.</param>
    /// <param name="Dated">Judged by business dates.</param>
    /// <param name="Mutants">Of its condition: file below src/Domain, expression, what takes its place.</param>
    /// <param name="Tests">Its examples and edges beside those that all share.</param>
    private sealed record Row(string Indicator, bool Dated, (string File, string Expression, string Mutant)[] Mutants, params MethodInfo[] Tests)
    {
        internal MethodInfo Example => Indicator == "EW-19" ? Of<GroupSignals>(nameof(GroupSignals.Group_is_told_from_eighty_five_percent_of_its_limit)) : Of<Scenes>(nameof(Scenes.It_fires_in_the_words_of_the_trade_and_says_why));

        internal MethodInfo Edge => Indicator == "EW-19" ? Of<GroupSignals>(nameof(GroupSignals.It_fires_once_and_again_only_after_five_points_less)) : Of<Scenes>(nameof(Scenes.It_fires_once_and_again_only_after_it_was_armed));

        /// <summary>The shuffle, or the same ids at replay.</summary>
        internal MethodInfo Order => Indicator == "EW-19" ? Of<GroupSignals>(nameof(GroupSignals.Books_that_are_read_back_tell_the_same_signals_under_the_same_ids))
            : Dated ? Of<DatedSignals>(nameof(DatedSignals.Any_order_of_arrival_within_the_window_leaves_the_same_signals))
            : Of<Scenes>(nameof(Scenes.A_book_that_is_read_back_tells_the_same_signals_under_the_same_ids));

        /// <summary>A dated indicator that was missed is noted.</summary>
        internal MethodInfo Missed => Of<MissedSignals>(nameof(MissedSignals.What_was_so_on_a_day_that_is_over_is_noted_once_and_not_sent));

        internal MethodInfo Retraction => Indicator == "EW-19" ? Edge
            : Dated ? Of<DatedSignals>(nameof(DatedSignals.Late_fact_that_makes_it_false_takes_it_back)) : Of<Edges>(nameof(Edges.Signal_of_the_journal_is_resolved_and_never_taken_back));
    }

    private static MethodInfo Of<T>(string name) => typeof(T).GetMethod(name) ?? throw new ArgumentException(name);

    private const string Ladders = "Indicators/Ladder.cs", Basics = "Indicators/AccountWork.Signals.cs", Counted = "Indicators/AccountWork.Counted.cs", ByDay = "Indicators/AccountWork.DaySignals.cs",
        ByDate = "Indicators/AccountWork.Dated.cs", Orders = "Indicators/AccountWork.OrderSignals.cs", Outside = "Indicators/AccountWork.Outside.cs", Agreed = "Indicators/AccountWork.Agreements.cs",
        Score = "Indicators/AccountWork.Score.cs", Promised = "Indicators/AccountWork.Promises.cs", Habits = "Indicators/AccountWork.Habits.cs", Grouped = "Indicators/AccountWork.Signal19.cs",
        Triggers = "Indicators/AccountWork.Triggers.cs", Payments = "Indicators/Patterns/PaymentHabit.cs", Kept = "Collections/Promises.cs", Hindsight = "Indicators/AccountWork.Hindsight.cs", Missed = "Indicators/AccountWork.Missed.cs";

    private static readonly Row[] Catalogue =
    [
        new("EW-01", false, [(Ladders, "fire - policy[Parameter.Signal01Rearm]", "fire"),
            (Triggers, "value >= steps[reached].Fire", "value > steps[reached].Fire")], Of<SignalEdges>(nameof(SignalEdges.Step_is_armed_again_at_its_re_arm_and_not_a_cent_above))),
        new("EW-02", false, [(Basics, "isOver && Now >= state.Since.Plus(OverLimitDwell)", "isOver"),
            (Basics, "state.Firing && used > calm", "isOver")], Of<Signals>(nameof(Signals.Time_over_the_limit_fires_after_a_day_without_a_break)), Of<SignalEdges>(nameof(SignalEdges.One_cent_above_the_limit_is_time_above_the_limit))),
        new("EW-03", false, [(Basics, "reason.Reaction < Reaction.Warn", "reason.Reaction < Reaction.Refuse")]),
        new("EW-04", false, [(Basics, "reason.Rule is \"020\" or \"R6\"", "reason.Rule is \"010\" or \"R6\"")]),
        new("EW-05", true, [(Ladders, "policy[Parameter.Signal05Days] + 1", "policy[Parameter.Signal05Days]"),
            (Ladders, "policy[Parameter.Signal05High] + 1", "policy[Parameter.Signal05High]"),
            (Ladders, "policy[Parameter.Signal05Rearm]", "policy[Parameter.Signal05Days]"),
            (Basics, "Overdue(policy[Parameter.Signal05Minimum], days)", "Overdue(0, days)"),
            (Missed, "now.Step > StepBefore(now)", "true"), (Missed, "!IsTold(now)", "true")],
            Of<MissedSignals>(nameof(MissedSignals.What_was_told_at_the_time_is_not_noted_when_a_late_fact_says_so_again)), Of<MissedSignals>(nameof(MissedSignals.What_stands_today_is_told_and_not_noted)), Of<Edges>(nameof(Edges.Invoice_is_told_when_it_is_more_than_fifteen_and_more_than_thirty_days_past_due)), Of<Marks>(nameof(Marks.Oldest_item_is_high_above_thirty_days)), Of<Marks>(nameof(Marks.Oldest_item_is_armed_again_when_nothing_is_past_due)), Of<Marks>(nameof(Marks.Item_of_less_than_a_hundred_units_is_no_old_debt))),
        new("EW-06", true, [(Ladders, "policy[Parameter.Signal06Bp]", "policy[Parameter.Signal06Bp] + 1"),
            (Ladders, "policy[Parameter.Signal06Rearm]", "policy[Parameter.Signal06Rearm] - 1"),
            (Basics, "policy.Int(Parameter.Signal06Days)", "policy.Int(Parameter.Signal06Days) - 1")], Of<Signals>(nameof(Signals.Share_overdue_fires_by_the_day_alone)), Of<SignalEdges>(nameof(SignalEdges.Share_overdue_is_armed_again_at_its_re_arm_and_not_above)), Of<Marks>(nameof(Marks.Share_overdue_counts_what_is_more_than_ten_days_past_due))),
        new("EW-07", false, [(Basics, "late > latest && used > most", "late >= latest && used > most"),
            (Basics, "late * 10_000 >= latest * calm && used * 10_000 >= most * calm", "late * 10_000 >= latest * calm || used * 10_000 >= most * calm")], Of<SignalEdges>(nameof(SignalEdges.Overdue_and_used_must_both_be_above_their_thresholds)), Of<Signals>(nameof(Signals.Overdue_and_used))),
        new("EW-08", false, [(Counted, "level >= fire", "level > fire"),
            (Counted, "level > calm", "level >= calm")], Of<OtherSignals>(nameof(OtherSignals.Dunning_level_three_fires_and_ends_when_only_level_one_is_left))),
        new("EW-09", false, [(ByDay, "moved * 10_000 > balance * fire", "moved * 10_000 >= balance * fire"),
            (ByDay, "moved * 10_000 > balance * calm", "moved * 10_000 > balance * fire"),
            (ByDay, "Context.Today - start - days + 1", "Context.Today - start - days")], Of<OtherSignals>(nameof(OtherSignals.Ageing_migration_counts_what_moved_within_seven_days_and_is_open)), Of<Marks>(nameof(Marks.What_moved_is_told_until_it_is_a_twentieth_of_the_balance_or_seven_days_ago))),
        new("EW-10", true, [(Ladders, "policy[Parameter.Signal10Days] + 1", "policy[Parameter.Signal10Days]"),
            (Ladders, "policy[Parameter.Signal10High] + 1", "policy[Parameter.Signal10High]"),
            (Basics, "Context.Today - item.OriginalDueOn", "Context.Today - item.DueOn"),
            (Basics, "LeastIn(Policy[Parameter.Signal05Minimum], record.Currency)", "0")], Of<Edges>(nameof(Edges.Invoice_is_told_when_it_is_more_than_fifteen_and_more_than_thirty_days_past_due)), Of<Marks>(nameof(Marks.Item_is_critical_above_ninety_days)), Of<Marks>(nameof(Marks.Extension_moves_no_past_due_of_the_original_date)), Of<Signals>(nameof(Signals.Thirty_days_past_due_looks_at_original_dates_without_set_off)), Of<Marks>(nameof(Marks.Item_of_less_than_a_hundred_units_is_no_old_debt))),
        new("EW-11", true, [(Ladders, "-policy[Parameter.Signal11Days2]", "-policy[Parameter.Signal11Days2] - 1"),
            (Ladders, "policy[Parameter.Signal11Days1]", "policy[Parameter.Signal11Days1] + 1")], Of<Edges>(nameof(Edges.Limit_that_ends_in_seven_days)), Of<Marks>(nameof(Marks.Limit_that_ends_in_thirty_days))),
        new("EW-12", false, [(Basics, "Now >= temporary.To.Plus(-days * Instant.Day)", "true"), (Basics, "gross > without.Amount", "gross > 0")], Of<Signals>(nameof(Signals.Temporary_limit_that_ends_in_use))),
        new("EW-13", false, [(Basics, "exposure.CheckSum + entering > limit.Amount", "exposure.CheckSum + entering >= limit.Amount"),
            (Basics, "Policy.Int(Parameter.Signal13Days)", "Policy.Int(Parameter.Signal13Days) + 1")],
            Of<Edges>(nameof(Edges.Order_that_enters_the_horizon_and_fills_the_limit_to_the_cent_fits)), Of<Signals>(nameof(Signals.Order_behind_the_horizon_that_would_breach_is_seen_seven_days_ahead))),
        new("EW-14", false, [(Score, "notches >= Policy[Parameter.Signal14Notches]", "false"), (Score, "now.Score < Policy[Parameter.Signal14Critical]", "now.Score <= Policy[Parameter.Signal14Critical]"),
            (Score, "Context.Today - scores.RoseOn < days", "false"), (Score, "scores.BestFrom(Context.Today - days)", "scores.BestFrom(0)")],
            Of<Edges>(nameof(Edges.Grade_of_a_person_falls_by_a_notch_and_counts_before_there_is_a_score)), Of<Edges>(nameof(Edges.Score_below_forty_is_high_until_it_was_above_for_a_month)),
            Of<Edges>(nameof(Edges.Ten_points_lost_within_a_month_fire)), Of<Edges>(nameof(Edges.Points_that_were_lost_slowly_are_no_fall_of_a_month))),
        new("EW-15", false, [(Outside, "rating.Rank < rating.BeforeRank", "rating.Rank <= rating.BeforeRank"), (Outside, "age > stale", "age >= stale")],
            Of<Edges>(nameof(Edges.Rating_that_is_confirmed_is_no_fall)), Of<Edges>(nameof(Edges.Rating_is_old_after_a_hundred_and_eighty_days))),
        new("EW-16", true, [(Outside, "before.Z - last.Z > fall", "before.Z - last.Z > 0"),
            (Outside, "last.Zone < before.Zone || isFall", "isFall"),
            (Outside, "last.PeriodEnd - before.PeriodEnd <= 366", "true")], Of<Edges>(nameof(Edges.Fall_of_Z_by_half_a_point_inside_a_zone)), Of<Marks>(nameof(Marks.Statement_that_leaves_the_safe_zone_by_little_is_told_too)), Of<Marks>(nameof(Marks.Fall_of_Z_counts_within_a_year))),
        new("EW-17", true, [(Agreed, "c.To - day <= days", "c.To - day < days"), (Agreed, "f.Amount >= cover.CutFrom", "f.Amount > cover.CutFrom"),
            (Agreed, "longestPastDue >= cover.MepDays - Policy[Parameter.Signal17MepDays]", "longestPastDue > cover.MepDays - Policy[Parameter.Signal17MepDays]")],
            Of<Edges>(nameof(Edges.Cover_that_ends_in_thirty_days)), Of<OtherSignals>(nameof(OtherSignals.Cover_that_is_cut_is_lost_until_it_is_back)), Of<OtherSignals>(nameof(OtherSignals.Longest_extension_period_is_near_ten_days_before_its_end))),
        new("EW-18", true, [(Agreed, "day - next > Policy[Parameter.Signal18Days]", "day - next >= Policy[Parameter.Signal18Days]"), (Agreed, "day - next > Policy[Parameter.Signal18High]", "day - next >= Policy[Parameter.Signal18High]")],
            Of<Edges>(nameof(Edges.Review_is_told_on_the_day_behind_its_date_and_again_on_the_thirty_first))),
        new("EW-19", false, [(Grouped, "fire - calm", "fire")]),
        new("EW-20", true, [(ByDate, "above > Policy[Parameter.Signal20Times] * mad", "above > mad"), (ByDate, "above >= Policy[Parameter.Signal20Days] * 100", "above > Policy[Parameter.Signal20Days] * 100"),
            (ByDate, "above >= Policy[Parameter.Signal20High] * 100", "above > Policy[Parameter.Signal20High] * 100"), (ByDate, "count < Policy[Parameter.Signal20Least]", "count <= Policy[Parameter.Signal20Least]"),
            (ByDate, "above < Policy[Parameter.Signal20Rearm] * 100", "above < Policy[Parameter.Signal20Days] * 100")],
            Of<Edges>(nameof(Edges.Smoothed_days_late_exactly_seven_and_twenty_above_the_median)), Of<Edges>(nameof(Edges.Who_never_paid_evenly_is_slower_only_beyond_three_deviations)),
            Of<PatternSignals>(nameof(PatternSignals.Row_48_slower_payment_and_late_in_a_row)), Of<PatternSignals>(nameof(PatternSignals.Four_payments_are_too_few_for_a_trend)), Of<Marks>(nameof(Marks.Slower_payment_ends_below_three_days_above_the_median))),
        new("EW-21", true, [(ByDate, "late >= Policy[Parameter.Signal21Count]", "late > Policy[Parameter.Signal21Count]"),
            (Payments, "Settled[i].Late > grace && onTime == 0", "Settled[i].Late >= grace && onTime == 0"),
            (ByDate, "onTime >= Policy[Parameter.Signal21OnTime]", "onTime >= 1")], Of<PatternSignals>(nameof(PatternSignals.Late_in_a_row_is_more_than_three_days_of_grace_and_ends_with_two_on_time))),
        new("EW-22", true, [(Outside, "(Int128)answered.Differences * 10_000 > (Int128)answered.Closing * Policy[Parameter.Signal22DifferenceBp]", "(Int128)answered.Differences * 10_000 >= (Int128)answered.Closing * Policy[Parameter.Signal22DifferenceBp]"),
            (Outside, "day >= silentOn ? 1 : 0", "day > silentOn ? 1 : 0"),
            (Outside, "before is null || last is null || IsAnswered(before) || IsAnswered(last)", "before is null || last is null || IsAnswered(last)")],
            Of<OtherSignals>(nameof(OtherSignals.Difference_of_more_than_one_percent_is_disputed)), Of<Marks>(nameof(Marks.Two_statements_in_a_row_without_answer_are_silence_a_cycle_later))),
        new("EW-23", true, [(ByDate, "20 * week >= median2 * Policy[Parameter.Signal23TimesTenths]", "20 * week > median2 * Policy[Parameter.Signal23TimesTenths]"),
            (ByDate, "above * 100_000 >= spread * Policy[Parameter.Signal23ZTenths]", "true"),
            (ByDate, "Policy[Parameter.Signal23LimitBp]", "Policy[Parameter.Signal23LimitBp] + 1"),
            (ByDate, "above * 100_000 < spread * Policy[Parameter.Signal23RearmTenths]", "above * 100_000 < spread * Policy[Parameter.Signal23ZTenths]"),
            (ByDate, "StepOf(\"EW-20\", \"\") > 0 || StepOf(\"EW-05\", \"\") > 0", "false")], Of<Edges>(nameof(Edges.Week_of_two_and_a_half_times_the_usual_one)), Of<Marks>(nameof(Marks.Surge_is_beyond_three_and_a_half_deviations_and_a_tenth_of_the_limit)), Of<Marks>(nameof(Marks.Surge_ends_below_two_deviations)), Of<Marks>(nameof(Marks.Surge_of_who_is_late_is_high))),
        new("EW-24", false, [(Orders, "Math.Abs(surge!.RaisedOn - late!.RaisedOn) <= Policy[Parameter.Signal24Days]", "true")], Of<Edges>(nameof(Edges.Surge_fourteen_days_behind_the_lateness_belongs_to_it))),
        new("EW-25", false, [(Orders, "Context.Today - last > most", "Context.Today - last >= most"), (Orders, "(last - before) * 10 <= orders.LongGap(before) * Policy[Parameter.Signal25TimesTenths]", "true"),
            (Orders, "(Int128)orders.Months[of].Value * 12 * 10_000 >= orders.Months.Between(of - 12, of - 1).Value * Policy[Parameter.Signal25MonthBp]",
                "(Int128)orders.Months[of].Value * 12 * 10_000 > orders.Months.Between(of - 12, of - 1).Value * Policy[Parameter.Signal25MonthBp]"),
            (Orders, "back <= Policy[Parameter.Signal25Months]", "back < Policy[Parameter.Signal25Months]")],
            Of<OtherSignals>(nameof(OtherSignals.No_order_for_much_longer_than_the_usual_gap_is_silence_and_two_normal_orders_end_it)), Of<Edges>(nameof(Edges.Gap_of_one_and_a_half_times_the_usual_one_is_no_silence_yet)), Of<Edges>(nameof(Edges.Month_of_exactly_a_fifth_of_the_twelve_before_is_not_thin))),
        new("EW-26", true, [(ByDate, "parts * 10_000L > count * Policy[Parameter.Signal26ShareBp]", "parts * 10_000L >= count * Policy[Parameter.Signal26ShareBp]"),
            (ByDate, "partsBefore * 10_000L <= before * Policy[Parameter.Signal26BaselineBp]", "true"),
            (ByDate, "parts * 10_000L <= count * Policy[Parameter.Signal26RearmBp]", "parts * 10_000L <= count * Policy[Parameter.Signal26ShareBp]")],
            Of<PatternSignals>(nameof(PatternSignals.More_than_three_part_payments_of_ten_fire)), Of<Marks>(nameof(Marks.Part_payments_are_unusual_against_a_tenth_of_the_year_before_and_end_at_fifteen_percent))),
        new("EW-27", false, [(ByDay, "overdue * 10_000 > balance * portfolio.OverdueShareBp", "overdue * 10_000 >= 0"),
            (ByDay, "share >= first - (standing >= 1 ? calm - 1 : 0)", "share > first - (standing >= 1 ? calm - 1 : 0)"),
            (ByDay, "share >= second - (standing >= 2 ? calm - 1 : 0)", "share > second - (standing >= 2 ? calm - 1 : 0)"),
            (ByDay, "portfolio.UncoveredEad > 0 ? ead * 10_000 / portfolio.UncoveredEad : 0", "0")], Of<OtherSignals>(nameof(OtherSignals.Concentration_is_a_share_of_the_measured_portfolio)), Of<Marks>(nameof(Marks.Exposure_that_no_cover_takes_concentrates_without_an_invoice))),
        new("EW-28", false, [(Counted, "Context.Today <= round.On + days", "Context.Today < round.On + days"),
            (Counted, "open == amount || item.Amount == amount", "false"),
            (Counted, "due == amount", "false"),
            (Counted, "(running += _then[i].Open) == amount", "false")], Of<Edges>(nameof(Edges.Round_sum_has_three_days_to_be_used)), Of<Marks>(nameof(Marks.Round_sum_that_fits_a_debt_is_none))),
        new("EW-29", true, [(ByDate, "taken * 10_000L >= before * Policy[Parameter.Signal29TakenBp]", "taken * 10_000L > before * Policy[Parameter.Signal29TakenBp]"),
            (ByDate, "without >= 3 && before == 10", "without >= 2 && before == 10"),
            (ByDate, "with >= 2", "with >= 1")],
            Of<PatternSignals>(nameof(PatternSignals.Discount_that_was_taken_eight_times_of_ten_and_stops)), Of<Marks>(nameof(Marks.Discount_is_lost_three_times_and_back_when_it_is_taken_twice))),
        new("EW-30", false, [(ByDay, "crosses || moves", "moves"), (ByDay, "Int128.Abs(now - then) * 10_000 > then * share", "Int128.Abs(now - then) * 10_000 >= then * Policy[Parameter.Signal30MoveBp]")], Of<Edges>(nameof(Edges.Rate_that_moves_the_exposure_by_more_than_a_twentieth))),
        new("EW-31", true, [(Counted, "Math.Clamp(series.Between(at - days + 1, at).Count - first + 1, 0, steps)", "Math.Clamp(series.Between(at - days + 1, at).Count - first, 0, steps)"),
            (Counted, "last <= day - days", "last < day - days")], Of<PatternSignals>(nameof(PatternSignals.Second_returned_payment_in_ninety_days_is_critical_and_ninety_calm_days_end_it)), Of<Marks>(nameof(Marks.Returned_payment_is_told_for_ninety_days))),
        new("EW-32", true, [(Promised, "promise.WithdrawnOn != 0 && promise.WithdrawnOn <= promise.PromisedOn + Promises.GraceDays", "false"),
            (Promised, "Math.Min(2, BrokenUpTo(day).Count)", "Math.Min(1, BrokenUpTo(day).Count)"),
            (Kept, "allocated * 10_000 >= (Int128)amount * KeptBp", "allocated >= amount")], Of<PatternSignals>(nameof(PatternSignals.Second_broken_promise_is_high)), Of<PatternSignals>(nameof(PatternSignals.Broken_promise_waits_two_days_and_ninety_five_percent_keep_it))),
        new("EW-33", false, [(Habits, "rank > Account.TermsRank", "rank >= Account.TermsRank")], Of<OtherSignals>(nameof(OtherSignals.Longer_terms_are_asked_for_by_order_extension_or_letter))),
        new("EW-34", true, [(ByDate, "disputes >= Policy[Parameter.Signal34Count]", "disputes > Policy[Parameter.Signal34Count]"),
            (ByDate, "now > then * Policy[Parameter.Signal34TimesTenths]", "now >= then * Policy[Parameter.Signal34TimesTenths]"),
            (ByDate, "many || late > 0 ? 1 : 0", "many ? 1 : 0")], Of<DatedSignals>(nameof(DatedSignals.Tale_fires_once_with_its_severity_and_a_reason)), Of<Marks>(nameof(Marks.Disputes_of_a_month_are_more_than_three_times_those_of_the_year_before))),
        new("EW-35", false, [(Counted, "!outside.Accounts.Remove(account) && outside.Accounts.Count > 0", "!outside.Accounts.Remove(account)"),
            (Counted, "outside.Accounts.Count > 8", "outside.Accounts.Count > 7")], Of<OtherSignals>(nameof(OtherSignals.Another_way_to_pay_is_told_once_until_somebody_acknowledges_it)), Of<Marks>(nameof(Marks.Account_among_the_last_eight_is_known))),
        new("EW-36", false, [(ByDay, "left < Policy[Parameter.Signal36Days] * rise", "left < Policy[Parameter.Signal36Rearm] * rise")], Of<OtherSignals>(nameof(OtherSignals.Utilisation_that_reaches_the_limit_within_a_week_is_told_by_its_trend))),
        new("EW-37", false, [(ByDay, "scaled > sum * fire", "scaled >= sum * fire"), (ByDay, "use.OldSettledOn != 0 && Context.Today - use.OldSettledOn <= 7 * UseHabit.WeekCount", "false"),
            (Habits, "after.Days > Policy[Parameter.Signal37OldDays]", "after.Days >= Policy[Parameter.Signal37OldDays]")],
            Of<Edges>(nameof(Edges.Least_balance_of_exactly_half_of_the_average_clears_enough)), Of<Edges>(nameof(Edges.Item_older_than_sixty_days_that_is_settled_shows_that_old_debt_is_paid))),
        new("EW-38", false, [(Orders, "count >= Policy[Parameter.Signal38Count]", "count > Policy[Parameter.Signal38Count]"),
            (Orders, "ends >= Math.BigMul(figures.Limit, Policy[Parameter.Signal38LimitBp])", "ends > Math.BigMul(figures.Limit, Policy[Parameter.Signal38LimitBp])"),
            (Orders, "figures.AfterThis <= figures.Limit", "true"),
            (Orders, "value <= most && value * 10_000 >= most * Policy[Parameter.Signal38DocumentBp]", "value <= most && value * 10_000 > most * Policy[Parameter.Signal38DocumentBp]")], Of<Marks>(nameof(Marks.Order_that_ends_from_ninety_seven_percent_of_the_limit_up_to_all_of_it_hugs_it)), Of<Marks>(nameof(Marks.Order_just_below_the_largest_document_hugs_it))),
        new("EW-39", true, [(ByDate, "now > then * Policy[Parameter.Signal39Times]", "now > then"),
            (ByDate, "Math.Max(before.Spread, before.Scale) * last.Scale", "before.Spread * last.Scale"),
            (ByDate, "now < then * Policy[Parameter.Signal39Rearm]", "now < then * Policy[Parameter.Signal39Times]")], Of<Edges>(nameof(Edges.Days_to_pay_that_spread_less_than_four_times_as_wide_are_not_erratic)), Of<Marks>(nameof(Marks.Days_to_pay_without_any_spread_before_are_taken_for_one_day_squared)), Of<Marks>(nameof(Marks.Days_to_pay_are_erratic_until_they_spread_less_than_twice_as_wide))),
        new("EW-40", true, [(ByDate, "credits * 10_000 > invoices * Policy[Parameter.Signal40ShareBp]", "credits * 10_000 >= invoices * Policy[Parameter.Signal40ShareBp]"),
            (ByDate, "credits * invoicesBefore > before * invoices * Policy[Parameter.Signal40Times]", "true"),
            (ByDate, "credits * 10_000 <= invoices * Policy[Parameter.Signal40RearmBp]", "credits * 10_000 <= invoices * Policy[Parameter.Signal40ShareBp]")], Of<Edges>(nameof(Edges.Credit_notes_above_eight_percent_of_a_quarter)), Of<Marks>(nameof(Marks.Credit_notes_are_more_than_three_times_those_of_the_year_before)), Of<Marks>(nameof(Marks.Credit_notes_of_a_twentieth_of_the_invoices_end_it))),
        new("EW-41", true, [(Orders, "Rounding.Times(gross, 10_000) > Math.BigMul(limit.Amount, Policy[Parameter.Signal41UsedBp])", "Rounding.Times(gross, 10_000) >= Math.BigMul(limit.Amount, Policy[Parameter.Signal41UsedBp])")],
            Of<Edges>(nameof(Edges.New_customer_who_uses_more_than_four_fifths)), Of<Marks>(nameof(Marks.Customer_of_ninety_days_is_not_new))),
        new("EW-42", true, [(Outside, "here * 10_000 <= (Int128)Math.Max(0, last.NetAssets) * Policy[Parameter.Signal42LawsuitBp]",
            "here * 10_000 < (Int128)Math.Max(0, last.NetAssets) * Policy[Parameter.Signal42LawsuitBp]")], Of<Edges>(nameof(Edges.Lawsuit_of_more_than_a_fifth_of_the_net_assets))),
    ];

    /// <summary>What breaks all indicators alike: one is never raised, is raised at every look, is never resolved; a dated one is never taken back, one of the journal is.</summary>
    private static readonly (string File, string Expression, string Mutant)[] General =
    [
        (Triggers, "value >= steps[reached].Fire", "false"), (Triggers, "reached > state.Step", "reached > 0 && reached >= state.Step"), (Triggers, "armed == state.Step", "true"),
        (Hindsight, "state.Retracted || state.RaisedOn == 0", "true"), (Hindsight, "LadderOf(state.Indicator) is { } ladder ? WasReached(state.Indicator, state.RaisedOn, ladder) > 0 : StoodThen(state.Indicator, state.Subject, state.RaisedOn) != 0", "false"),
        (Missed, "own == 0 || own >= Context.Today", "true"),
    ];

    private const string OfTheLate = "signal.Indicator is \"EW-16\" or \"EW-17\" or \"EW-20\" or \"EW-24\" or \"EW-31\" or \"EW-32\" or \"EW-41\"";

    /// <summary>What the signals mean together (credit.md 19.4): an indicator whose example is told there, and the test that fails.</summary>
    private static readonly (string Indicator, string Expression, string Mutant, MethodInfo Test)[] Meanings =
    [
        .. ((string[])["EW-17", "EW-20", "EW-24", "EW-31", "EW-32", "EW-41"]).Select(i => (i, OfTheLate, OfTheLate.Replace($" or \"{i}\"", "", StringComparison.Ordinal), Meant)),
        ("EW-16", OfTheLate, OfTheLate.Replace("\"EW-16\" or ", "", StringComparison.Ordinal), Meant),
        ("EW-08", OfTheLate, "true", Meant),
        ("EW-31", "StepOf(\"EW-05\", \"\") >= 2", "StepOf(\"EW-05\", \"\") >= 1", Meant),
        ("EW-01", "signal.Indicator is \"EW-01\" or \"EW-02\" or \"EW-19\" or \"EW-30\"", "signal.Indicator is \"EW-02\" or \"EW-19\" or \"EW-30\"", Of<RiskStates>(nameof(RiskStates.Critical_utilisation_alone_restricts_nobody))),
        ("EW-42", "least < from || least == 0", "least == 0", Of<RiskStates>(nameof(RiskStates.Third_medium_a_day_later_does_not_warn))),
        ("EW-42", "signal is not { Indicator: \"EW-42\", Step: 3 }", "true", Of<RiskStates>(nameof(RiskStates.Insolvency_stops_all_that_is_undelivered_and_two_persons_start_it_again_after_the_signal_is_closed))),
    ];

    private static MethodInfo Meant => Of<RiskStates>(nameof(RiskStates.High_signal_restricts_who_is_more_than_thirty_days_late_where_the_table_says_so));

    [Fact]
    public void Every_indicator_of_the_catalogue_has_its_row_and_a_mutant()
    {
        Assert.Equal(Enumerable.Range(1, 42).Select(n => $"EW-{n:00}"), Catalogue.Select(r => r.Indicator));
        Assert.All(Catalogue, row => Assert.NotEmpty(row.Mutants));
        var dated = DatedSignals.Indicators.AsEnumerable<object[]>().Select(i => (string)i[0]);
        Assert.Equal(Catalogue.Where(r => r.Dated).Select(r => r.Indicator), dated.Order(StringComparer.Ordinal));
        Assert.Equal(Catalogue.Where(r => !r.Dated && r.Indicator != "EW-19").Select(r => r.Indicator), Edges.OfTheJournal.AsEnumerable<object[]>().Select(i => (string)i[0]));
    }

    [Fact]
    public void Every_proof_fails_when_what_it_proves_is_broken_and_every_mutant_of_a_condition_is_killed()
    {
        var conditions = Catalogue.SelectMany(r => r.Mutants.Select(m => (Row: r, Mutant: m))).ToList();
        var domain = new MutantDomain([.. General, .. conditions.Select(c => c.Mutant), .. Meanings.Select(m => ("Indicators/AccountWork.Risk.cs", m.Expression, m.Mutant))]);
        var alive = new List<string>();
        void Kills(int number, Row row, string proof, params MethodInfo[] tests)
        {
            foreach (var test in tests)
                if (domain.Run(number, test, row.Indicator) is not null) return;
            alive.Add($"{row.Indicator} {proof}");
        }

        foreach (var row in Catalogue)
        {
            // Unbroken, they hold here as they do outside.
            if (domain.Run(0, row.Example, row.Indicator) is { } wrong) alive.Add($"{row.Indicator} fails unbroken: {wrong.Message}");
            Kills(1, row, "example: never raised", row.Example);
            Kills(2, row, "edge: raised at every look", row.Edge);
            Kills(3, row, "edge: never resolved", row.Edge);
            Kills(1, row, "order: never raised", row.Order);
            if (row.Dated) Kills(6, row, "missed: never noted", row.Missed);
            if (row.Indicator != "EW-19") Kills(row.Dated ? 4 : 5, row, row.Dated ? "retraction: never taken back" : "retraction: taken back", row.Retraction);
        }

        for (var i = 0; i < conditions.Count; i++)
        {
            var (row, mutant) = conditions[i];
            Kills(General.Length + i + 1, row, $"condition: {mutant.Expression} → {mutant.Mutant}", [.. row.Tests, row.Example, row.Edge]);
        }

        for (var i = 0; i < Meanings.Length; i++)
        {
            var (indicator, expression, mutant, test) = Meanings[i];
            if (domain.Run(0, test, indicator) is { } wrong) alive.Add($"risk state fails unbroken: {wrong.Message}");
            if (domain.Run(General.Length + conditions.Count + i + 1, test, indicator) is null) alive.Add($"risk state: {expression} → {mutant}");
        }

        domain.Forget();
        Assert.True(alive.Count == 0, string.Join(Environment.NewLine, alive));
    }
}
