namespace ExposureMonitor.Api;

/// <summary>What a field of an answer holds.</summary>
public enum FieldKind
{
    Text, Id, Digits, Whole, Flag, Date, Moment, Texts, Currency, Any, Object, List, Map,
}

/// <summary>A field of an answer.</summary>
/// <param name="Of">Shape of the object, or of the members of the list or map.</param>
/// <param name="IsAlways">True: the field is in every answer, if only as <c>null</c>.</param>
public sealed record ShapeField(string Name, FieldKind Kind, Shape? Of = null, bool IsAlways = false);

/// <summary>The shape of an answer, for the contract; a test holds real answers against it.</summary>
public sealed record Shape(string Name, params ShapeField[] Fields);
