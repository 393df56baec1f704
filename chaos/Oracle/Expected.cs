using System.Globalization;
using System.Text;

namespace ExposureMonitor.Chaos;

/// <summary>What one customer must have, by the arithmetic of the oracle: sums of what was told, in no order.</summary>
internal struct Components
{
    internal long Orders, Delivered, Receivables, Unapplied, AtRisk;

    internal readonly bool Equals(in Components other) =>
        Orders == other.Orders && Delivered == other.Delivered && Receivables == other.Receivables && Unapplied == other.Unapplied && AtRisk == other.AtRisk;

    public override readonly string ToString() => string.Create(CultureInfo.InvariantCulture, $"orders {Orders}, delivered {Delivered}, receivables {Receivables}, unapplied {Unapplied}, at risk {AtRisk}");
}

/// <summary>A customer who climbs towards a limit in the order of the topic.</summary>
internal sealed class Climber
{
    internal long Limit = -1, Gross;
    internal int Step;
    internal readonly List<int> Crossed = [];
}

/// <summary>
/// What must be true, from the producer's log alone. Every line is read once; the state is a few numbers for each customer.
/// </summary>
internal sealed class Expected
{
    /// <summary>Steps of EW-01 in basis points of the limit, by the catalogue of indicators.</summary>
    private static readonly int[] Steps = [7_000, 8_000, 9_000, 10_000, 11_000];

    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _find;
    private Components[] _components = new Components[1 << 14];

    internal Expected() => _find = _index.GetAlternateLookup<ReadOnlySpan<char>>();

    internal IReadOnlyDictionary<string, int> Customers => _index;

    internal Dictionary<string, Climber> Climbers { get; } = new(StringComparer.Ordinal);

    /// <summary>How many records each verdict was intended for.</summary>
    internal Dictionary<string, long> Verdicts { get; } = new(StringComparer.Ordinal);

    internal long Records { get; private set; }

    internal ref readonly Components Of(int index) => ref _components[index];

    /// <summary>Reads one complete file of the producer's log.</summary>
    internal void Read(string path)
    {
        using var reader = new StreamReader(path, Encoding.UTF8, false, 1 << 20);
        Span<Range> at = stackalloc Range[10];
        while (reader.ReadLine() is { } line)
        {
            var text = line.AsSpan();
            if (text.Split(at, '\t') != 9) throw new RigException($"{path}: a line has {line.Count(c => c == '\t') + 1} fields: {line}");
            Records++;
            var verdict = text[at[8]];
            Count(verdict);
            if (!verdict.SequenceEqual(Intent.Apply)) continue;
            Take(text[at[2]], text[at[3]], long.Parse(text[at[6]], CultureInfo.InvariantCulture), text[at[7]]);
        }
    }

    private void Take(ReadOnlySpan<char> customer, ReadOnlySpan<char> kind, long amount, ReadOnlySpan<char> flag)
    {
        ref var of = ref _components[IndexOf(customer)];
        switch (kind)
        {
            case Kinds.Order: of.Orders += amount; break;
            case Kinds.Cancel: of.Orders -= amount; break;
            case Kinds.Delivery: (of.Orders, of.Delivered) = (of.Orders - amount, of.Delivered + amount); break;
            case Kinds.Invoice: (of.Delivered, of.Receivables) = (of.Delivered - amount, of.Receivables + amount); break;
            case Kinds.FreeInvoice:
                of.Receivables += amount;
                if (Climbers.GetValueOrDefault(customer.ToString()) is { } climber) Climb(climber, amount);
                break;
            case Kinds.Payment:
                of.Unapplied += amount;
                if (flag.SequenceEqual("u")) of.AtRisk += amount;
                break;
            case Kinds.Cleared: of.AtRisk -= amount; break;
            case Kinds.Allocated: (of.Receivables, of.Unapplied) = (of.Receivables - amount, of.Unapplied - amount); break;
            case Kinds.Limit:
                if (amount >= 0 && customer[0] == 'S') Climbers[customer.ToString()] = new Climber { Limit = amount };
                break;
        }
    }

    /// <summary>Several steps crossed by one invoice are one signal, of the highest.</summary>
    private static void Climb(Climber climber, long amount)
    {
        climber.Gross += amount;
        var step = climber.Step;
        while (step < Steps.Length && (Int128)climber.Gross * 10_000 >= (Int128)Steps[step] * climber.Limit) step++;
        if (step == climber.Step) return;
        climber.Step = step;
        climber.Crossed.Add(step);
    }

    private int IndexOf(ReadOnlySpan<char> customer)
    {
        if (_find.TryGetValue(customer, out var known)) return known;
        var index = _index.Count;
        if (index == _components.Length) Array.Resize(ref _components, index * 2);
        _index.Add(customer.ToString(), index);
        return index;
    }

    private void Count(ReadOnlySpan<char> verdict)
    {
        var lookup = Verdicts.GetAlternateLookup<ReadOnlySpan<char>>();
        lookup.TryGetValue(verdict, out var count);
        lookup[verdict] = count + 1;
    }
}
