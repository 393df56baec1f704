using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using ExposureMonitor.Engine;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure anchors</c>: what is kept outside of the database, so that a cut tail or a restored backup shows.</summary>
internal static class AnchorsCommand
{
    internal static Command Build() => new("anchors", "Anchors outside of the database: the key that signs them, and what they hold.") { Key(), List() };

    internal static Option<string[]> Places() => new("--anchors")
    {
        Description = "A directory for anchors, best on another machine; name two that do not fail together.", AllowMultipleArgumentsPerToken = true,
    };

    internal static Option<string?> PrivateKey() => new("--anchor-key") { Description = "The private key that signs anchors (exposure anchors key). The database's user must not be able to read it." };

    internal static Option<string?> PublicKey() => new("--anchor-key") { Description = "The public key that anchors were signed for (.pub.pem); without it signatures are not checked." };

    internal static Option<bool> AcceptRestored() => new("--accept-restored")
    {
        Description = "Serve a database that is behind its anchors: what came after is lost, and Kafka's records are read again from where it stands.",
    };

    /// <summary>Starts the keeper of a service; <c>null</c> where no place is named.</summary>
    internal static async Task<AnchorKeeping?> StartAsync(string database, string[]? places, string? keyFile, bool acceptRestored, CancellationToken cancel)
    {
        if (places is not { Length: > 0 })
            return keyFile is null && !acceptRestored ? null : throw new ArgumentException("--anchor-key and --accept-restored mean something with --anchors only.");
        if (keyFile is null) throw new ArgumentException("--anchors: who signs them? Make a key with: exposure anchors key --out anchor.pem, then name it with --anchor-key anchor.pem.");
        Action<string> tell = line => Console.Error.WriteLine("exposure: " + line);
        if (places.Length == 1) tell("anchors: one place only; whoever owns it can still lie. Name a second --anchors.");
        var reader = await Common.ReaderAsync(database, cancel);
        var key = ReadKey(keyFile);
        try
        {
            return new AnchorKeeping(await AnchorKeeper.StartAsync(reader, reader.Database, places, key, acceptRestored, TimeProvider.System, tell, cancel), reader, key);
        }
        catch (Exception failed)
        {
            key.Dispose();
            await reader.DisposeAsync();
            if (failed is not HistoryCutException cut) throw;
            throw new InvalidOperationException($"{cut.Message} Nothing is decided on it. If it is the database that you mean, start once with --accept-restored; "
                + "then reconcile what was told after that moment (answers and messages carry partition and sequence).", cut);
        }
    }

    /// <summary>What the places hold, for <c>verify</c>.</summary>
    internal static AnchorHistory? Read(string[]? places, string? keyFile, string environment)
    {
        if (places is not { Length: > 0 }) return keyFile is null ? null : throw new ArgumentException("--anchor-key means something with --anchors only.");
        foreach (var missing in places.Where(p => !Directory.Exists(p))) throw new ArgumentException($"--anchors: there is no directory {missing}.");
        using var key = keyFile is null ? null : ReadKey(keyFile);
        return AnchorHistory.Read(places, environment, key);
    }

    private static Command Key()
    {
        var file = new Option<string>("--out") { Description = "File of the private key; the public one stands beside it.", DefaultValueFactory = _ => "anchor.pem" };
        var json = Common.Json();
        var command = new Command("key", "Makes the pair of keys that signs and checks anchors.") { file, json }.Examples("exposure anchors key --out /etc/exposure/anchor.pem");
        command.SetAction((parsed, _) => Common.RunAsync(async () =>
        {
            var path = parsed.GetValue(file)!;
            var open = Path.Combine(Path.GetDirectoryName(path) ?? "", Path.GetFileNameWithoutExtension(path) + ".pub.pem");
            if (File.Exists(path) || File.Exists(open)) throw new InvalidOperationException($"{(File.Exists(path) ? path : open)} exists; a key that signed anchors is never replaced.");
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using (var writer = new StreamWriter(path, options)) await writer.WriteLineAsync(key.ExportPkcs8PrivateKeyPem());
            await File.WriteAllTextAsync(open, key.ExportSubjectPublicKeyInfoPem() + "\n", CancellationToken.None);
            Common.Print(parsed.GetValue(json), new { privateKey = path, publicKey = open }, () => Console.WriteLine($"{path} signs: exposure serve --anchors <directory> --anchor-key {path}\n{open} checks: exposure verify --anchors <directory> --anchor-key {open}"));
            return 0;
        }));
        return command;
    }

    private static Command List()
    {
        var (database, json, places, key) = (Common.Database(), Common.Json(), Places(), PublicKey());
        places.Required = true;
        var command = new Command("list", "Reads the anchors, proves that they are one chain, and shows the newest.") { database, places, key, json }.Examples("exposure anchors list --anchors /mnt/anchors --anchor-key anchor.pub.pem");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            await using var reader = await Common.ReaderAsync(parsed.GetValue(database)!, cancel);
            var history = Read(parsed.GetValue(places), parsed.GetValue(key), reader.Database.EnvironmentId)!;
            var newest = history.Newest;
            Common.Print(parsed.GetValue(json), new { history.Count, history.Restored, history.Notes, newest = newest is null ? null : new { newest.Number, newest.At, heads = newest.Heads.Select(h => new { h.Partition, h.Epoch, h.Seq, hash = Convert.ToHexStringLower(h.Hash) }) } }, () =>
            {
                foreach (var note in history.Notes) Console.WriteLine(note);
                if (newest is null) Console.WriteLine("no anchors");
                else Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{history.Count} anchors, the newest {newest.Number} of {newest.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z with {newest.Heads.Count} partitions{(parsed.GetValue(key) is null ? "; signatures not checked (--anchor-key)" : ", signed")}"));
            });
            return 0;
        }));
        return command;
    }

    internal static ECDsa ReadKey(string file)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            return key;
        }
        catch (Exception wrong) when (wrong is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new InvalidOperationException($"--anchor-key: {file} holds no key of exposure anchors key.", wrong);
        }
    }
}

/// <summary>A keeper with the reader and the key that it lives on.</summary>
internal sealed class AnchorKeeping(AnchorKeeper keeper, IAsyncDisposable reader, ECDsa key) : IAsyncDisposable
{
    internal AnchorKeeper Keeper => keeper;

    public async ValueTask DisposeAsync()
    {
        await keeper.DisposeAsync();
        await reader.DisposeAsync();
        key.Dispose();
    }
}
