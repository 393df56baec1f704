using System.Globalization;
using System.Net;
using ExposureMonitor.Alerts;
using ExposureMonitor.Api;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Silo;

/// <summary>A setting is missing or cannot be; the message names it, says what was found and what was expected.</summary>
public sealed class SettingException : Exception
{
    public SettingException(string message) : base(message)
    {
    }

    public SettingException() : this("A setting is wrong.")
    {
    }

    public SettingException(string message, Exception inner) : base(message, inner)
    {
    }
}

/// <summary>
/// What a silo is told: by appsettings.json, by the environment (<c>EXPOSURE_Cluster__SiloPort=11111</c>), by a folder of files, one per
/// setting, such as mounted secrets (<c>EXPOSURE_SETTINGS</c>), and by the command line (<c>--Cluster:SiloPort 11111</c>); the later one stands.
/// </summary>
public sealed record SiloOptions
{
    /// <summary>Address of the journal's database, PostgreSQL; of several databases all of them (<see cref="JournalFactory.Together"/>).</summary>
    public required string Journal { get; init; }

    /// <summary>What a database that does not exist yet is created with.</summary>
    public int Partitions { get; init; } = 64;

    public string BaseCurrency { get; init; } = "EUR";

    public string TimeZone { get; init; } = "UTC";

    /// <summary>Partitions that an earlier release made go by the newest rules; that release cannot open them any more.</summary>
    public bool NewestRules { get; init; }

    /// <summary>Silos with one id find each other.</summary>
    public required string ClusterId { get; init; }

    /// <summary>Stays the same over the life of this silo's place, so that a restart gets its partitions back.</summary>
    public required string SiloName { get; init; }

    public required int SiloPort { get; init; }

    /// <summary>Address by which the other silos reach this one.</summary>
    public required IPAddress Advertised { get; init; }

    /// <summary>An existing database with the tables and queries of the Orleans providers; the journal's own unless told.</summary>
    public required string Orleans { get; init; }

    /// <summary>A silo that misses so many probes in a row, so many seconds each, is suspected; so many suspicions declare it dead.</summary>
    public TimeSpan Probe { get; init; } = TimeSpan.FromSeconds(2);

    public int MissedProbes { get; init; } = 3;

    public int Votes { get; init; } = 2;

    public int Port { get; init; } = 8480;

    /// <summary>Where the API listens; the loopback when nothing is said.</summary>
    public IPAddress? Listen { get; init; }

    public int RatePerSecond { get; init; } = 1_000;

    /// <summary>How long a call waits for a partition that is moving, before it is answered 503.</summary>
    public TimeSpan MovingWait { get; init; } = TimeSpan.FromSeconds(5);

    public KafkaOptions? Kafka { get; init; }

    /// <summary>Topics that are read on though they were made again, or records of them are missing.</summary>
    public IReadOnlySet<string> Accepted { get; init; } = new HashSet<string>();

    /// <summary>Text of the file that says who is told, and how; <c>null</c> for nobody.</summary>
    public string? Channels { get; init; }

    /// <summary>The identity provider; <c>null</c> for passwords alone.</summary>
    public ProviderOptions? Provider { get; init; }

    /// <summary>What the console calls this installation; "" for the one that counts.</summary>
    public string Environment { get; init; } = "";

    /// <summary>Address of the operators' dashboard; "" for none.</summary>
    public string Grafana { get; init; } = "";

    /// <summary>Address of the Orleans Dashboard, which administrators see; "" for none.</summary>
    public string OrleansDashboard { get; init; } = "";

    /// <summary>Directories outside of the database where heads are anchored; below each one the silo's name.</summary>
    public IReadOnlyList<string> AnchorPlaces { get; init; } = [];

    /// <summary>File of the private key that signs anchors.</summary>
    public string AnchorKey { get; init; } = "";

    /// <summary>Somebody knows that the database is behind its anchors, and wants it served all the same.</summary>
    public bool AcceptRestored { get; init; }

    private const string Shards = "Journal:Shards";

    private static readonly HashSet<string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        "Journal:Connection", "Journal:Partitions", "Journal:BaseCurrency", "Journal:TimeZone", "Journal:NewestRules", "Cluster:Id", "Cluster:SiloName", "Cluster:SiloPort", "Cluster:AdvertisedAddress",
        "Cluster:Connection", "Cluster:ProbeSeconds", "Cluster:MissedProbes", "Cluster:Votes", "Api:Port", "Api:Listen", "Api:RatePerSecond", "Api:MovingWaitSeconds",
        "Kafka:Bootstrap", "Kafka:ConfigFile", "Kafka:Accept", "Channels:File", "Console:Environment", "Console:Grafana", "Console:OrleansDashboard", "Anchors:Places", "Anchors:KeyFile", "Anchors:AcceptRestored",
    };

    /// <summary>Reads and checks all settings.</summary>
    /// <exception cref="SettingException">The first one that is wrong.</exception>
    public static SiloOptions Read(IConfiguration settings)
    {
        Known.UnionWith(SiloPeople.Settings);
        // A misspelt name would be a default that nobody meant.
        foreach (var section in (string[])["Journal", "Cluster", "Api", "Kafka", "Channels", "Console", "Anchors", "SignIn"])
            foreach (var (name, value) in settings.GetSection(section).AsEnumerable())
                if (value is not null && !Known.Contains(name) && !name.StartsWith(Shards + ":", StringComparison.OrdinalIgnoreCase))
                    throw new SettingException($"{name} is unknown; expected one of {string.Join(", ", Known.Where(k => k.StartsWith(section, StringComparison.Ordinal)))}.");
        var journal = Text("Journal:Connection") ?? throw new SettingException("Journal:Connection is missing; expected postgres://user@host/name or Host=…;Database=….");
        var first = journal;
        if (ShardsOf(settings) is { Count: > 0 } more) journal = JournalFactory.Together([first, .. more]);
        if (journal.StartsWith("sqlite:", StringComparison.OrdinalIgnoreCase)) throw new SettingException("Journal:Connection names a SQLite file, which has one owner; a cluster needs PostgreSQL.");
        if (!journal.StartsWith("postgres", StringComparison.OrdinalIgnoreCase) && !journal.Contains('=', StringComparison.Ordinal))
            throw new SettingException("Journal:Connection is no address of PostgreSQL; expected postgres://user@host/name or Host=…;Database=….");
        var bootstrap = Text("Kafka:Bootstrap");
        if (bootstrap is null && Text("Kafka:ConfigFile") is not null) throw new SettingException("Kafka:ConfigFile is set, and Kafka:Bootstrap is not; expected the address of a broker, such as kafka:9092.");
        return new SiloOptions
        {
            Journal = journal,
            Partitions = Number("Journal:Partitions", 64, 1, 4_096),
            BaseCurrency = Domain.Currency.TryParse(Text("Journal:BaseCurrency") ?? "EUR", out var currency) ? currency.Code : throw new SettingException($"Journal:BaseCurrency is '{Text("Journal:BaseCurrency")}'; expected a currency such as EUR."),
            TimeZone = TimeZoneInfo.TryFindSystemTimeZoneById(Text("Journal:TimeZone") ?? "UTC", out var zone) ? zone.Id : throw new SettingException($"Journal:TimeZone is '{Text("Journal:TimeZone")}'; expected a zone such as Europe/Berlin."),
            ClusterId = Name("Cluster:Id", "exposure"),
            SiloName = Name("Cluster:SiloName", System.Environment.MachineName),
            SiloPort = Number("Cluster:SiloPort", 11_111, 1, 65_535),
            Advertised = Address("Cluster:AdvertisedAddress") ?? IPAddress.Loopback,
            Orleans = Text("Cluster:Connection") ?? first,
            Probe = TimeSpan.FromSeconds(Number("Cluster:ProbeSeconds", 2, 1, 60)),
            MissedProbes = Number("Cluster:MissedProbes", 3, 1, 20),
            Votes = Number("Cluster:Votes", 2, 1, 10),
            Port = Number("Api:Port", 8_480, 0, 65_535),
            Listen = Address("Api:Listen"),
            RatePerSecond = Number("Api:RatePerSecond", 1_000, 0, int.MaxValue),
            MovingWait = TimeSpan.FromSeconds(Number("Api:MovingWaitSeconds", 5, 1, 60)),
            Kafka = bootstrap is null ? null : KafkaOf(bootstrap, Text("Kafka:ConfigFile")),
            Channels = Text("Channels:File") is { } channels ? ChannelsOf(channels) : null,
            Provider = SiloPeople.Read(settings),
            Environment = Text("Console:Environment") ?? "",
            Grafana = DashboardOf("Console:Grafana"),
            OrleansDashboard = DashboardOf("Console:OrleansDashboard"),
            AnchorPlaces = (Text("Anchors:Places") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            AnchorKey = Text("Anchors:KeyFile") ?? (Text("Anchors:Places") is null ? "" : throw new SettingException("Anchors:KeyFile is missing; expected the file of the private key that signs anchors (exposure anchors key).")),
            AcceptRestored = Flag("Anchors:AcceptRestored"),
            NewestRules = Flag("Journal:NewestRules"),
            Accepted = (Text("Kafka:Accept") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal),
        };

        string? Text(string name) => settings[name] is { } told && told.Trim().Length > 0 ? told.Trim() : null;

        bool Flag(string name) => Text(name) is { } told && (bool.TryParse(told, out var yes) ? yes : throw new SettingException($"{name} is '{told}'; expected true or false."));

        string DashboardOf(string name)
        {
            try
            {
                return Dashboard.Address(Text(name), name);
            }
            catch (ArgumentException wrong)
            {
                throw new SettingException(wrong.Message, wrong);
            }
        }

        string Name(string name, string otherwise) => (Text(name) ?? otherwise) is { Length: <= 150 } told ? told : throw new SettingException($"{name} has more than 150 characters.");

        int Number(string name, int otherwise, int least, int most) => Text(name) is not { } told ? otherwise
            : int.TryParse(told, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
            : throw new SettingException($"{name} is '{told}'; expected a whole number from {least} to {most}.");

        IPAddress? Address(string name) => Text(name) is not { } told ? null
            : IPAddress.TryParse(told, out var address) ? address : throw new SettingException($"{name} is '{told}'; expected an address such as 10.0.0.7, or 0.0.0.0 for all.");
    }

    /// <summary>Further databases, from number 0 on; their order is part of the data.</summary>
    private static List<string> ShardsOf(IConfiguration settings)
    {
        var told = settings.GetSection(Shards).GetChildren().Where(s => s.Value is { } value && value.Trim().Length > 0).ToDictionary(s => s.Key, s => s.Value!.Trim(), StringComparer.Ordinal);
        for (var i = 0; i < told.Count; i++)
            if (!told.ContainsKey(i.ToString(CultureInfo.InvariantCulture)))
                throw new SettingException($"{Shards}:{i} is missing; further databases of the journal are numbered from 0 on, without a gap.");
        foreach (var (number, address) in told)
            if (!address.StartsWith("postgres", StringComparison.OrdinalIgnoreCase) && !address.Contains('=', StringComparison.Ordinal))
                throw new SettingException($"{Shards}:{number} is no address of PostgreSQL; expected postgres://user@host/name or Host=…;Database=….");
        return [.. told.OrderBy(s => int.Parse(s.Key, CultureInfo.InvariantCulture)).Select(s => s.Value)];
    }

    private static string ChannelsOf(string file)
    {
        if (!File.Exists(file)) throw new SettingException($"Channels:File is '{file}'; there is no such file.");
        var text = File.ReadAllText(file);
        // What was set over the API joins it when a silo takes the channels over.
        var read = ChannelsFile.Read(text, new ProcessSecrets());
        return read.Faults.Count == 0 ? text : throw new SettingException($"Channels:File: {string.Join($"\nChannels:File: ", read.Faults)}");
    }

    private static KafkaOptions KafkaOf(string bootstrap, string? file)
    {
        if (file is null) return new KafkaOptions { Bootstrap = bootstrap };
        if (!File.Exists(file)) throw new SettingException($"Kafka:ConfigFile is '{file}'; there is no such file.");
        try
        {
            return KafkaOptions.Parse(bootstrap, File.ReadLines(file));
        }
        catch (ArgumentException wrong)
        {
            throw new SettingException($"Kafka:ConfigFile: {wrong.Message}", wrong);
        }
    }
}
