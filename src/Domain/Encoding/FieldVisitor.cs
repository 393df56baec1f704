namespace ExposureMonitor.Domain;

/// <summary>
/// Walks the fields of a fact, an effect or a view. Each type describes its fields once, in one method; a visitor
/// turns that description into journal bytes, into JSON, into a JSON Schema, or reads the fields back. Every call
/// hands the value in and takes the value out, so that one description serves writers and readers.
/// </summary>
/// <remarks>
/// Field numbers are those of the journal and of the Protobuf encoding: never reused. Names are those of JSON.
/// A reader answers a missing optional field with <c>default</c>, and marks a missing required one as an error.
/// </remarks>
public abstract class FieldVisitor
{
    /// <summary>An id of the grammar of <see cref="Ids"/>. Required unless <paramref name="optional"/>; missing is "".</summary>
    public abstract string Id(int number, string name, string value, bool optional = false);

    /// <summary>Free text, at most <paramref name="lengthMax"/> characters; missing is "".</summary>
    public abstract string Text(int number, string name, string value, bool optional = true, int lengthMax = 500);

    /// <summary>A text too long to be shown in a row of a list: the journal holds it, JSON leaves it out. A hash beside it names it.</summary>
    public virtual string Body(int number, string name, string value, int lengthMax) => Text(number, name, value, optional: false, lengthMax);

    /// <summary>An amount in minor units; <paramref name="floor"/> is the least value that is accepted.</summary>
    public abstract long Amount(int number, string name, long value, bool optional = false, long floor = 1);

    /// <summary>An amount that may be absent, which is not 0: −1 stands for absent.</summary>
    /// <remarks>The journal holds the amount plus one, so that absent takes no byte; Protobuf tells absent from 0 by presence.</remarks>
    public virtual long AmountOrNone(int number, string name, long value) => Amount(number, name, value + 1, optional: true, floor: 0) - 1;

    /// <summary>A currency of ISO 4217.</summary>
    public abstract Currency Currency(int number, string name, Currency value, bool optional = false);

    /// <summary>A whole number between two bounds.</summary>
    public abstract long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue);

    /// <summary>A business date, as a day number of <see cref="DateOnly"/>; missing is 0.</summary>
    public abstract int Date(int number, string name, int value, bool optional = false);

    /// <summary>A moment; missing is <c>default</c>.</summary>
    public abstract Instant Moment(int number, string name, Instant value, bool optional = false);

    /// <summary>Yes or no; missing is no.</summary>
    public abstract bool Flag(int number, string name, bool value);

    /// <summary>One of the names of an enumeration; missing is its zero.</summary>
    public T Choice<T>(int number, string name, T value, bool optional = false) where T : struct, Enum
    {
        if (this is not BinaryFieldWriter journal) return ChoiceOf(number, name, value, optional);
        journal.Number(number, name, EnumNumber<T>.Of(value));
        return value;
    }

    /// <summary>The same in another encoding than the journal's, which writes millions a second: a call that is virtual and generic is looked up in a table.</summary>
    protected abstract T ChoiceOf<T>(int number, string name, T value, bool optional) where T : struct, Enum;

    /// <summary>An exchange rate as decimal text.</summary>
    public abstract FxRate Rate(int number, string name, FxRate value);

    /// <summary>A list of described values; missing is empty.</summary>
    public IReadOnlyList<T> Items<T>(int number, string name, IReadOnlyList<T> value, bool optional = true)
        where T : class, IDescribed, new() => this is BinaryFieldWriter && value.Count == 0 ? value : ItemsOf(number, name, value, optional);

    /// <inheritdoc cref="Items"/>
    protected abstract IReadOnlyList<T> ItemsOf<T>(int number, string name, IReadOnlyList<T> value, bool optional)
        where T : class, IDescribed, new();

    /// <summary>A list of ids; missing is empty.</summary>
    public abstract IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true);

    /// <summary>A nested value; missing is <c>null</c>.</summary>
    public T? Nested<T>(int number, string name, T? value) where T : class, IDescribed, new()
    {
        if (this is not BinaryFieldWriter journal) return NestedOf(number, name, value);
        if (value is not null) journal.Write(number, value);
        return value;
    }

    /// <inheritdoc cref="Nested"/>
    protected abstract T? NestedOf<T>(int number, string name, T? value) where T : class, IDescribed, new();
}

/// <summary>A type that describes its own fields.</summary>
public interface IDescribed
{
    /// <summary>Shows every field to the visitor and takes over what it answers.</summary>
    void Describe(FieldVisitor v);
}
