using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace ExposureMonitor.Storage;

/// <summary>One step of the schema, for one kind of database: a folder <c>Migrations/NNNN-name</c>.</summary>
/// <param name="Version">NNNN; steps follow one another without a gap.</param>
/// <param name="Up">SQL that makes the step; it runs in one transaction together with its check and its record.</param>
/// <param name="Check">A query that returns one line of text per thing that is wrong afterwards.</param>
internal sealed record Migration(int Version, string Name, string Up, string Check)
{
    /// <summary>Hash of the step as released; a database remembers it, so that a rewritten step is noticed.</summary>
    public string Checksum { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Up)));

    /// <summary>All steps in order. <paramref name="dialect"/> is <c>sqlite</c> or <c>postgres</c>.</summary>
    public static IReadOnlyList<Migration> All(string dialect)
    {
        var assembly = typeof(Migration).Assembly;
        var suffix = $"/{dialect}.up.sql";
        var steps = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith("Migrations/", StringComparison.Ordinal) && name.EndsWith(suffix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                var folder = name.Split('/')[1];
                return new Migration(int.Parse(folder.AsSpan(0, 4), CultureInfo.InvariantCulture), folder,
                    Text(assembly, name), Text(assembly, name.Replace(".up.", ".check.", StringComparison.Ordinal)));
            })
            .ToArray();
        for (var i = 0; i < steps.Length; i++)
        {
            if (steps[i].Version != i + 1) throw new InvalidOperationException($"Migration {i + 1} is missing.");
        }

        return steps;
    }

    /// <summary>
    /// The steps that a database still needs. Refuses a database of a newer release, unless the newer steps only add, and one whose
    /// steps were other ones: its schema cannot be known.
    /// </summary>
    public static IReadOnlyList<Migration> Pending(
        IReadOnlyList<Migration> all, IReadOnlyList<(int Version, string Name, string Checksum)> applied, string database)
    {
        for (var i = 0; i < applied.Count; i++)
        {
            var (version, name, checksum) = applied[i];
            if (i >= all.Count)
            {
                if (OnlyAdds(name)) continue;
                throw new DatabaseRefusedException(
                    $"{database} has the schema of a newer release ({name}); this one knows {all.Count} steps. Use that release.");
            }

            if (version != all[i].Version || checksum != all[i].Checksum)
                throw new DatabaseRefusedException(
                    $"{database} was migrated by another {name} than the one of this release; its schema is unknown.");
        }

        return [.. all.Skip(applied.Count)];
    }

    /// <summary>
    /// A step whose name says that it only adds (<c>0016-adds-…</c>): the releases before read and write beside it unharmed, so that a silo of
    /// theirs which ends in the middle of an upgrade may come back. It is in the name since a release cannot look into a step that it does not have.
    /// </summary>
    private static bool OnlyAdds(string name) => name.Length > 5 && name.AsSpan(5).StartsWith("adds-", StringComparison.Ordinal);

    /// <summary>For readers, which change nothing: the schema has to be complete.</summary>
    public static void DemandNone(IReadOnlyList<Migration> pending, string database)
    {
        if (pending.Count > 0)
            throw new DatabaseRefusedException(
                $"{database} still needs the migration {pending[0].Name}. Start the service on it once, or open it for writing.");
    }

    /// <summary>Text of an embedded resource.</summary>
    public static string Resource(string name) => Text(typeof(Migration).Assembly, name);

    private static string Text(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is missing.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
