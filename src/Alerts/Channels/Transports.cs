namespace ExposureMonitor.Alerts;

/// <summary>Ways to send, by the kind of the channel.</summary>
public static class Transports
{
    /// <summary>The transport of a channel.</summary>
    public static ITransport Of(ChannelSettings settings, TimeProvider? time = null) =>
        settings.Kind == ChannelKind.Email ? new MailTransport(settings, time ?? TimeProvider.System) : new HttpTransport(settings, time ?? TimeProvider.System);

    /// <summary>What the owner of the channel needs.</summary>
    public static ChannelSetup SetupOf(ChannelSettings settings, TimeProvider? time = null) => new(settings.Name, settings.Rules, settings.Fingerprint(), Of(settings, time));
}

/// <summary>What the vendors allow, as far as is known; every figure is a setting with this default.</summary>
public static class VendorDefaults
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1), Minute = TimeSpan.FromMinutes(1);

    /// <summary>Rates, rests and spreads of a kind.</summary>
    public static ChannelRules RulesOf(ChannelKind kind) => kind switch
    {
        // One a second with short bursts: five in any five seconds.
        ChannelKind.Slack => new ChannelRules { Rates = [new Rate(5, TimeSpan.FromSeconds(5))] },
        ChannelKind.Teams => new ChannelRules { Rates = [new Rate(2, Second)] },
        ChannelKind.DingTalk => new ChannelRules { Rates = [new Rate(15, Minute)], Rest = TimeSpan.FromMinutes(10) },
        ChannelKind.WeCom => new ChannelRules { Rates = [new Rate(15, Minute)] },
        ChannelKind.Feishu => new ChannelRules { Rates = [new Rate(4, Second), new Rate(80, Minute)], CrowdedSpread = TimeSpan.FromSeconds(20) },
        ChannelKind.Webhook => new ChannelRules { Rates = [new Rate(20, Second)] },
        _ => new ChannelRules { Rates = [new Rate(2, Second)] },
    };

    /// <summary>Bytes of a body, of WeCom's content; unused for e-mail, whose server says it.</summary>
    public static int BytesOf(ChannelKind kind) => kind switch
    {
        ChannelKind.Slack => 12_000, ChannelKind.Teams => 20_000, ChannelKind.DingTalk => 18_000, ChannelKind.Feishu => 20_000, ChannelKind.WeCom => 4_096, ChannelKind.Webhook => 262_144, _ => 0,
    };

    /// <summary>Hosts of a kind; none for what may stand anywhere.</summary>
    public static IReadOnlyList<string> HostsOf(ChannelKind kind) => kind switch
    {
        ChannelKind.Slack => ["hooks.slack.com"],
        ChannelKind.Teams => ["*.logic.azure.com", "*.environment.api.powerplatform.com"],
        ChannelKind.DingTalk => ["oapi.dingtalk.com"],
        ChannelKind.Feishu => ["open.feishu.cn", "open.larksuite.com"],
        ChannelKind.WeCom => ["qyapi.weixin.qq.com"],
        _ => [],
    };
}
