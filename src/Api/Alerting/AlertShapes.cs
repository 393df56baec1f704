namespace ExposureMonitor.Api;

/// <summary>Shapes of the answers about alerts.</summary>
internal static class AlertShapes
{
    internal static readonly Shape Alerts = new("Alerts", List("alerts", new Shape("Alert", Text("id"), Text("rule"), Text("severity"), Text("state"), Text("handling"), Text("handledBy"), Moment("handledAt"), Text("tag"), Text("customer"), Text("name"),
        Text("about"), Whole("step"), Text("title"), Text("titleZh"), Text("currency"), Digits("exposure"), Digits("limit"), Text("clears"), Whole("policyVersion"), Moment("raisedAt"), Moment("changedAt"), Moment("takeBy"), Text("mutedBy"),
        Text("mutedWhy"), Text("entry"), Whole("version"))), Text("cursor", always: false));

    internal static readonly Shape Notes = new("AlertNotes", List("notes", new Shape("AlertNote", Moment("at"), Text("actor"), Text("act"), Text("text"))));

    internal static readonly Shape Deliveries = new("Deliveries", List("deliveries", new Shape("Delivery", Whole("number"), Text("alert"), Text("transition"), Text("channel"), Text("route"), Text("severity"), Text("state"), Whole("attempts"),
        Text("messageId"), Text("answer"), Text("mutedBy"), Moment("createdAt"), Moment("firstSentAt"), Moment("changedAt"))), Text("cursor", always: false));

    private static readonly Shape SilenceOf = new("Silence", Text("id"), new ShapeField("matchers", FieldKind.Texts, IsAlways: true), Moment("startsAt"), Moment("endsAt"), new ShapeField("untilResolved", FieldKind.Flag, IsAlways: true), Whole("betterAtBp"),
        Text("creator"), Text("comment"));

    internal static readonly Shape Silences = new("Silences", List("silences", SilenceOf));

    internal static readonly Shape Silence = SilenceOf;

    internal static readonly Shape Channels = new("Channels", List("channels", new Shape("Channel", Text("name"), Text("health"), Text("reason"), Whole("waiting"), Moment("lastSuccess"))));

    internal static readonly Shape Credentials = new("ChannelCredentials", List("credentials", new Shape("ChannelCredential", Text("field"), Text("ends"), Text("setBy"), Text("approvedBy"), Moment("setAt"))));

    internal static readonly Shape Done = new("AlertActDone", Text("outcome"));

    internal static readonly Shape Tags = new("AlertTags", Moment("from"), List("rules", new Shape("AlertTagsOfRule", Text("rule"), Whole("told"), Whole("handled"), Whole("useful"), Whole("noise"), Whole("noiseBp"))),
        List("proposals", new Shape("ThresholdProposal", Text("rule"), Text("parameter"), Digits("stands"), Digits("proposed"), Whole("noise"), Whole("noiseSpared"), Whole("useful"), Whole("usefulLost"))));

    internal static readonly Shape Tested = new("ChannelTested", Text("outcome"), Text("answer"), Text("messageId"));

    private static ShapeField Text(string name, bool always = true) => new(name, FieldKind.Text, IsAlways: always);

    private static ShapeField Digits(string name) => new(name, FieldKind.Digits, IsAlways: true);

    private static ShapeField Whole(string name) => new(name, FieldKind.Whole, IsAlways: true);

    private static ShapeField Moment(string name) => new(name, FieldKind.Moment, IsAlways: true);

    private static ShapeField List(string name, Shape of) => new(name, FieldKind.List, of, IsAlways: true);
}
