namespace ExposureMonitor.Domain;

/// <summary>Whether a key opens anything.</summary>
public enum KeyState : byte
{
    /// <summary>Made by one person; another one has not agreed yet.</summary>
    Waiting = 1,

    /// <summary>Opens what its roles allow, until it expires.</summary>
    Live,

    /// <summary>Ended for good, or never agreed to.</summary>
    Ended,
}

/// <summary>A key of a person or a system, without the key: its hash, and what it opens.</summary>
public sealed class HouseKey
{
    /// <summary>First characters of the key; names it in lists.</summary>
    public string Prefix { get; internal set; } = "";

    /// <summary>SHA-256 of the key in hex. The key itself enters no frame.</summary>
    public string Hash { get; internal set; } = "";

    /// <summary>The person or system; two keys of one person share it.</summary>
    public string Subject { get; internal set; } = "";

    public Roles Roles { get; internal set; }

    /// <summary>Largest amount that the person may approve, minor units of the base currency; −1 without ceiling, 0 none.</summary>
    public long Authority { get; internal set; }

    /// <summary>True for a source whose limits, covers and rates take effect without a second person here (reliability.md 11.2).</summary>
    public bool MayCarryAuthority { get; internal set; }

    /// <summary>Segments that it sees; empty for all.</summary>
    public IReadOnlyList<string> Segments => SegmentList;

    public KeyState State { get; internal set; }

    public Instant CreatedAt { get; internal set; }

    public string CreatedBy { get; internal set; } = "";

    /// <summary>Who agreed; "" while it waits.</summary>
    public string ApprovedBy { get; internal set; } = "";

    /// <summary>When it ends by itself; <c>default</c> for never.</summary>
    public Instant ExpiresAt { get; internal set; }

    public Instant EndedAt { get; internal set; }

    internal List<string> SegmentList { get; } = [];

    /// <summary>True when it opens something at a moment.</summary>
    public bool IsLive(Instant now) => State == KeyState.Live && (ExpiresAt.Micros == 0 || now < ExpiresAt);

    internal void Stream(StateStream s)
    {
        var (prefix, hash, subject, roles, authority, carries) = (Prefix, Hash, Subject, (int)Roles, Authority, MayCarryAuthority);
        s.Do(ref prefix);
        s.Do(ref hash);
        s.Do(ref subject);
        s.Do(ref roles);
        s.Do(ref authority);
        s.Do(ref carries);
        (Prefix, Hash, Subject, Roles, Authority, MayCarryAuthority) = (prefix, hash, subject, (Roles)roles, authority, carries);
        var (state, created, by, approved, expires, ended) = (State, CreatedAt, CreatedBy, ApprovedBy, ExpiresAt, EndedAt);
        s.Choice(ref state);
        s.Do(ref created);
        s.Do(ref by);
        s.Do(ref approved);
        s.Do(ref expires);
        s.Do(ref ended);
        (State, CreatedAt, CreatedBy, ApprovedBy, ExpiresAt, EndedAt) = (state, created, by, approved, expires, ended);
        s.Texts(SegmentList);
    }
}
