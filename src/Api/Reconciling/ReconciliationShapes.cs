namespace ExposureMonitor.Api;

/// <summary>Shapes of the answers about reconciliations.</summary>
internal static class ReconciliationShapes
{
    internal static readonly Shape Asked = new("ReconciliationAsked", Of("state", FieldKind.Text), Of("askedAt", FieldKind.Moment), Of("asOf", FieldKind.Moment), Of("rows", FieldKind.Whole));

    private static readonly ShapeField[] Sides = [Of("ours", FieldKind.Digits), Of("theirs", FieldKind.Digits), Of("difference", FieldKind.Digits), Of("unapplied", FieldKind.Digits)];

    private static readonly Shape Report = new("ReconciliationReport", Of("asOf", FieldKind.Moment), Of("agrees", FieldKind.Flag), Of("balances", FieldKind.Whole), Of("differing", FieldKind.Whole), Of("onlyOurs", FieldKind.Whole), Of("onlyTheirs", FieldKind.Whole),
        Of("rows", FieldKind.Whole), Of("rowsLeftOut", FieldKind.Whole), Of("documentsWithoutCompany", FieldKind.Whole), Of("prunedUpTo", FieldKind.Moment),
        List("totals", new Shape("CompanyTotal", [Of("company", FieldKind.Text), Of("currency", FieldKind.Text), .. Sides, Of("balances", FieldKind.Whole), Of("differing", FieldKind.Whole)])),
        List("differences", new Shape("BalanceDifference", [Of("customer", FieldKind.Text), Of("name", FieldKind.Text), Of("company", FieldKind.Text), Of("currency", FieldKind.Text), .. Sides, Of("differenceInAll", FieldKind.Digits), Of("side", FieldKind.Text)])));

    internal static readonly Shape Told = new("Reconciliation", Of("state", FieldKind.Text), Of("askedAt", FieldKind.Moment), Of("askedBy", FieldKind.Text), Of("why", FieldKind.Text), Of("whyDetail", FieldKind.Text), Of("baseCurrency", FieldKind.Text),
        new ShapeField("report", FieldKind.Object, Report, IsAlways: true));

    private static ShapeField Of(string name, FieldKind kind) => new(name, kind, IsAlways: true);

    private static ShapeField List(string name, Shape of) => new(name, FieldKind.List, of, IsAlways: true);
}
