namespace ExposureMonitor.Api;

/// <summary>Shapes of the answers about letters, promises and statements.</summary>
internal static class LetterShapes
{
    private static readonly Shape Draft = new("LetterDraft", Text("id"), Text("customer"), Text("kind"), Whole("level"), Text("currency"), Digits("total"), Text("to"), Text("subject"), Text("text"), Texts("items"));

    private static readonly Shape Task = new("DunningTask", Text("customer"), Text("item"), Whole("level"), Text("channel"), Whole("daysPastDue"), Text("currency"), Digits("open"));

    private static readonly Shape Difference = new("LedgerDifference", Text("document"), Digits("ours"), Digits("theirs"));

    internal static readonly Shape Drafts = new("LetterDrafts", List("drafts", Draft), List("tasks", Task));

    internal static readonly Shape Run = new("LetterRun", Whole("customers"), List("drafts", Draft), List("tasks", Task), List("left", new Shape("LetterLeft", Text("customer"), Text("reason"), Text("detail"))), Text("next"));

    internal static readonly Shape Letters = new("Letters", List("letters", new Shape("Letter", Text("id"), Text("kind"), Whole("level"), Text("currency"), Digits("total"), Date("on"), Texts("items"), Text("approvedBy"), Text("state"), Text("answer"), Moment("at"))));

    internal static readonly Shape Contact = new("LetterContact", Text("email"), Text("name"), Text("language"));

    internal static readonly Shape Compared = new("LedgerCompared", Text("answer"), Whole("matched"), List("differences", Difference));

    internal static readonly Shape Promises = new("Promises", List("promises", new Shape("Promise", Text("promiseId"), Digits("amount"), Text("currency"), Date("madeOn"), Date("promisedOn"), Texts("items"), Text("madeBy"), Text("state"))));

    internal static readonly Shape Payments = new("Payments", Date("since"), List("payments", new Shape("Payment", Text("paymentId"), Date("on"), new ShapeField("isReturned", FieldKind.Flag, IsAlways: true), Digits("amount"), Text("currency"))));

    internal static readonly Shape Statements = new("Statements", List("statements", new Shape("Statement", Text("statementId"), Date("from"), Date("to"), Text("currency"), Digits("opening"), Digits("closing"), Text("answer"),
        List("differences", new Shape("StatementDifference", Text("docId"), Digits("ours"), Digits("theirs"))))));

    private static ShapeField Text(string name) => new(name, FieldKind.Text, IsAlways: true);

    private static ShapeField Texts(string name) => new(name, FieldKind.Texts, IsAlways: true);

    private static ShapeField Digits(string name) => new(name, FieldKind.Digits, IsAlways: true);

    private static ShapeField Whole(string name) => new(name, FieldKind.Whole, IsAlways: true);

    private static ShapeField Date(string name) => new(name, FieldKind.Date, IsAlways: true);

    private static ShapeField Moment(string name) => new(name, FieldKind.Moment, IsAlways: true);

    private static ShapeField List(string name, Shape of) => new(name, FieldKind.List, of, IsAlways: true);
}
