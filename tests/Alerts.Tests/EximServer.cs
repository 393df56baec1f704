using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MimeKit;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>Needs Debian's mail server, and root to start it; skipped loudly without.</summary>
public sealed class EximFactAttribute : FactAttribute
{
    public EximFactAttribute()
    {
        if (!EximServer.CanRun) Skip = "SKIPPED: no exim4 here, or not root (apt-get install exim4-daemon-light)";
    }
}

/// <summary>A real mail server on the loopback: Debian's Exim with STARTTLS and TLS, AUTH only inside of them, and a mailbox that the test reads.</summary>
internal sealed class EximServer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/exim4", User = "Debian-exim";

    private readonly string _folder = Directory.CreateTempSubdirectory("exposure-exim-").FullName;
    private Process? _process;

    internal static bool CanRun => File.Exists(Program) && Environment.UserName == "root";

    internal int StartTlsPort { get; private set; }

    internal int TlsPort { get; private set; }

    internal string CertificateSha256 { get; private set; } = "";

    internal static async Task<EximServer> StartAsync()
    {
        var server = new EximServer();
        server.Prepare();
        var start = new ProcessStartInfo(Program, ["-C", $"{server._folder}/exim.conf", "-bdf"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        server._process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await AnswersAsync(server.TlsPort)) await often.WaitForNextTickAsync(patience.Token);
        return server;
    }

    /// <summary>Mails that it has put into the mailbox.</summary>
    internal async Task<IReadOnlyList<MimeMessage>> MailsAsync(int atLeast)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var box = $"{_folder}/mail/new";
        while (!Directory.Exists(box) || Directory.GetFiles(box).Length < atLeast) await often.WaitForNextTickAsync(patience.Token);
        return [.. Directory.GetFiles(box).Select(f => MimeMessage.Load(f)).OrderBy(m => m.Date)];
    }

    /// <summary>What it wrote down of what it took: the server's own truth about what was sent.</summary>
    internal string Log => File.ReadAllText($"{_folder}/mainlog");

    public ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private void Prepare()
    {
        (StartTlsPort, TlsPort) = (FreePort.Next(), FreePort.Next());
        using var key = RSA.Create(2_048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        CertificateSha256 = Convert.ToHexString(certificate.GetCertHash(HashAlgorithmName.SHA256));
        File.WriteAllText($"{_folder}/cert.pem", certificate.ExportCertificatePem());
        File.WriteAllText($"{_folder}/key.pem", key.ExportPkcs8PrivateKeyPem());
        Directory.CreateDirectory($"{_folder}/spool");
        File.WriteAllText($"{_folder}/exim.conf", Configuration);
        using var owned = Process.Start("chown", ["-R", User, _folder]);
        owned.WaitForExit();
        // Exim trusts no configuration that others may write.
        using var root = Process.Start("chown", ["root", $"{_folder}/exim.conf"]);
        root.WaitForExit();
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private string Configuration => $$$"""
        primary_hostname = localhost
        exim_user = {{{User}}}
        exim_group = {{{User}}}
        spool_directory = {{{_folder}}}/spool
        log_file_path = {{{_folder}}}/%slog
        pid_file_path = {{{_folder}}}/pid
        keep_environment =
        daemon_smtp_ports = {{{StartTlsPort}}} : {{{TlsPort}}}
        local_interfaces = 127.0.0.1
        tls_on_connect_ports = {{{TlsPort}}}
        tls_certificate = {{{_folder}}}/cert.pem
        tls_privatekey = {{{_folder}}}/key.pem
        tls_advertise_hosts = *
        auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
        message_size_limit = 64K
        acl_smtp_rcpt = rcpt
        host_lookup =
        rfc1413_query_timeout = 0s
        begin acl
        rcpt:
          deny message = no such user
               local_parts = nobody-there
          defer message = come back later
               local_parts = later
          accept authenticated = *
          deny message = log in first
        begin routers
        all:
          driver = accept
          transport = keep
        begin transports
        keep:
          driver = appendfile
          directory = {{{_folder}}}/mail
          maildir_format
          create_directory
          user = {{{User}}}
        begin authenticators
        plain:
          driver = plaintext
          public_name = PLAIN
          server_prompts = :
          server_condition = ${if and {{eq{$auth2}{desk}} {eq{$auth3}{geheim}} } }
          server_set_id = $auth2

        """;
}
