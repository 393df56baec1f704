using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ExposureMonitor.Api;

/// <summary>
/// The files of the console, read once into memory with what a browser takes compressed. Hashed names never change, the page itself is
/// never kept. Without a built console the page says how to build it.
/// </summary>
public sealed class ConsoleFiles
{
    /// <summary>
    /// What a page may do: run and style itself from here, talk to here, and nothing else. No exception for a library: charts set their
    /// styles through the object model, and nothing makes markup out of text.
    /// </summary>
    internal const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; "
        + "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";

    private static readonly Dictionary<string, string> Media = new(StringComparer.OrdinalIgnoreCase)
    {
        [".html"] = "text/html; charset=utf-8", [".js"] = "text/javascript; charset=utf-8", [".css"] = "text/css; charset=utf-8", [".svg"] = "image/svg+xml", [".png"] = "image/png",
        [".json"] = "application/json", [".ico"] = "image/x-icon", [".txt"] = "text/plain; charset=utf-8",
    };

    private readonly Dictionary<string, File_> _files = new(StringComparer.Ordinal);

    private sealed record File_(string Type, byte[] Plain, byte[] Brotli, byte[] Gzip, bool IsHashed);

    private ConsoleFiles()
    {
    }

    /// <summary>True when a console was built.</summary>
    public bool IsBuilt => _files.ContainsKey("/index.html");

    /// <summary>The console beside the program, or in a folder that is named.</summary>
    public static ConsoleFiles Load(string? folder = null)
    {
        var files = new ConsoleFiles();
        var root = folder ?? Path.Combine(AppContext.BaseDirectory, "wwwroot");
        if (!Directory.Exists(root)) return files;
        foreach (var path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            if (!Media.TryGetValue(Path.GetExtension(path), out var type)) continue;
            var bytes = File.ReadAllBytes(path);
            var name = "/" + Path.GetRelativePath(root, path).Replace('\\', '/');
            files._files[name] = new File_(type, bytes, Packed(bytes, s => new BrotliStream(s, CompressionLevel.SmallestSize)), Packed(bytes, s => new GZipStream(s, CompressionLevel.SmallestSize)),
                name.StartsWith("/assets/", StringComparison.Ordinal));
        }

        return files;
    }

    /// <summary>
    /// Answers a file, and to whoever wants a page the page, whose script then reads the address. Everything else goes on to the API:
    /// an address that is none is told in its own words there.
    /// </summary>
    internal Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var path = http.Request.Path.Value ?? "/";
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method)) return next(http);
        if (_files.TryGetValue(path, out var file)) return Send(http, file).ExecuteAsync(http);
        var isPage = !path.StartsWith("/api", StringComparison.Ordinal) && path is not ("/metrics" or "/health/live" or "/health/ready") && !Media.ContainsKey(Path.GetExtension(path))
            && http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);
        if (!isPage) return next(http);
        return (_files.TryGetValue("/index.html", out var page) ? Send(http, page) : Missing(http)).ExecuteAsync(http);
    }

    private static IResult Send(HttpContext http, File_ file)
    {
        http.Response.Headers.ContentSecurityPolicy = Policy;
        http.Response.Headers.CacheControl = file.IsHashed ? "public, max-age=31536000, immutable" : "no-cache";
        http.Response.Headers.Vary = "Accept-Encoding";
        var takes = http.Request.Headers.AcceptEncoding.ToString();
        var (encoding, bytes) = takes.Contains("br", StringComparison.Ordinal) ? ("br", file.Brotli) : takes.Contains("gzip", StringComparison.Ordinal) ? ("gzip", file.Gzip) : ("", file.Plain);
        if (encoding.Length > 0) http.Response.Headers.ContentEncoding = encoding;
        return Results.Bytes(bytes, file.Type);
    }

    private static IResult Missing(HttpContext http)
    {
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        return Results.Text("""
            <!doctype html><html lang="en"><meta charset="utf-8"><title>ExposureMonitor</title>
            <h1>The console is not built</h1>
            <p>This service runs and its API answers at <code>/api/v1</code>, but it was built without Node.
            Install Node 20.19 or later (on Debian: <code>apt-get install nodejs npm</code>) and run <code>./run</code> again,
            or <code>dotnet build src/Standalone -p:BuildConsole=true</code>.</p></html>
            """, "text/html; charset=utf-8", Encoding.UTF8, 503);
    }

    private static byte[] Packed(byte[] bytes, Func<Stream, Stream> pack)
    {
        using var packed = new MemoryStream();
        using (var stream = pack(packed)) stream.Write(bytes);
        return packed.ToArray();
    }
}
