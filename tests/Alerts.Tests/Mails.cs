using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using MimeKit;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>E-mail through a real server with TLS and AUTH.</summary>
public sealed class Mails
{
    [EximFact]
    public async Task A_mail_arrives_by_starttls_and_by_tls_with_text_html_and_a_thread()
    {
        await using var server = await EximServer.StartAsync();
        foreach (var (port, tls) in ((int, MailTls)[])[(server.StartTlsPort, MailTls.StartTls), (server.TlsPort, MailTls.Implicit)])
        {
            await using var mail = Transports.Of(Settings(server, port, tls));
            var answer = await mail.SendAsync(Samples.Message(1) with { Id = $"C-1/EW-01//4/1#raised#{port}" }, CancellationToken.None);
            Assert.True(answer.Kind == AnswerKind.Delivered, answer.Text);
            Assert.StartsWith("250", answer.Text, StringComparison.Ordinal);
        }

        var got = await server.MailsAsync(2);
        Assert.All(got, m =>
        {
            Assert.Equal("[高] C-1 华东机电设备有限公司：超额，使用率 104%（1,040,000 / 1,000,000 CNY）", m.Subject);
            Assert.Contains("解除条件：额度使用率回落到该档减去回差以下", m.TextBody!, StringComparison.Ordinal);
            Assert.Contains("<a href=\"https://exposure.example/alerts/C-1%2FEW-01%2F%2F4%2F1\">", m.HtmlBody!, StringComparison.Ordinal);
            Assert.Equal("auto-generated", m.Headers["Auto-Submitted"]);
        });
        Assert.Equal(2, got.Select(m => m.MessageId).Distinct().Count());
        Assert.Single(got.Select(m => m.InReplyTo).Distinct());
        Assert.Contains("A=plain:desk", server.Log, StringComparison.Ordinal);
    }

    [EximFact]
    public async Task A_repetition_has_the_same_message_id_and_a_hostile_name_adds_no_header()
    {
        await using var server = await EximServer.StartAsync();
        await using var mail = Transports.Of(Settings(server, server.StartTlsPort));
        var message = Samples.Message(1);
        var item = message.Items[0];
        message = message with { Items = [item with { Alert = item.Alert with { Name = "x\r\nBcc: evil@example.com\r\n\r\n<script>alert(1)</script>" } }] };
        await mail.SendAsync(message, CancellationToken.None);
        await mail.SendAsync(message with { IsRepeat = true }, CancellationToken.None);
        var got = await server.MailsAsync(2);
        Assert.Single(got.Select(m => m.MessageId).Distinct());
        Assert.All(got, m => Assert.Empty(m.Bcc));
        Assert.All(got, m => Assert.DoesNotContain("<script>", m.HtmlBody!, StringComparison.Ordinal));
        Assert.Contains(got, m => m.TextBody!.Contains("重发 · ", StringComparison.Ordinal));
    }

    [EximFact]
    public async Task What_the_server_says_means_what_the_specification_says()
    {
        await using var server = await EximServer.StartAsync();
        var good = Settings(server, server.StartTlsPort);
        Assert.Equal(AnswerKind.Malformed, (await SendAsync(good with { Mail = good.Mail! with { To = ["nobody-there@example.com"] } })).Kind);
        Assert.Equal(AnswerKind.NotSent, (await SendAsync(good with { Mail = good.Mail! with { To = ["later@example.com"] } })).Kind);
        Assert.Equal(AnswerKind.Unhealthy, (await SendAsync(good with { Mail = good.Mail! with { Password = "wrong" } })).Kind);
        // A certificate that nobody vouches for, and a password that would go in clear text.
        var untrusted = await SendAsync(good with { Mail = good.Mail! with { CertificateSha256 = "" } });
        Assert.True(untrusted.Kind == AnswerKind.NotSent && untrusted.Text.StartsWith("TLS", StringComparison.Ordinal), untrusted.ToString());
        Assert.Equal(AnswerKind.Unhealthy, (await SendAsync(good with { Mail = good.Mail! with { Tls = MailTls.None } })).Kind);
        Assert.Equal(AnswerKind.NotSent, (await SendAsync(good with { Mail = good.Mail! with { Port = 1 } })).Kind);
        // The server takes no more than 64 KiB; the list is cut and says so.
        Assert.Equal(AnswerKind.Delivered, (await SendAsync(good, 2_000)).Kind);
        Assert.Matches("另有 [0-9]+ 条", (await server.MailsAsync(1))[0].TextBody!);

        static async Task<Answer> SendAsync(ChannelSettings settings, int count = 1)
        {
            await using var mail = Transports.Of(settings);
            return await mail.SendAsync(Samples.Message(count), CancellationToken.None);
        }
    }

    [EximFact]
    public async Task The_record_says_what_the_servers_own_log_says()
    {
        await using var server = await EximServer.StartAsync();
        var settings = Settings(server, server.TlsPort, MailTls.Implicit) with { Rules = VendorDefaults.RulesOf(ChannelKind.Email) with { Rates = [new Rate(20, TimeSpan.FromSeconds(1))] } };
        await using var desk = await Desk.StartAsync(Plans.Of(TimeProvider.System, TimeSpan.Zero, settings));
        for (var i = 0; i < 8; i++)
        {
            await desk.RaiseAsync($"C-{i}");
            await desk.EndedAsync(i + 1);
        }

        var rows = await desk.EndedAsync(8);
        Assert.All(rows, r => Assert.Equal(DeliveryState.Delivered, r.State));
        var got = await server.MailsAsync(8);
        Assert.Equal(rows.Select(r => r.MessageId).Order(StringComparer.Ordinal), got.Select(m => m.Headers["X-Exposure-Id"]).Order(StringComparer.Ordinal));
        Assert.Equal(8, server.Log.Split('\n').Count(l => l.Contains(" <= desk@", StringComparison.Ordinal)));
    }

    [Fact]
    public void No_line_of_a_mail_is_longer_than_the_protocol_allows()
    {
        using var mime = new MailTransport(new ChannelSettings { Name = "m", Kind = ChannelKind.Email, Language = Language.Chinese, Mail = Mail("mail.example", 587) }, TimeProvider.System).Compose(Samples.Message(3_000), Mail("mail.example", 587), 0);
        using var bytes = new MemoryStream();
        mime.WriteTo(FormatOptions.Default, bytes);
        Assert.All(System.Text.Encoding.ASCII.GetString(bytes.ToArray()).Split('\n'), line => Assert.InRange(line.Length, 0, 900));
    }

    private static ChannelSettings Settings(EximServer server, int port, MailTls tls = MailTls.StartTls) => new()
    {
        Name = "mail", Kind = ChannelKind.Email, Language = Language.Chinese, Links = new ConsoleLinks(new Uri("https://exposure.example/")), Timeout = TimeSpan.FromSeconds(10),
        Mail = Mail("127.0.0.1", port) with { Tls = tls, User = "desk", Password = "geheim", CertificateSha256 = server.CertificateSha256 },
    };

    private static MailSettings Mail(string host, int port) => new() { Host = host, Port = port, From = "Credit desk <desk@exposure.example>", To = ["controller@example.com"] };
}
