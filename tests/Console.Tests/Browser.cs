using Microsoft.Playwright;
using Xunit;

namespace ExposureMonitor.Console.Tests;

/// <summary>The installed Chromium, started once for all tests of the project.</summary>
public sealed class Browser : IAsyncLifetime
{
    /// <summary>Milliseconds for which a test waits for what it expects.</summary>
    public const float Patience = 30_000;

    private IPlaywright _playwright = null!;

    /// <summary>The browser of <c>EXPOSURE_CHROMIUM</c>, else that of PATH; <c>null</c> without one, or without a built console.</summary>
    public static string? Program { get; } = Environment.GetEnvironmentVariable("EXPOSURE_CHROMIUM") is { Length: > 0 } told ? told
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').SelectMany(f => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(n => Path.Combine(f, n))).FirstOrDefault(File.Exists);

    public IBrowser Chromium { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (Program is null) return;
        // Nobody who passes waits so long; a slow machine is no failure.
        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        Chromium = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            // In a container there is neither a sandbox nor much shared memory.
            ExecutablePath = Program, Args = ["--no-sandbox", "--disable-dev-shm-usage", "--js-flags=--expose-gc", "--font-render-hinting=none"],
        });
    }

    public async Task DisposeAsync()
    {
        if (Program is null) return;
        await Chromium.CloseAsync();
        _playwright.Dispose();
    }
}

/// <summary>A test in a real browser; without one, or without a built console, it says so loudly.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (Browser.Program is null) Skip = "SKIPPED: no Chromium on PATH (Debian: apt-get install chromium fonts-noto-cjk), and EXPOSURE_CHROMIUM names none.";
        else if (!File.Exists(Path.Combine(House.Dist, "index.html"))) Skip = "SKIPPED: the console is not built; Node is missing.";
    }
}

[CollectionDefinition(Name)]
public sealed class InBrowser : ICollectionFixture<Browser>
{
    public const string Name = "browser";
}
