using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ExposureMonitor.Domain;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using MimeKit.Utils;

namespace ExposureMonitor.Alerts;

/// <summary>
/// Sends by SMTP: AUTH only inside of TLS, certificates checked, text and HTML, one thread per alert. The Message-ID follows from the id of the
/// message, so that a repetition is one to every mail program.
/// </summary>
internal sealed class MailTransport(ChannelSettings settings, TimeProvider time) : ITransport
{
    private static readonly TimeSpan ConnectMax = TimeSpan.FromSeconds(3);

    private readonly MailSettings _mail = settings.Mail ?? throw new ArgumentException("An e-mail channel has settings of a mail server.", nameof(settings));
    private readonly Words _words = new(settings.Language);

    public async Task<Answer> SendAsync(OutMessage message, CancellationToken cancel)
    {
        if (_mail is { Tls: MailTls.None, User.Length: > 0 }) return new Answer(AnswerKind.Unhealthy, "AUTH without TLS would show the password to everybody");
        using var client = new SmtpClient { Timeout = (int)settings.Timeout.TotalMilliseconds, CheckCertificateRevocation = false, ServerCertificateValidationCallback = IsTrusted };
        using var whole = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        whole.CancelAfter(settings.Timeout);
        var sending = false;
        try
        {
            var tls = _mail.Tls switch { MailTls.StartTls => SecureSocketOptions.StartTls, MailTls.Implicit => SecureSocketOptions.SslOnConnect, _ => SecureSocketOptions.None };
            await ConnectAsync(client, tls, whole.Token);
            if (_mail.User.Length > 0) await client.AuthenticateAsync(_mail.User, _mail.Password, whole.Token);
            using var mime = Compose(message, _mail, client.MaxSize);
            sending = true;
            var told = await client.SendAsync(mime, whole.Token);
            sending = false;
            await EndAsync(client, whole.Token);
            return new Answer(AnswerKind.Delivered, Escapes.Answer("250 " + told, ""));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new Answer(sending ? AnswerKind.Unknown : AnswerKind.NotSent, $"no answer in {settings.Timeout.TotalSeconds:0} s");
        }
        catch (TimeoutException late)
        {
            // The library's own clock may be the first to lose patience.
            return new Answer(sending ? AnswerKind.Unknown : AnswerKind.NotSent, Escapes.Answer(late.Message, ""));
        }
        catch (SmtpCommandException refused)
        {
            var code = (int)refused.StatusCode;
            var text = Escapes.Answer($"{code} {refused.Message}", "");
            if (code is 552 or 523) return new Answer(AnswerKind.TooLarge, text);
            if (code is 530 or 534 or 535 or 538) return new Answer(AnswerKind.Unhealthy, text);
            return new Answer(code is >= 400 and < 500 ? AnswerKind.NotSent : AnswerKind.Malformed, text);
        }
        catch (AuthenticationException wrong)
        {
            return new Answer(AnswerKind.Unhealthy, Escapes.Answer("AUTH: " + wrong.Message, ""));
        }
        catch (NotSupportedException missing)
        {
            return new Answer(AnswerKind.Unhealthy, Escapes.Answer(missing.Message, ""));
        }
        catch (SslHandshakeException untrusted)
        {
            return new Answer(AnswerKind.NotSent, Escapes.Answer("TLS: " + untrusted.Message.Split('\n')[0], ""));
        }
        catch (Exception cut) when (cut is IOException or ProtocolException or System.Net.Sockets.SocketException or ServiceNotConnectedException)
        {
            return new Answer(sending ? AnswerKind.Unknown : AnswerKind.NotSent, Escapes.Answer(cut.Message, ""));
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>As over HTTP: a host that does not answer at all is not waited for as long as a mail may take.</summary>
    private async Task ConnectAsync(SmtpClient client, SecureSocketOptions tls, CancellationToken cancel)
    {
        using var dialling = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        dialling.CancelAfter(ConnectMax);
        var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(_mail.Host, _mail.Port, dialling.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            socket.Dispose();
            throw new TimeoutException($"no connection in {ConnectMax.TotalSeconds:0} s");
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        await client.ConnectAsync(socket, _mail.Host, _mail.Port, tls, cancel);
    }

    /// <summary>The mail has been taken: how the connection ends changes nothing about that.</summary>
    private static async Task EndAsync(SmtpClient client, CancellationToken cancel)
    {
        try
        {
            await client.DisconnectAsync(quit: true, cancel);
        }
        catch (Exception ended) when (ended is IOException or ProtocolException or OperationCanceledException or System.Net.Sockets.SocketException or SmtpCommandException)
        {
            // As said.
        }
    }

    /// <summary>The mail; items that the server's greatest size leaves no room for are counted.</summary>
    internal MimeMessage Compose(OutMessage message, MailSettings mail, uint sizeMax)
    {
        if (message.Items is [{ Alert: { Letter: { } letter, Contact: { } contact } told }]) return Compose(letter, contact, told, message, mail);
        var text = MessageText.Of(message, _words, settings.Links);
        var mime = new MimeMessage();
        mime.From.Add(MailboxAddress.Parse(mail.From));
        foreach (var to in mail.To) mime.To.Add(MailboxAddress.Parse(to));
        mime.Subject = text.Title;
        mime.Date = time.GetUtcNow();
        var host = mime.From.Mailboxes.First().Domain;
        mime.MessageId = $"{Hash(message.Id)}@{host}";
        // A thread has a root that nobody has received: the first mail of an alert may have told of others, too.
        var root = $"thread.{Hash(message.Items.Count == 1 ? message.Items[0].Alert.Id : message.GroupKey.Length > 0 ? message.GroupKey : message.Id)}@{host}";
        mime.InReplyTo = root;
        mime.References.Add(root);
        mime.Headers.Add("Auto-Submitted", "auto-generated");
        mime.Headers.Add("X-Exposure-Id", message.Id);
        // Base64 grows by a third, and everything stands in there twice.
        var room = sizeMax == 0 ? int.MaxValue : (int)Math.Min(int.MaxValue, sizeMax / 4);
        var mark = message.IsRepeat ? 0 : Fitting.Bytes(_words.RepeatMark);
        var kept = Fitting.Most(text.Most, room - mark, k => Fitting.Bytes(Html(text, k)));
        mime.Body = new MultipartAlternative
        {
            new TextPart("plain") { Text = Plain(text, kept), ContentTransferEncoding = ContentEncoding.Base64 },
            new TextPart("html") { Text = Html(text, kept), ContentTransferEncoding = ContentEncoding.Base64 },
        };
        return mime;
    }

    /// <summary>A letter to a customer: to him alone, in his language, and nothing in it that is meant for the own house.</summary>
    private MimeMessage Compose(Letter letter, LetterContact contact, Alert told, OutMessage message, MailSettings mail)
    {
        var text = LetterText.Of(letter, contact.Name.Length > 0 ? contact.Name : told.Name.Length > 0 ? told.Name : letter.Customer);
        var mime = new MimeMessage();
        mime.From.Add(MailboxAddress.Parse(mail.From));
        mime.To.Add(MailboxAddress.Parse(contact.Email));
        // Answers go to people, not to the machine that sent it.
        mime.ReplyTo.AddRange(mail.To.Select(MailboxAddress.Parse));
        mime.Subject = text.Subject;
        mime.Date = time.GetUtcNow();
        mime.MessageId = $"{Hash(message.Id)}@{mime.From.Mailboxes.First().Domain}";
        mime.Headers.Add("Auto-Submitted", "auto-generated");
        mime.Headers.Add("X-Exposure-Id", message.Id);
        mime.Body = new MultipartAlternative
        {
            new TextPart("plain") { Text = text.Plain, ContentTransferEncoding = ContentEncoding.Base64 },
            new TextPart("html") { Text = text.Html, ContentTransferEncoding = ContentEncoding.Base64 },
        };
        return mime;
    }

    private string Plain(MessageText text, int kept)
    {
        List<string> lines = [text.Title, "", .. text.Items.Take(kept).Select(i => "- " + i.Line)];
        if (kept < text.Items.Count) lines.Add(_words.More(text.Left(kept)));
        lines.AddRange(text.Details);
        if (text.Standing.Length > 0) lines.Add(text.Standing);
        if (text.Link is { } link) lines.AddRange(["", link]);
        lines.AddRange(["", "-- ", text.Footer]);
        return string.Join("\r\n", lines);
    }

    private string Html(MessageText text, int kept)
    {
        var colour = text.IsGood ? "#1a7f37" : text.Worst switch { Severity.Critical => "#8a1538", Severity.High => "#c62a20", Severity.Medium => "#b35900", _ => "#0b5cad" };
        var html = new StringBuilder($"<html><body style=\"font-family:sans-serif;font-size:14px;color:#1b1f24\"><p style=\"border-left:4px solid {colour};padding-left:10px;font-weight:bold\">{Escapes.Html(text.Title)}</p>");
        if (text.Items.Count > 0)
        {
            html.Append("<ul>");
            foreach (var (line, _) in text.Items.Take(kept)) html.Append("<li>").Append(Escapes.Html(line)).Append("</li>\n");
            html.Append("</ul>");
            if (kept < text.Items.Count) html.Append("<p>").Append(Escapes.Html(_words.More(text.Left(kept)))).Append("</p>");
        }

        foreach (var line in text.Details) html.Append("<p style=\"margin:4px 0\">").Append(Escapes.Html(line)).Append("</p>\n");
        if (text.Standing.Length > 0) html.Append("<p>").Append(Escapes.Html(text.Standing)).Append("</p>");
        if (text.Link is { } link) html.Append("<p><a href=\"").Append(Escapes.Html(link)).Append("\">").Append(Escapes.Html(_words.Open)).Append("</a></p>");
        return html.Append("<p style=\"color:#57606a;font-size:12px\">").Append(Escapes.Html(text.Footer)).Append("</p></body></html>").ToString();
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        return _mail.CertificateSha256.Length > 0 && certificate is not null && Convert.ToHexString(certificate.GetCertHash(HashAlgorithmName.SHA256)).Equals(_mail.CertificateSha256.Replace(":", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
    }
}
