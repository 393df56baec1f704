using System.Text.Json;

namespace ExposureMonitor.Alerts;

/// <summary>A credential that was set over the API, as it rests: sealed, with who set it and the one before.</summary>
/// <param name="Sealed">As <see cref="SealedSecrets.Seal"/> makes it.</param>
/// <param name="Shown">Its last characters.</param>
/// <param name="SetAt">Microseconds.</param>
/// <param name="Former">The one before, sealed; "" for none.</param>
/// <param name="FormerUntil">Until when it is valid beside this one, microseconds.</param>
public sealed record StoredCredential(string Sealed, string Shown, string SetBy, string ApprovedBy, long SetAt, string Former, long FormerUntil)
{
    /// <summary>Kind of the notes that hold them; the id of a note is the place, such as <c>channels.desk.url</c>.</summary>
    public const string Kind = "channel-credential";

    /// <summary>The former one signs along for a day, so that a receiver has time to take the new one over.</summary>
    public const long FormerValidFor = 24L * 3_600 * 1_000_000;

    public string ToJson() => JsonSerializer.Serialize(this, AlertJson.Default.StoredCredential);

    /// <exception cref="JsonException">It is none.</exception>
    public static StoredCredential Parse(string json) => JsonSerializer.Deserialize(json, AlertJson.Default.StoredCredential) ?? throw new JsonException("The credential is empty.");
}

/// <summary>Environment, files, and what was set over the API.</summary>
/// <param name="stored">By place; sealed.</param>
public sealed class StoredSecrets(ISecretSource around, IReadOnlyDictionary<string, StoredCredential> stored, TimeProvider time) : ISecretSource
{
    /// <inheritdoc/>
    public string? Variable(string name) => around.Variable(name);

    /// <inheritdoc/>
    public string? File(string path) => around.File(path);

    /// <inheritdoc/>
    public IReadOnlyList<string> Stored(string place) => stored.TryGetValue(place, out var known)
        ? known.Former.Length > 0 && time.GetUtcNow() < DateTimeOffset.UnixEpoch.AddMicroseconds(known.FormerUntil) ? [known.Sealed, known.Former] : [known.Sealed]
        : [];
}
