namespace ExposureMonitor.Learning;

/// <summary>A figure with the middle 95 % of draws of customers; not a number where it cannot be told.</summary>
public sealed record Measured(double Value, double Low, double High);

/// <summary>One score on one set of cases.</summary>
/// <param name="Name">Such as <c>learned</c>.</param>
/// <param name="Auc">Chance that a late invoice stands above one in time.</param>
/// <param name="AveragePrecision">Mean precision at each late invoice.</param>
/// <param name="AboveShrunk">AUC less that of the shrunk share, on the same draws; <c>null</c> for that itself.</param>
/// <param name="RecallAt10">Share of the late invoices among the riskiest 10 %.</param>
/// <param name="RecallAboveShrunk">That less the recall of the shrunk share, on the same draws.</param>
public sealed record ScoreLine(string Name, Measured Auc, Measured AveragePrecision, Measured? AboveShrunk, Measured RecallAt10, Measured? RecallAboveShrunk);

/// <summary>What an alert budget brings: the riskiest share of the invoices of each day window is flagged at its issue.</summary>
/// <param name="BudgetPct">Share of the invoices.</param>
/// <param name="LeadDays">Median days from the flag (the issue) to the day on which lateness is a fact, of those caught.</param>
public sealed record BudgetLine(int BudgetPct, int Flagged, double Precision, double Recall, double LeadDays);

/// <summary>Invoices of about the same chance, and what became of them.</summary>
public sealed record CalibrationLine(double Told, double Seen, int Cases);

/// <summary>One meaning of late on one set of cases.</summary>
/// <param name="CalibrationError">Mean distance of the chance told from the share seen, over tenths of the cases.</param>
/// <param name="CalibrationByChance">The distance that would be seen if every chance were right, with invoices that know nothing of each other.</param>
public sealed record TargetReport(string Name, int Days, bool OnsetOnly, int Cases, int Late, IReadOnlyList<ScoreLine> Scores, IReadOnlyList<BudgetLine> Budgets, IReadOnlyList<CalibrationLine> Calibration, double CalibrationError, double CalibrationByChance, string Statement);

/// <summary>The forecast of the day of payment.</summary>
/// <param name="MeanError">Mean distance in days of the learned forecast, and of the usual delay (median of the last 20).</param>
/// <param name="Within3">Share of forecasts at most 3 days off.</param>
/// <param name="Covered">Share of invoices paid inside the interval that claims <paramref name="Claimed"/>, of those for which its whole length is over, paid or not.</param>
/// <param name="Earlier">Share paid before the interval; the rest was paid behind it, or is not paid.</param>
/// <param name="Width">Mean width of the interval, days.</param>
/// <param name="Renewed">Forecasts after the expected day had passed; <c>null</c> where none had.</param>
public sealed record DateReport(int Cases, double MeanError, double UsualMeanError, double Within3, double UsualWithin3, double Claimed, double Covered, double Earlier, double Width, RenewedReport? Renewed = null);

/// <summary>Forecasts that took the place of those whose day was over, each made on the morning after that day.</summary>
/// <param name="Open">Judged invoices that were open then.</param>
/// <param name="Told">Those of which a new day could be told.</param>
/// <param name="MeanError">Mean distance in days of the new forecast from the day of payment.</param>
/// <param name="Covered">Share paid inside the new interval, of those for which its whole length is over, paid or not.</param>
/// <param name="Earlier">Share paid before it.</param>
/// <param name="Width">Mean width of the new interval, days.</param>
public sealed record RenewedReport(int Open, int Told, double MeanError, double Covered, double Earlier, double Width);

/// <summary>Signals of one indicator during the judged days.</summary>
/// <param name="PerThousandDay">Signals per 1,000 customers and day.</param>
/// <param name="Followed30">Share followed within 30 days by an invoice more than 15 days late, of the same customer.</param>
public sealed record SignalLine(string Indicator, int Signals, double PerThousandDay, double Followed30, double Followed90);

/// <summary>What follows a day without any signal being asked: the measure of <see cref="SignalLine.Followed30"/>.</summary>
/// <param name="Followed30">Share of the days of customers (between first and last invoice) followed within 30 days by an invoice more than 15 days late, of the same customer.</param>
/// <param name="Followed90">The same within 90 days.</param>
public sealed record SignalBase(double Followed30, double Followed90);

/// <summary>A factor and how much of the learned score it moves: mean distance in points from a usual invoice.</summary>
public sealed record FactorLine(string Name, string Meaning, double Points);

/// <summary>All that was found in a ledger.</summary>
public sealed record EvaluationReport
{
    /// <summary>Rows of the file, those that were not taken by reason, and those that were noted.</summary>
    public int Rows { get; init; }

    public IReadOnlyDictionary<string, int> Rejected { get; init; } = new Dictionary<string, int>();

    public IReadOnlyDictionary<string, int> Notes { get; init; } = new Dictionary<string, int>();

    public required int Invoices { get; init; }

    public required int Customers { get; init; }

    public required int Paid { get; init; }

    public required DateOnly First { get; init; }

    /// <summary>The day from which outcomes are seen: the one after the last fact.</summary>
    public required DateOnly AsOf { get; init; }

    /// <summary>Invoices issued from here on have no outcome in the ledger; <c>null</c> when all have.</summary>
    public DateOnly? ToldUntil { get; init; }

    /// <summary>Column of the file by field, as told or guessed, and the columns that were not read.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> Unread { get; init; } = [];

    /// <summary>Invoices issued from here on are judged.</summary>
    public required DateOnly JudgedFrom { get; init; }

    /// <summary>Days on which models were fitted, each on what was known then.</summary>
    public required IReadOnlyList<DateOnly> FittedOn { get; init; }

    /// <summary>Judged invoices whose outcome is too young to tell, for more than 5 and 15 days.</summary>
    public required int TooYoung { get; init; }

    public required IReadOnlyList<TargetReport> Targets { get; init; }

    public required DateReport? Dates { get; init; }

    public required IReadOnlyList<SignalLine> Signals { get; init; }

    /// <summary>What the shares of signals are to be held against; <c>null</c> when no signals were asked for.</summary>
    public SignalBase? AnyDay { get; init; }

    public required IReadOnlyList<FactorLine> Factors { get; init; }

    /// <summary>What a reader must know: guesses, thin evidence, where the learned score does not win.</summary>
    public required IReadOnlyList<string> Remarks { get; init; }
}
