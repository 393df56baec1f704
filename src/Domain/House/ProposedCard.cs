using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ExposureMonitor.Domain;

/// <summary>A scorecard as a proposal carries it: what it is for and its hashes in the first line, the text of the card below.</summary>
public sealed class ProposedCard
{
    // The card is long and mostly only its first line is asked for: it is cut out when it is.
    private readonly string _told;
    private readonly int _from;

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public ProposedCard(string told)
    {
        (_told, _from) = (told, told.IndexOf('\n', StringComparison.Ordinal) + 1);
        var words = told[..(_from - 1)].Split(' ');
        (Target, Use, Version, Sha256) = (words[0], words[1] == Shadow ? CardUse.Shadow : CardUse.InUse, words[2], words[3]);
        EndedAt = new Instant(long.Parse(words[4], CultureInfo.InvariantCulture));
    }

    private const string Shadow = "shadow";

    /// <summary>What it scores, such as <c>late5</c>.</summary>
    public string Target { get; }

    public CardUse Use { get; }

    /// <summary>Hash of the text that names the card in lists and explanations.</summary>
    public string Version { get; }

    /// <summary>SHA-256 of the text, hex.</summary>
    public string Sha256 { get; }

    /// <summary>When it left, of one that was in force; <c>default</c> for others.</summary>
    public Instant EndedAt { get; }

    /// <summary>The card; "" once it is neither in force nor waiting: the journal has it.</summary>
    public string Text => _told[_from..];

    /// <summary>SHA-256 of a card, hex.</summary>
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    internal static string Write(ProposeScorecard asked) => Line(asked.Target, asked.Use, asked.Version, asked.Sha256, default, asked.Card);

    /// <summary>The same without the text.</summary>
    internal string Ended(Instant at) => Line(Target, Use, Version, Sha256, at, "");

    private static string Line(string target, CardUse use, string version, string sha256, Instant endedAt, string text) =>
        string.Create(CultureInfo.InvariantCulture, $"{target} {(use == CardUse.Shadow ? Shadow : "use")} {version} {sha256} {endedAt.Micros}\n{text}");
}

/// <summary>A scorecard in force.</summary>
/// <param name="ProposalId">The proposal that brought it.</param>
/// <param name="Card">The card with its text.</param>
/// <param name="ProposedBy">Who asked for it.</param>
/// <param name="ApprovedBy">Who agreed.</param>
/// <param name="Since">From when on.</param>
public sealed record HouseCard(string ProposalId, ProposedCard Card, string ProposedBy, string ApprovedBy, Instant Since);
