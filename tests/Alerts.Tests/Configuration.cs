using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>The file of channels and routes: what is right is read, what is wrong is told by line and key.</summary>
public sealed class Configuration : ISecretSource
{
    private readonly Dictionary<string, string> _variables = new() { ["SLACK_URL"] = "https://hooks.slack.com/services/T/B/X", ["DING_URL"] = "https://oapi.dingtalk.com/robot/send?access_token=t", ["DING_SECRET"] = "SEC1" };

    public string? Variable(string name) => _variables.GetValueOrDefault(name);

    public string? File(string path) => path == "/run/secrets/hook" ? "whsec_AAAA\n" : null;

    private const string Whole = """
        link: https://exposure.example
        time_zone: Asia/Shanghai
        language: zh
        channels:
          desk:
            type: slack
            url: ${SLACK_URL}
            language: en
          east:
            type: dingtalk
            url: ${DING_URL}
            secret: ${DING_SECRET}
            mention: ["13800000000"]
            rates: [10/1m]
            rest: 12m
          erp:
            type: webhook
            url: https://erp.example/hook
            secrets: ["${file:/run/secrets/hook}"]
          mail:
            type: email
            host: smtp.example
            from: Credit desk <desk@exposure.example>
            to: [head@example.com, controller@example.com]
          old:
            type: wecom
            enabled: false
        route:
          to: [desk]
          group_wait: 10s
          routes:
            - name: crit
              match: [severity="CRIT"]
              to: [desk, mail]
              next: [east]
              escalate_after: 15m
              escalate_to: [mail]
              continue: true
            - name: east
              match: ['desk=~"CN-.*"']
              to: [east]
              routes:
                - match: [severity="LOW"]
                  daily_at: "08:00"
            - match: [severity="INFO"]
              to: []
        """;

    [Fact]
    public void A_whole_file_is_read_with_everything_that_routes_inherit()
    {
        var file = ChannelsFile.Read(Whole, this);
        Assert.Empty(file.Faults);
        Assert.Empty(file.Warnings);
        Assert.Equal(["desk", "east", "erp", "mail"], file.Channels.Select(c => c.Name));
        Assert.Equal("old", Assert.Single(file.Off));
        var east = file.Channels[1];
        Assert.Equal((Language.Chinese, "SEC1", TimeSpan.FromMinutes(12), new Rate(10, TimeSpan.FromMinutes(1))), (east.Language, east.Secrets[0], east.Rules.Rest, east.Rules.Rates.Single()));
        Assert.Equal("whsec_AAAA", file.Channels[2].Secrets[0]);
        Assert.Equal(["root/crit", "root/east"], Match(("severity", "CRIT"), ("desk", "CN-East")));
        Assert.Equal(["root/east/1"], Match(("severity", "LOW"), ("desk", "CN-East")));
        Assert.Equal(["root"], Match(("severity", "HIGH"), ("desk", "EU")));
        Assert.Empty(Match(("severity", "INFO"), ("desk", "EU")));
        var low = file.Routes.Plans.Single(p => p.Name == "root/east/1");
        Assert.Equal((new TimeOnly(8, 0), "east", TimeSpan.FromSeconds(10), "Asia/Shanghai"), (low.DailyAt, low.To[0], low.GroupWait, low.TimeZone.Id));
        Assert.DoesNotContain("services/T/B", string.Join(' ', file.Channels), StringComparison.Ordinal);

        string[] Match(params (string, string)[] labels) => [.. file.Routes.Match(new Labels(labels.Select(l => KeyValuePair.Create(l.Item1, l.Item2)))).Select(p => p.Name)];
    }

    [Fact]
    public void Channels_alone_are_enough_to_begin_with()
    {
        var file = ChannelsFile.Read("channels:\n  desk:\n    type: slack\n    url: ${SLACK_URL}\n", this);
        Assert.Empty(file.Faults);
        Assert.Equal(["root"], file.Routes.Match(new Labels([new("severity", "HIGH")])).Select(p => p.Name));
        Assert.NotNull(file.Routes.Match(new Labels([new("severity", "LOW")])).Single().DailyAt);
        Assert.Empty(file.Routes.Match(new Labels([new("severity", "INFO")])));
    }

    /// <summary>What a channel of no known type may have nobody can say: the type alone is wrong.</summary>
    [Fact]
    public void A_type_that_is_misspelt_is_the_only_fault()
    {
        var fault = Assert.Single(ChannelsFile.Read("channels:\n  desk:\n    type: slak\n    url: ${SLACK_URL}\n", this).Faults);
        Assert.Equal((3, "channels.desk.type"), (fault.Line, fault.Key));
    }

    /// <summary>One wrong thing each: the line, the key, and a piece of what is said.</summary>
    [Theory]
    [InlineData("url: ${SLACK_URL}", "url: ${NOT_SET}", 7, "channels.desk.url", "NOT_SET is not set")]
    [InlineData("url: ${SLACK_URL}", "url: https://evil.example/x", 7, "channels.desk.url", "hooks.slack.com")]
    [InlineData("url: ${SLACK_URL}", "adress: x", 5, "channels.desk.adress", "is unknown here")]
    [InlineData("type: slack", "type: irc", 6, "channels.desk.type", "expected slack, teams")]
    [InlineData("language: en", "language: fr", 8, "channels.desk.language", "expected en, zh")]
    [InlineData("rates: [10/1m]", "rates: [fast]", 14, "channels.east.rates", "15/1m")]
    [InlineData("rest: 12m", "rest: 12", 15, "channels.east.rest", "30s, 5m")]
    [InlineData("host: smtp.example", "host: ''", 22, "channels.mail.host", "is empty")]
    [InlineData("to: [head@example.com, controller@example.com]", "to: ['not an address <']", 24, "channels.mail.to", "is no address")]
    [InlineData("to: [desk, mail]", "to: [desk, pager]", 34, "route.routes[0].to", "no channel 'pager'")]
    [InlineData("match: [severity=\"CRIT\"]", "match: [severity]", 33, "route.routes[0].match", "is no condition")]
    [InlineData("'desk=~\"CN-.*\"'", "'desk=~\"CN-(\"'", 40, "route.routes[1].match", "is no pattern")]
    [InlineData("daily_at: \"08:00\"", "daily_at: \"8 am\"", 44, "route.routes[1].routes[0].daily_at", "08:00")]
    [InlineData("time_zone: Asia/Shanghai", "time_zone: Mars", 2, "time_zone", "is no time zone")]
    [InlineData("group_wait: 10s", "group_wait: 10s\n  repeat_interval: 7m", 31, "route.repeat_interval", "multiple")]
    [InlineData("link: https://exposure.example", "link: exposure", 1, "link", "expected an address")]
    [InlineData("enabled: false", "enabled: perhaps", 27, "channels.old.enabled", "true or false")]
    public void What_is_wrong_is_told_by_line_and_key(string right, string wrong, int line, string key, string said)
    {
        Assert.Contains(right, Whole, StringComparison.Ordinal);
        var faults = ChannelsFile.Read(Whole.Replace(right, wrong, StringComparison.Ordinal), this).Faults;
        Assert.Contains(faults, f => f.Key == key && f.Text.Contains(said, StringComparison.Ordinal) && Math.Abs(f.Line - line) <= 2);
    }

    /// <summary>What a route inherits is wrong where it stands, and nowhere below.</summary>
    [Fact]
    public void What_is_inherited_is_told_once()
    {
        var fault = Assert.Single(ChannelsFile.Read(Whole.Replace("group_wait: 10s", "group_wait: 10s\n  repeat_interval: 7m", StringComparison.Ordinal), this).Faults);
        Assert.Equal("route.repeat_interval", fault.Key);
    }

    [Theory]
    [InlineData("channels: [")]
    [InlineData("- a\n- b")]
    [InlineData("")]
    [InlineData("channels: text")]
    [InlineData("channels:\n  desk: text")]
    [InlineData("channels:\n  desk: {type: slack, type: teams}")]
    public void A_file_that_is_none_is_a_fault_and_no_exception(string text) => Assert.NotEmpty(ChannelsFile.Read(text, this).Faults);

    [Fact]
    public void Two_channels_of_one_address_would_break_its_rate_together()
    {
        var file = ChannelsFile.Read("channels:\n  a: {type: slack, url: \"${SLACK_URL}\"}\n  b: {type: slack, url: \"${SLACK_URL}\"}\n", this);
        Assert.Contains("together they would break its rate", Assert.Single(file.Faults).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_sealed_opens_with_its_key_at_its_place_only()
    {
        var key = SealedSecrets.NewKey();
        var text = SealedSecrets.Seal("https://hooks.slack.com/services/T/B/Y", key, "channels.desk.url");
        _variables[SealedSecrets.KeyVariable] = key;
        Assert.Empty(Faults("desk"));
        Assert.Contains("another place", Assert.Single(Faults("other")).Text, StringComparison.Ordinal);
        _variables[SealedSecrets.KeyVariable] = SealedSecrets.NewKey();
        Assert.Contains("another key", Assert.Single(Faults("desk")).Text, StringComparison.Ordinal);
        _variables[SealedSecrets.KeyVariable] = "short";
        Assert.Single(Faults("desk"));
        _variables.Remove(SealedSecrets.KeyVariable);
        Assert.Contains("is not set", Assert.Single(Faults("desk")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("services/T/B/Y", text, StringComparison.Ordinal);

        IReadOnlyList<ConfigurationFault> Faults(string name) => ChannelsFile.Read($"channels:\n  {name}: {{type: slack, url: \"{text}\"}}\n", this).Faults;
    }

    [Fact]
    public void A_credential_that_stands_there_readable_is_warned_of() =>
        Assert.Contains("readable", Assert.Single(ChannelsFile.Read("channels:\n  a: {type: slack, url: \"https://hooks.slack.com/services/x\"}\n", this).Warnings).Text, StringComparison.Ordinal);

    [Theory]
    [InlineData("severity=\"HIGH\"", true)]
    [InlineData("severity!=\"HIGH\"", false)]
    [InlineData("severity=~\"HI.*\"", true)]
    [InlineData("severity=~\"H\"", false)]
    [InlineData("severity!~\"LOW|MED\"", true)]
    [InlineData("missing=\"\"", true)]
    [InlineData("missing!=\"x\"", true)]
    public void Conditions_match_as_in_Alertmanager(string text, bool matches)
    {
        var matcher = LabelMatcher.Parse(text);
        Assert.Equal(matches, matcher.Matches(new Labels([new("severity", "HIGH")])));
        Assert.Equal(text, matcher.ToString());
    }
}
