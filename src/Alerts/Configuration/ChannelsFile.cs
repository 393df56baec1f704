using System.Net;
using System.Security.Cryptography;
using MimeKit;

namespace ExposureMonitor.Alerts;

/// <summary>A file of channels and routes, read as far as it can be, with everything that is wrong about it.</summary>
public sealed partial class ChannelsFile
{
    private const int ChannelsMax = 200, NameMax = 64;

    /// <summary>Stands where a credential is set over the API.</summary>
    private const string Stored = "${stored}";

    private readonly List<ConfigurationFault> _faults = [];
    private readonly List<ChannelSettings> _channels = [];
    private readonly HashSet<string> _off = new(StringComparer.Ordinal), _stored = new(StringComparer.Ordinal), _waiting = new(StringComparer.Ordinal);
    private readonly ISecretSource _secrets;
    private readonly TimeZoneInfo _zone = TimeZoneInfo.Utc;
    private readonly Language _language = Language.English;
    private readonly ConsoleLinks _links = new((Uri?)null);

    private ChannelsFile(string text, ISecretSource secrets)
    {
        _secrets = secrets;
        Routes = new RouteTree(new Route(new RoutePlan { Name = "root" }, [], false, []));
        if (YamlSection.Of(text, _faults) is not { } root) return;
        _language = LanguageOf(root, Language.English);
        if (root.Text("link") is { } link)
        {
            if (Uri.TryCreate(link, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http") _links = new ConsoleLinks(uri);
            else root.Fault("link", $"'{link}': expected an address such as https://exposure.example");
        }

        if (root.Text("time_zone") is { } zone)
        {
            if (TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found)) _zone = found;
            else root.Fault("time_zone", $"'{zone}' is no time zone such as Asia/Shanghai");
        }

        ReadChannels(root);
        if (root.Text("letters") is { } letters)
        {
            if (_channels.Find(c => c.Name == letters) is { Kind: ChannelKind.Email } || _waiting.Contains(letters)) Letters = letters;
            else root.Fault("letters", $"'{letters}': expected the name of a channel of type email");
        }

        Collections = ReadCollections(root);
        (Heartbeat, Keep) = (ReadHeartbeat(root), root.Has("keep") ? root.Span("keep", TimeSpan.FromDays(400)) : null);
        if (Keep < TimeSpan.FromDays(31)) root.Fault("keep", "expected 31d or more: silences look back as far");
        Routes = new RouteTree(ReadRoutes(root));
        Inhibits = ReadInhibits(root);
        root.End();
    }

    /// <summary>Channels that are switched on.</summary>
    public IReadOnlyList<ChannelSettings> Channels => _channels;

    /// <summary>Names of those that are switched off.</summary>
    public IReadOnlySet<string> Off => _off;

    /// <summary>The channel that carries letters to customers; <c>null</c> for none.</summary>
    public string? Letters { get; }

    /// <summary>Sign of life; <c>null</c> for none.</summary>
    public Heartbeat? Heartbeat { get; }

    /// <summary>How long alerts that are over are kept; <c>null</c> for ever.</summary>
    public TimeSpan? Keep { get; }

    /// <summary>Reminders and late interest.</summary>
    public CollectionRules Collections { get; } = CollectionRules.Default;

    /// <summary>Who is told of what.</summary>
    public RouteTree Routes { get; }

    /// <summary>What mutes what.</summary>
    public IReadOnlyList<InhibitRule> Inhibits { get; } = InhibitRule.Defaults;

    /// <summary>What has to be put right; with any of them the file must not be used.</summary>
    public IReadOnlyList<ConfigurationFault> Faults => [.. _faults.Where(f => !f.IsWarning).OrderBy(f => f.Line)];

    /// <summary>Places that say <c>${stored}</c>: they are set over the API.</summary>
    public IReadOnlySet<string> StoredPlaces => _stored;

    /// <summary>Channels that wait for a credential that nobody has set yet.</summary>
    public IReadOnlySet<string> Waiting => _waiting;

    /// <summary>What should be.</summary>
    public IReadOnlyList<ConfigurationFault> Warnings => [.. _faults.Where(f => f.IsWarning).OrderBy(f => f.Line)];

    /// <summary>Reads a file's text.</summary>
    public static ChannelsFile Read(string text, ISecretSource secrets) => new(text, secrets);

    /// <summary>What a house needs of it.</summary>
    public AlertPlan Plan(TimeProvider? time = null) => new(Routes, Inhibits, [.. _channels.Select(c => Transports.SetupOf(c, time))], _off) { Waiting = _waiting, Letters = Letters, Collections = Collections, Heartbeat = Heartbeat, Keep = Keep };

    private void ReadChannels(YamlSection root)
    {
        if (root.Section("channels") is not { } all)
        {
            if (!root.Has("channels")) root.Fault("channels", "is missing");
            return;
        }

        foreach (var name in all.Keys.ToList())
        {
            if (all.Section(name) is not { } section) continue;
            if (name.Length is 0 or > NameMax || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')) all.Fault(name, $"a name has 1 to {NameMax} letters, digits, - or _");
            ReadChannel(name, section);
        }

        if (_channels.Count > ChannelsMax) root.Fault("channels", $"at most {ChannelsMax}");
        foreach (var twice in _channels.Where(c => c.Url.Length > 0).GroupBy(c => c.Url, StringComparer.Ordinal).Where(g => g.Count() > 1))
            all.Fault(twice.Last().Name, $"has the address of '{twice.First().Name}': together they would break its rate");
    }

    private void ReadChannel(string name, YamlSection section)
    {
        var kind = section.Choice("type", default, required: true, ("slack", ChannelKind.Slack), ("teams", ChannelKind.Teams), ("dingtalk", ChannelKind.DingTalk), ("feishu", ChannelKind.Feishu), ("wecom", ChannelKind.WeCom),
            ("webhook", ChannelKind.Webhook), ("email", ChannelKind.Email));
        var enabled = section.Flag("enabled", true);
        var settings = new ChannelSettings
        {
            Name = name, Kind = kind, Language = LanguageOf(section, _language), Links = _links, AllowHttp = section.Flag("allow_http", false), AllowedNetworks = NetworksOf(section),
            Hosts = section.Texts("hosts", VendorDefaults.HostsOf(kind)), Ports = PortsOf(section), Mentions = section.Texts("mention", []), Timeout = section.Span("timeout", TimeSpan.FromSeconds(10)),
            BytesMax = section.Number("bytes", VendorDefaults.BytesOf(kind), 1_000, 10_000_000), Rules = RulesOf(section, kind),
        };
        if (settings.Timeout < TimeSpan.FromSeconds(1) || settings.Timeout > TimeSpan.FromSeconds(30)) section.Fault("timeout", "expected 1s to 30s");
        if (kind == ChannelKind.Slack && section.Section("limits") is { } limits) settings = settings with { Slack = LimitsOf(limits) };
        if (kind == ChannelKind.Email) settings = settings with { Mail = MailOf(section) };
        else if (kind != default)
        {
            settings = settings with { Url = Secret(section, "url", required: enabled) ?? "", Secrets = SecretsOf(section, kind) };
            if (settings.Url.Length > 0 && AddressRules.Refusal(settings.Url, settings) is { } refused) section.Fault("url", refused);
        }

        // What belongs to a channel of no known type nobody can say.
        if (kind != default) section.End();
        if (enabled && !_waiting.Contains(name)) _channels.Add(settings);
        else _off.Add(name);
        if (!enabled) _waiting.Remove(name);
    }

    private List<string> SecretsOf(YamlSection section, ChannelKind kind)
    {
        var secrets = new List<string>();
        if (section.Has("secrets")) secrets.AddRange(section.Texts("secrets", []).Select((_, i) => SecretAt(section, "secrets", i)).OfType<string>());
        else if (section.Text("secret") == Stored) secrets.AddRange(StoredAt(section, "secret", kind == ChannelKind.Webhook ? 2 : 1));
        else if (Secret(section, "secret", required: false) is { } one) secrets.Add(one);
        if (kind == ChannelKind.Webhook)
        {
            foreach (var secret in secrets)
            {
                try
                {
                    Signing.KeyOf(secret);
                }
                catch (FormatException wrong)
                {
                    section.Fault(section.Has("secrets") ? "secrets" : "secret", wrong.Message);
                }
            }

            if (secrets.Count == 0) section.Warn("secret", "is missing: the receiver cannot tell who sends");
            if (secrets.Count > 2) section.Fault("secrets", "at most two, for the time of a rotation");
        }
        else if (secrets.Count > 1) section.Fault("secrets", "only a webhook signs with two");

        return secrets;
    }

    private MailSettings MailOf(YamlSection section)
    {
        var tls = section.Choice("tls", MailTls.StartTls, required: false, ("starttls", MailTls.StartTls), ("tls", MailTls.Implicit), ("none", MailTls.None));
        var mail = new MailSettings
        {
            Host = section.Text("host", required: true) ?? "", Tls = tls, Port = section.Number("port", tls == MailTls.Implicit ? 465 : tls == MailTls.StartTls ? 587 : 25, 1, 65_535), User = section.Text("user") ?? "",
            Password = Secret(section, "password", required: false) ?? "", From = section.Text("from", required: true) ?? "", To = section.Texts("to", []), CertificateSha256 = section.Text("certificate_sha256") ?? "",
        };
        if (tls == MailTls.None && mail.User.Length > 0) section.Fault("tls", "none: the password would be readable on the way");
        if (tls == MailTls.None) section.Warn("tls", "none: mails are readable on the way");
        if (mail.From.Length > 0 && !MailboxAddress.TryParse(mail.From, out _)) section.Fault("from", $"'{mail.From}' is no address");
        if (mail.To.Count == 0) section.Fault("to", "is missing");
        foreach (var to in mail.To)
            if (!MailboxAddress.TryParse(to, out _)) section.Fault("to", $"'{to}' is no address");
        return mail;
    }

    private static ChannelRules RulesOf(YamlSection section, ChannelKind kind)
    {
        var rules = kind == default ? new ChannelRules() : VendorDefaults.RulesOf(kind);
        var rates = new List<Rate>();
        foreach (var text in section.Texts("rates", []))
        {
            // As 15/1m: so many in any span of that length.
            var parts = text.Split('/');
            if (parts.Length == 2 && int.TryParse(parts[0], out var count) && count > 0 && Spans.TryParse(parts[1], out var per) && per > TimeSpan.Zero) rates.Add(new Rate(count, per));
            else section.Fault("rates", $"'{text}': expected a rate such as 15/1m");
        }

        return rules with
        {
            Rates = rates.Count > 0 ? rates : rules.Rates, Rest = section.Span("rest", rules.Rest), OverflowAge = section.Span("overflow_age", rules.OverflowAge), OverflowCount = section.Number("overflow_count", rules.OverflowCount, 1, 100_000),
            CauseCount = section.Number("cause_count", rules.CauseCount, 2, 100_000), GiveUpAfter = section.Span("give_up_after", rules.GiveUpAfter), CrowdedSpread = section.Span("crowded_spread", rules.CrowdedSpread),
        };
    }

    private static SlackLimits LimitsOf(YamlSection section)
    {
        var usual = new SlackLimits();
        var limits = new SlackLimits
        {
            Text = section.Number("text", usual.Text, 100, 40_000), Header = section.Number("header", usual.Header, 20, 3_000), Section = section.Number("section", usual.Section, 500, 40_000), Blocks = section.Number("blocks", usual.Blocks, 6, 1_000),
        };
        section.End();
        return limits;
    }

    private static List<IPNetwork> NetworksOf(YamlSection section)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in section.Texts("allow_networks", []))
        {
            if (IPNetwork.TryParse(text, out var network)) networks.Add(network);
            else section.Fault("allow_networks", $"'{text}': expected a network such as 10.1.0.0/16");
        }

        return networks;
    }

    private static List<int> PortsOf(YamlSection section)
    {
        var ports = new List<int>();
        foreach (var text in section.Texts("ports", []))
        {
            if (int.TryParse(text, out var port) && port is > 0 and <= 65_535) ports.Add(port);
            else section.Fault("ports", $"'{text}' is no port");
        }

        return ports;
    }

    private static Language LanguageOf(YamlSection section, Language otherwise) => section.Choice("language", otherwise, required: false, ("en", Language.English), ("zh", Language.Chinese));

    private string? Secret(YamlSection section, string key, bool required) => section.Text(key, required) is { } text ? Resolve(section, key, text) : null;

    private string? SecretAt(YamlSection section, string key, int index) => Resolve(section, key, section.Texts(key, [])[index]);

    /// <summary><c>${NAME}</c>, <c>${file:PATH}</c>, <c>sealed:v1:…</c>, or the text itself.</summary>
    private string? Resolve(YamlSection section, string key, string text)
    {
        var place = $"{section.Path}.{key}";
        if (text == Stored) return StoredAt(section, key, 1) is [var newest] ? newest : null;
        if (text.StartsWith("${", StringComparison.Ordinal) && text.EndsWith('}'))
        {
            var name = text[2..^1];
            var told = name.StartsWith("file:", StringComparison.Ordinal) ? _secrets.File(name[5..])?.Trim() : _secrets.Variable(name);
            return string.IsNullOrEmpty(told) ? section.Fault<string?>(key, name.StartsWith("file:", StringComparison.Ordinal) ? $"the file {name[5..]} cannot be read or is empty" : $"the environment variable {name} is not set", null) : told;
        }

        if (!text.StartsWith(SealedSecrets.Prefix, StringComparison.Ordinal))
        {
            // The address of a receiver of one's own is no credential; that of a vendor's robot is.
            if (key != "url" || section.Text("type") != "webhook") section.Warn(key, "stands here readable: use ${NAME} of the environment, ${file:PATH}, or exposure channels seal");
            return text;
        }

        return OpenSealed(section, key, text, place);
    }

    /// <summary>What was set over the API; nothing, and the channel waits, before the first time.</summary>
    private List<string> StoredAt(YamlSection section, string key, int most)
    {
        var place = $"{section.Path}.{key}";
        _stored.Add(place);
        var found = _secrets.Stored(place).Take(most).Select(s => OpenSealed(section, key, s, place)).OfType<string>().ToList();
        if (found.Count > 0) return found;
        _waiting.Add(section.Path.Split('.')[^1]);
        section.Warn(key, $"is to be set over the API (POST /channels/{section.Path.Split('.')[^1]}/credentials); what is for it waits until then");
        return [];
    }

    private string? OpenSealed(YamlSection section, string key, string text, string place)
    {
        if (_secrets.Variable(SealedSecrets.KeyVariable) is not { Length: > 0 } sealing) return section.Fault<string?>(key, $"is sealed, and the environment variable {SealedSecrets.KeyVariable} is not set", null);
        try
        {
            return SealedSecrets.Open(text, sealing, place);
        }
        catch (Exception wrong) when (wrong is FormatException or CryptographicException)
        {
            return section.Fault<string?>(key, $"cannot be opened: {(wrong is FormatException ? wrong.Message : $"another key, or it was sealed for another place than {place}")}", null);
        }
    }
}
