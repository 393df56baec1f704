using System.Globalization;

namespace ExposureMonitor.Chaos.Alerting;

/// <summary>Who is told of what: the file that the service gets, and the same once more for the judge.</summary>
internal static class AlertRoutes
{
    private static readonly string[] Default = ["slack", "teams", "feishu"], Everybody = ["slack", "teams", "feishu", "wecom", "mail", "erp"], Critical = ["slack", "mail"], Ladder = ["dingtalk", "erp"];

    /// <summary>The name of a vendor's channel.</summary>
    internal static string ChannelOf(Vendor vendor) => vendor == Vendor.Webhook ? "erp" : vendor.ToString().ToLowerInvariant();

    /// <summary>Channels that have to hear of an alert when it is raised.</summary>
    internal static IReadOnlyList<string> Of(string rule, string severity) => severity is "INFO" or "LOW" ? [] : severity == "CRIT" ? Critical : rule switch { "EW-01" => Ladder, "HOLD" => Everybody, _ => Default };

    /// <summary>A file with all channels, for the run or for somebody who tries them.</summary>
    internal static string Yaml(IEnumerable<VendorServer> servers, int mailPort, bool withRoutes)
    {
        var text = new System.Text.StringBuilder("link: https://exposure.example\nchannels:\n");
        foreach (var server in servers)
        {
            var secret = server.Vendor is Vendor.DingTalk or Vendor.Feishu or Vendor.Webhook ? $"    secret: {server.Secret}\n" : "";
            var language = server.Vendor is Vendor.DingTalk or Vendor.Feishu or Vendor.WeCom ? "zh" : "en";
            // The run cannot wait for ten minutes each time that a vendor wants to be left alone.
            var rest = server.Vendor == Vendor.DingTalk && withRoutes ? "    rest: 25s\n" : "";
            text.Append(CultureInfo.InvariantCulture, $"""
                  {ChannelOf(server.Vendor)}:
                    type: {server.Vendor.ToString().ToLowerInvariant()}
                    language: {language}
                    url: {server.Url}
                {secret}{rest}    timeout: {(withRoutes ? "3s" : "10s")}
                    allow_http: true
                    allow_networks: [127.0.0.0/8]

                """);
        }

        text.Append(CultureInfo.InvariantCulture, $"""
              mail:
                type: email
                host: 127.0.0.1
                port: {mailPort}
                tls: none
                timeout: {(withRoutes ? "3s" : "10s")}
                from: Credit desk <desk@exposure.example>
                to: [controller@example.com]

            """);
        if (!withRoutes) return text.ToString();
        return text.Append(CultureInfo.InvariantCulture, $"""
            route:
              to: [{string.Join(", ", Default)}]
              group_wait: 2s
              group_interval: 10s
              repeat_interval: 4h
              routes:
                - match: ['severity=~"INFO|LOW"']
                  to: []
                - match: ['severity="CRIT"']
                  to: [{string.Join(", ", Critical)}]
                  next: [erp]
                  next_after: 1m
                - match: ['alertname="EW-01"']
                  to: [{string.Join(", ", Ladder)}]
                - match: ['alertname="HOLD"']
                  to: [{string.Join(", ", Everybody)}]

            """).ToString();
    }
}
