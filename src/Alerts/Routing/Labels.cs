using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ExposureMonitor.Alerts;

/// <summary>
/// Names and values by which routes, silences and inhibitions choose alerts. In the order of the names; a label that is
/// missing equals one that is empty. <c>default</c> has none. Never changes.
/// </summary>
public readonly struct Labels
{
    private readonly KeyValuePair<string, string>[]? _all;

    /// <param name="labels">Later ones win; empty values are left out.</param>
    public Labels(IEnumerable<KeyValuePair<string, string>> labels)
    {
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in labels)
        {
            if (value.Length > 0) sorted[name] = value;
            else sorted.Remove(name);
        }

        _all = [.. sorted];
    }

    /// <summary>All of them, by name.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> All => _all ?? [];

    /// <summary>The value of a label; "" without one.</summary>
    public string this[string name]
    {
        get
        {
            foreach (var (known, value) in _all ?? [])
                if (known == name) return value;
            return "";
        }
    }

    /// <summary>Those of the names that have a value.</summary>
    public Labels Only(IReadOnlyCollection<string> names) => new(All.Where(l => names.Contains(l.Key)));

    /// <summary>Hash of names and values in hexadecimal: the same for an alert from its raising to its end.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var (name, value) in All)
        {
            foreach (var text in (string[])[name, value])
            {
                var bytes = Encoding.UTF8.GetBytes(text);
                BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
                hash.AppendData(length);
                hash.AppendData(bytes);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }

    /// <summary>As Alertmanager writes them: <c>{customer="C-1",severity="HIGH"}</c>.</summary>
    public override string ToString() =>
        "{" + string.Join(",", All.Select(l => string.Create(CultureInfo.InvariantCulture, $"{l.Key}=\"{l.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""))) + "}";
}
