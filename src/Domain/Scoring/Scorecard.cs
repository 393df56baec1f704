using System.Globalization;

namespace ExposureMonitor.Domain;

/// <summary>
/// A score that was learned: trees of comparisons whose leaves are integer points on the log-odds scale of credit.md 13.2. Scoring is
/// comparisons and additions; no logarithm and no division. Immutable, and the same bytes for the same text.
/// </summary>
public sealed class Scorecard
{
    /// <summary>Points (hundredths) for twice the odds of being paid in time, and the score at odds of 50 to 1.</summary>
    public const int PointsToDouble = 2_000, PointsAtFiftyToOne = 60_000;

    /// <summary>Score of the first place of <see cref="Chances"/>, and the distance of two places, in hundredths of a point.</summary>
    public const int ChanceFrom = 20_000, ChanceStep = 200;

    /// <summary>Most trees, and most nodes of one tree, that a card may have.</summary>
    public const int TreesMost = 2_000, NodesMost = 127;

    /// <summary>What may be scored: lateness of more than 5 and 15 days, of all invoices, and of those of customers with a clean past.</summary>
    public static IReadOnlyList<string> Targets { get; } = ["late5", "late15", "onset5", "onset15"];

    /// <summary>The target of an invoice.</summary>
    /// <param name="days">Late is more than so many days.</param>
    /// <param name="isClean">The customer's past is clean: lateness would be an onset.</param>
    public static string TargetOf(int days, bool isClean) => string.Create(CultureInfo.InvariantCulture, $"{(isClean ? "onset" : "late")}{days}");

    /// <summary>What is scored, such as <c>late5</c>.</summary>
    public required string Target { get; init; }

    /// <summary>The invoice is late when it is paid more than so many days after its due date.</summary>
    public required int Days { get; init; }

    /// <summary>Points of nobody in particular, hundredths: the chance of all, and the root of every tree.</summary>
    public required int Base { get; init; }

    /// <summary>Points by ranges of single factors (credit.md 13.2, range points).</summary>
    public required IReadOnlyList<ScoreTable> Tables { get; init; }

    /// <summary>The trees, in order.</summary>
    public required IReadOnlyList<ScoreTree> Trees { get; init; }

    /// <summary>Chance (ppm) of being late at <see cref="ChanceFrom"/> + n × <see cref="ChanceStep"/>; computed when the card was made.</summary>
    public required IReadOnlyList<int> Chances { get; init; }

    /// <summary>Score in hundredths of a point: the higher, the better.</summary>
    public int Score(ReadOnlySpan<int> factors)
    {
        var points = Base;
        for (var i = 0; i < Tables.Count; i++) points += Tables[i].PointsOf(factors);
        for (var i = 0; i < Trees.Count; i++) points += Trees[i].Points(factors);
        return points;
    }

    /// <summary>The same, told by factor: <paramref name="shares"/> gets the points of each, and their sum and <see cref="Base"/> are the score exactly.</summary>
    public int Explain(ReadOnlySpan<int> factors, Span<int> shares)
    {
        shares.Clear();
        foreach (var table in Tables) shares[table.Factor] += table.PointsOf(factors);
        for (var i = 0; i < Trees.Count; i++) Trees[i].Explain(factors, shares);
        var points = Base;
        foreach (var share in shares) points += share;
        return points;
    }

    /// <summary>Chance of being late at a score, ppm; linear between the places of the table.</summary>
    public int Chance(int points)
    {
        var at = Math.Clamp(points - ChanceFrom, 0, (Chances.Count - 1) * ChanceStep);
        var (place, rest) = (at / ChanceStep, at % ChanceStep);
        return rest == 0 ? Chances[place] : Chances[place] + (int)Rounding.HalfUp((Int128)(Chances[place + 1] - Chances[place]) * rest, ChanceStep);
    }
}

/// <summary>Points of one factor by ranges.</summary>
public sealed class ScoreTable
{
    private readonly int[] _edges, _points;

    /// <param name="factor">Number of the factor.</param>
    /// <param name="edges">Growing: a value up to edge i stands in range i + 1.</param>
    /// <param name="points">Hundredths of a point: first of a factor that cannot be told, then by range.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    public ScoreTable(int factor, IReadOnlyList<int> edges, IReadOnlyList<int> points)
    {
        (Factor, _edges, _points) = (factor, [.. edges], [.. points]);
        if (factor < 0 || factor >= PaymentFactors.Count) throw new ArgumentException($"There is no factor {factor}; there are {PaymentFactors.Count}.", nameof(factor));
        if (_points.Length != _edges.Length + 2) throw new ArgumentException($"{_edges.Length} edges need {_edges.Length + 2} points, not {_points.Length}.", nameof(points));
        for (var i = 1; i < _edges.Length; i++) if (_edges[i] <= _edges[i - 1]) throw new ArgumentException("Edges grow.", nameof(edges));
    }

    public int Factor { get; }

    public IReadOnlyList<int> Edges => _edges;

    public IReadOnlyList<int> Points => _points;

    internal int PointsOf(ReadOnlySpan<int> factors)
    {
        var value = factors[Factor];
        if (value == PaymentFactors.Missing) return _points[0];
        var at = Array.BinarySearch(_edges, value);
        return _points[(at < 0 ? ~at : at) + 1];
    }
}

/// <summary>A tree of comparisons; node 0 is the root, and children stand behind their parent.</summary>
public sealed class ScoreTree
{
    private readonly ScoreNode[] _nodes;

    /// <exception cref="ArgumentException">A node points to nowhere, backwards, or to no factor.</exception>
    public ScoreTree(IEnumerable<ScoreNode> nodes)
    {
        _nodes = [.. nodes];
        if (_nodes.Length is 0 or > Scorecard.NodesMost) throw new ArgumentException($"A tree has 1 to {Scorecard.NodesMost} nodes, not {_nodes.Length}.", nameof(nodes));
        for (var i = 0; i < _nodes.Length; i++)
        {
            var node = _nodes[i];
            if (node.Factor < 0) continue;
            if (node.Factor >= PaymentFactors.Count) throw new ArgumentException($"Node {i} asks for factor {node.Factor}; there are {PaymentFactors.Count}.", nameof(nodes));
            if (node.Below <= i || node.Above <= i || node.Below >= _nodes.Length || node.Above >= _nodes.Length) throw new ArgumentException($"Node {i} leads to no node behind it.", nameof(nodes));
        }
    }

    /// <summary>The nodes.</summary>
    public IReadOnlyList<ScoreNode> Nodes => _nodes;

    /// <summary>Points of the leaf less those of the root, which stand in the base of the card.</summary>
    internal int Points(ReadOnlySpan<int> factors)
    {
        var nodes = _nodes;
        var at = 0;
        while (nodes[at].Factor >= 0) at = nodes[at].Next(factors);
        return nodes[at].Points - nodes[0].Points;
    }

    internal void Explain(ReadOnlySpan<int> factors, Span<int> shares)
    {
        var at = 0;
        while (_nodes[at].Factor >= 0)
        {
            var next = _nodes[at].Next(factors);
            shares[_nodes[at].Factor] += _nodes[next].Points - _nodes[at].Points;
            at = next;
        }
    }
}

/// <summary>One comparison, or a leaf.</summary>
/// <param name="Factor">Number of the factor; −1 for a leaf.</param>
/// <param name="Most">A value up to here goes to <paramref name="Below"/>.</param>
/// <param name="MissingBelow">Where a factor goes that cannot be told.</param>
/// <param name="Below">Node of small values.</param>
/// <param name="Above">Node of large values.</param>
/// <param name="Points">Hundredths of a point: of a leaf its own, of a comparison the mean of what it was made from.</param>
public readonly record struct ScoreNode(int Factor, int Most, bool MissingBelow, int Below, int Above, int Points)
{
    internal int Next(ReadOnlySpan<int> factors)
    {
        var value = factors[Factor];
        return value == PaymentFactors.Missing ? MissingBelow ? Below : Above : value <= Most ? Below : Above;
    }
}
