using System.Collections;
using ExposureMonitor.Credit.V1;
using ExposureMonitor.Domain;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>A fact as Google's own library has it, built from the published file by field numbers: the independent twin of ours.</summary>
internal sealed class GoogleEvent : FieldVisitor
{
    private IMessage _message;

    private GoogleEvent(IMessage message) => _message = message;

    internal static Event Of(Fact fact)
    {
        var made = new Event { Format = 1, Id = fact.EventId, Source = fact.Source, Time = fact.Time.Micros };
        if (fact.Customer.Length > 0) made.Subject = fact.Customer;
        var field = Event.Descriptor.FindFieldByNumber(100 + FactCatalogue.NumberOf(fact));
        Assert.Equal(fact.GetType().Name, field.MessageType.Name);
        var data = Activator.CreateInstance(field.MessageType.ClrType)!;
        fact.Describe(new GoogleEvent((IMessage)data));
        field.Accessor.SetValue(made, data);
        return made;
    }

    /// <summary>The message of the event's type.</summary>
    internal static IMessage DataOf(Event made) =>
        (IMessage)Event.Descriptor.Fields.InFieldNumberOrder().Single(f => f.FieldNumber > 100 && f.Accessor.HasValue(made)).Accessor.GetValue(made);

    internal static FieldDescriptor FieldOf(IMessage message, int number, string name)
    {
        var field = message.Descriptor.FindFieldByNumber(number);
        Assert.Equal(name, field.JsonName);
        return field;
    }

    internal static void Set(IMessage message, FieldDescriptor field, object value)
    {
        var property = message.GetType().GetProperty(field.PropertyName)!;
        property.SetValue(message, property.PropertyType.IsEnum ? Enum.ToObject(property.PropertyType, value) : Convert.ChangeType(value, property.PropertyType, null));
    }

    private T Put<T>(int number, string name, T value, bool isSaid, Func<object> wire)
    {
        if (isSaid && number is < 50 or >= 60) Set(_message, FieldOf(_message, number, name), wire());
        return value;
    }

    public override string Id(int number, string name, string value, bool optional = false) => Put(number, name, value, value.Length > 0, () => value);

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500) => Put(number, name, value, value.Length > 0, () => value);

    public override long Amount(int number, string name, long value, bool optional = false, long floor = 1) => Put(number, name, value, !optional || value != 0, () => value);

    public override long AmountOrNone(int number, string name, long value) => Put(number, name, value, value >= 0, () => value);

    public override Currency Currency(int number, string name, Currency value, bool optional = false) => Put(number, name, value, value.IsKnown, () => value.Numeric);

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue) =>
        Put(number, name, value, number is not (>= 50 and < 60) && (!optional || value != 0), () => value);

    public override int Date(int number, string name, int value, bool optional = false) => Put(number, name, value, value != 0, () =>
    {
        var date = DateOnly.FromDayNumber(value);
        return date.Year * 10_000 + date.Month * 100 + date.Day;
    });

    public override Instant Moment(int number, string name, Instant value, bool optional = false) => Put(number, name, value, !optional || value != default, () => value.Micros);

    public override bool Flag(int number, string name, bool value) => Put(number, name, value, value, () => true);

    protected override T ChoiceOf<T>(int number, string name, T value, bool optional = false) => value is YesNo answer
        ? Put(number, name, value, answer != YesNo.Unsaid, () => answer == YesNo.Yes)
        : Put(number, name, value, value.ToString() is not "None", () => Convert.ToInt32(value, null));

    public override FxRate Rate(int number, string name, FxRate value) => Put(number, name, value, true, value.ToString);

    protected override IReadOnlyList<T> ItemsOf<T>(int number, string name, IReadOnlyList<T> value, bool optional = true)
    {
        var (outer, field) = (_message, FieldOf(_message, number, name));
        var list = (IList)field.Accessor.GetValue(outer);
        foreach (var item in value)
        {
            _message = (IMessage)Activator.CreateInstance(field.MessageType.ClrType)!;
            item.Describe(this);
            list.Add(_message);
        }

        _message = outer;
        return value;
    }

    public override IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true)
    {
        var list = (IList)FieldOf(_message, number, name).Accessor.GetValue(_message);
        foreach (var id in value) list.Add(id);
        return value;
    }

    protected override T? NestedOf<T>(int number, string name, T? value) where T : class
    {
        if (value is null) return value;
        var (outer, field) = (_message, FieldOf(_message, number, name));
        _message = (IMessage)Activator.CreateInstance(field.MessageType.ClrType)!;
        value.Describe(this);
        field.Accessor.SetValue(outer, _message);
        _message = outer;
        return value;
    }
}
