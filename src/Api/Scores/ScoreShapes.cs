namespace ExposureMonitor.Api;

/// <summary>Shapes of the answers about scores.</summary>
internal static class ScoreShapes
{
    internal static readonly Shape Scorecards = new("Scorecards", List("cards", new Shape("ScorecardLine", Text("id"), Text("target"), Text("use"), Text("state"), Text("version"), Text("sha256"), Whole("characters"), Text("proposedBy"), Moment("proposedAt"),
        Date("lapsesAfter"), Of("approvedBy", FieldKind.Texts), Text("rejectedBy"), Moment("decidedAt"), Moment("endedAt"), Text("reason"))));

    private static readonly Shape Share = new("ShrunkShare", Whole("days"), Whole("late"), Whole("bookPpm"), Whole("ppm"), Flag("isClean"), Text("target"), Flag("serves"), Text("whyCode"), Text("why"));

    private static readonly Shape Expected = new("ExpectedPayment", Date("on"), Date("from"), Date("until"), Whole("claimedPpm"), Date("firstOn"), Flag("isRenewed"), Flag("isOver"));

    private static readonly Shape Card = new("CardScore", Text("target"), Text("version"), Flag("isShadow"), Whole("points"), Whole("chancePpm"), Whole("base"),
        List("factors", new Shape("FactorShare", Text("factor"), Text("meaning"), Text("unit"), Whole("value"), Whole("points"), Text("madeOf"))));

    private static readonly Shape Fact = new("ScoreFact", Text("entry"), Text("type"), Text("id"), Text("source"), Moment("time"), Text("document"));

    private static readonly Shape Facts = new("ScoreFacts", List("invoice", Fact), List("payments", Fact), List("open", Fact));

    internal static readonly Shape Score = new("CustomerScore", Text("customer"), Date("asOf"), Moment("readAt"), Whole("paid"), List("shares", Share),
        List("open", new Shape("InvoiceScore", Text("document"), Text("currency"), Date("issuedOn"), Date("dueOn"), Of("left", FieldKind.Digits), new ShapeField("expected", FieldKind.Object, Expected, IsAlways: true), List("scores", Card),
            new ShapeField("facts", FieldKind.Object, Facts, IsAlways: true))), Of("remarks", FieldKind.Texts), Of("remarksZh", FieldKind.Texts));

    private static ShapeField Text(string name) => Of(name, FieldKind.Text);

    private static ShapeField Whole(string name) => Of(name, FieldKind.Whole);

    private static ShapeField Flag(string name) => Of(name, FieldKind.Flag);

    private static ShapeField Date(string name) => Of(name, FieldKind.Date);

    private static ShapeField Moment(string name) => Of(name, FieldKind.Moment);

    private static ShapeField Of(string name, FieldKind kind) => new(name, kind, IsAlways: true);

    private static ShapeField List(string name, Shape of) => new(name, FieldKind.List, of, IsAlways: true);
}
