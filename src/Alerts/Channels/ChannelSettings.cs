using System.Security.Cryptography;
using System.Text;

namespace ExposureMonitor.Alerts;

/// <summary>Kinds of channels.</summary>
public enum ChannelKind : byte
{
    Slack = 1, Teams, DingTalk, Feishu, WeCom, Webhook, Email,
}

/// <summary>Settings of one channel. Address and secrets are credentials: they never leave this object but for the request itself.</summary>
public sealed record ChannelSettings
{
    public required string Name { get; init; }

    public required ChannelKind Kind { get; init; }

    public Language Language { get; init; } = Language.English;

    /// <summary>Where requests go; empty for e-mail.</summary>
    public string Url { get; init; } = "";

    /// <summary>Secrets that sign; two of a webhook during a rotation.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    public ConsoleLinks Links { get; init; } = new((Uri?)null);

    /// <summary>Bytes of a body, or of WeCom's content.</summary>
    public int BytesMax { get; init; }

    /// <summary>Plain http is allowed; for receivers inside of the house.</summary>
    public bool AllowHttp { get; init; }

    /// <summary>Networks in which an address may lie although it is private, such as <c>10.1.0.0/16</c>.</summary>
    public IReadOnlyList<System.Net.IPNetwork> AllowedNetworks { get; init; } = [];

    /// <summary>Hosts that the kind may send to; empty for any.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Ports beside 443.</summary>
    public IReadOnlyList<int> Ports { get; init; } = [];

    /// <summary>Mobile numbers that DingTalk mentions when something is CRIT.</summary>
    public IReadOnlyList<string> Mentions { get; init; } = [];

    /// <summary>A whole request.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Characters and blocks that Slack takes.</summary>
    public SlackLimits Slack { get; init; } = new();

    public MailSettings? Mail { get; init; }

    public ChannelRules Rules { get; init; } = new();

    /// <summary>Hash of everything that may have been wrong about an unhealthy channel.</summary>
    public string Fingerprint() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n',
        [Kind.ToString(), Url, .. Secrets, Mail?.Host ?? "", $"{Mail?.Port}", Mail?.User ?? "", Mail?.Password ?? "", Mail?.From ?? "", .. Mail?.To ?? []])))).AsSpan(0, 16).ToString();

    /// <summary>The last characters of a credential, which is all that is ever shown of it.</summary>
    public static string Masked(string credential) => credential.Length == 0 ? "" : "…" + (credential.Length > 8 ? credential[^4..] : "");

    /// <summary>Name, kind and the end of the address; no credential.</summary>
    public override string ToString() => $"{Name} ({Kind}, {(Kind == ChannelKind.Email ? Mail?.Host : Masked(Url))})";
}

/// <summary>What Slack takes of one message; it changes without notice, and so can these.</summary>
public sealed record SlackLimits
{
    /// <summary>Characters of the text that stands where blocks cannot.</summary>
    public int Text { get; init; } = 3_000;

    /// <summary>Characters of the header.</summary>
    public int Header { get; init; } = 150;

    /// <summary>Characters of a section.</summary>
    public int Section { get; init; } = 3_000;

    /// <summary>Blocks of a message.</summary>
    public int Blocks { get; init; } = 50;
}

/// <summary>How TLS comes about with a mail server.</summary>
public enum MailTls : byte
{
    /// <summary>On port 587, by STARTTLS; a server that does not offer it is refused.</summary>
    StartTls = 1,

    /// <summary>On port 465, from the first byte.</summary>
    Implicit,

    /// <summary>None at all, for old servers on the same machine; AUTH is then refused.</summary>
    None,
}

/// <summary>Settings of e-mail.</summary>
public sealed record MailSettings
{
    public required string Host { get; init; }

    public int Port { get; init; } = 587;

    public MailTls Tls { get; init; } = MailTls.StartTls;

    public string User { get; init; } = "";

    public string Password { get; init; } = "";

    public required string From { get; init; }

    public required IReadOnlyList<string> To { get; init; }

    /// <summary>SHA-256 of a certificate that is trusted beside those that the system trusts, in hexadecimal; for servers of the house.</summary>
    public string CertificateSha256 { get; init; } = "";
}
