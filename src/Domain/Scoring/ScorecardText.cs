using System.Globalization;
using System.Text;

namespace ExposureMonitor.Domain;

/// <summary>
/// Scorecards as lines of text, integers and names alone: what two people agree to, what a journal keeps, and what the same fit
/// writes byte for byte. Factors stand by name, so that a card of another version of the factors is refused and not misread.
/// </summary>
public static class ScorecardText
{
    private const string Head = "exposure-scorecard 1";

    /// <summary>Longest text that is read.</summary>
    public const int LengthMax = 4 * 1024 * 1024;

    /// <summary>Writes a card.</summary>
    public static string Write(Scorecard card)
    {
        var text = new StringBuilder();
        text.Append(Head).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"target {card.Target} {card.Days}\nbase {card.Base}\n");
        text.Append("factors ").AppendJoin(' ', PaymentFactors.All.Select(f => f.Name)).Append('\n');
        text.Append("chances ").AppendJoin(' ', card.Chances).Append('\n');
        foreach (var table in card.Tables) text.Append(CultureInfo.InvariantCulture, $"table {table.Factor} {table.Edges.Count} ").AppendJoin(' ', table.Edges.Concat(table.Points)).Append('\n');
        foreach (var tree in card.Trees)
        {
            text.Append("tree");
            foreach (var n in tree.Nodes) text.Append(CultureInfo.InvariantCulture, $" {n.Factor} {n.Most} {(n.MissingBelow ? 1 : 0)} {n.Below} {n.Above} {n.Points}");
            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The version of a card: a hash of its text.</summary>
    public static string VersionOf(string text) => Hashing.Text(text, 13).ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>Reads a card.</summary>
    /// <exception cref="FormatException">The line that is wrong, and why.</exception>
    public static Scorecard Read(string text)
    {
        if (text.Length > LengthMax) throw new FormatException($"A scorecard has at most {LengthMax} characters.");
        var lines = text.Split('\n');
        if (lines[0] != Head) throw new FormatException($"Line 1: expected '{Head}'.");
        string target = "";
        int days = 0, @base = 0;
        int[]? chances = null;
        var isNamed = false;
        List<ScoreTable> tables = [];
        List<ScoreTree> trees = [];
        for (var i = 1; i < lines.Length; i++)
        {
            if (lines[i].Length == 0) continue;
            var words = lines[i].Split(' ');
            try
            {
                switch (words[0])
                {
                    case "target" when words.Length == 3:
                        (target, days) = (words[1], Whole(words[2]));
                        break;
                    case "base" when words.Length == 2:
                        @base = Whole(words[1]);
                        break;
                    case "factors":
                        isNamed = words.AsSpan(1).SequenceEqual(PaymentFactors.All.Select(f => f.Name).ToArray());
                        if (!isNamed) throw new FormatException("the factors are not those of this version; fit the card anew");
                        break;
                    case "chances":
                        chances = Wholes(words, 1);
                        break;
                    case "table" when words.Length > 3:
                        var (edges, rest) = (Whole(words[2]), Wholes(words, 3));
                        tables.Add(new ScoreTable(Whole(words[1]), rest[..edges], rest[edges..]));
                        break;
                    case "tree":
                        if (trees.Count == Scorecard.TreesMost) throw new FormatException($"at most {Scorecard.TreesMost} trees");
                        trees.Add(Tree(Wholes(words, 1)));
                        break;
                    default:
                        throw new FormatException("no known line");
                }
            }
            catch (FormatException wrong)
            {
                throw new FormatException($"Line {i + 1}: {wrong.Message}", wrong);
            }
            catch (ArgumentException wrong)
            {
                throw new FormatException($"Line {i + 1}: {wrong.Message}", wrong);
            }
            catch (OverflowException wrong)
            {
                throw new FormatException($"Line {i + 1}: {wrong.Message}", wrong);
            }
        }

        if (target.Length == 0 || !isNamed || chances is not { Length: > 1 }) throw new FormatException("A scorecard has a target, its factors and its chances.");
        return new Scorecard { Target = target, Days = days, Base = @base, Tables = tables, Trees = trees, Chances = chances };
    }

    private static ScoreTree Tree(int[] numbers)
    {
        if (numbers.Length % 6 != 0) throw new FormatException("a node has 6 numbers");
        return new ScoreTree(Enumerable.Range(0, numbers.Length / 6).Select(n => new ScoreNode(numbers[n * 6], numbers[n * 6 + 1], numbers[n * 6 + 2] == 1, numbers[n * 6 + 3], numbers[n * 6 + 4], numbers[n * 6 + 5])));
    }

    private static int Whole(string word) => int.Parse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private static int[] Wholes(string[] words, int from) => [.. words.Skip(from).Select(Whole)];
}
