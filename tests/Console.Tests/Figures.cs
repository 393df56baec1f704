using System.Diagnostics;
using System.Globalization;
using ExposureMonitor.Domain;
using Microsoft.Playwright;
using Xunit;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace ExposureMonitor.Console.Tests;

/// <summary>
/// The figures of a large book and of a long watch. In their short form they run with every test; <c>./test console</c> runs them with
/// 1,000,000 customers and for ten minutes (<c>EXPOSURE_CONSOLE_CUSTOMERS</c>, <c>EXPOSURE_CONSOLE_SECONDS</c>).
/// </summary>
[Collection(InBrowser.Name)]
public sealed class Figures(Browser browser, ITestOutputHelper log)
{
    /// <summary>The long form judges times as well; a short one beside other suites would judge the machine.</summary>
    private static readonly bool IsTimed = Environment.GetEnvironmentVariable("EXPOSURE_CONSOLE_SECONDS") is { Length: > 0 };

    private static readonly int Customers = Told("EXPOSURE_CONSOLE_CUSTOMERS", 20_000), Seconds = Told("EXPOSURE_CONSOLE_SECONDS", 10);

    /// <summary>Check 1.</summary>
    [BrowserFact]
    public async Task The_first_rows_of_a_large_book_are_there_soon()
    {
        await using var house = await House.OpenAsync();
        await FillAsync(house, Customers);
        // A person who is signed in comes back: a new context has no cache, only the cookie.
        await using var before = await Visit.OpenAsync(browser, house, "alice");
        var cookies = await before.Page.Context.CookiesAsync();
        await using var visit = await Visit.OpenAsync(browser, house, null, "/health/live");
        await visit.Page.Context.AddCookiesAsync(cookies.Select(c => new Cookie { Name = c.Name, Value = c.Value, Url = house.Address }));
        var bytes = 0L;
        var session = await visit.Page.Context.NewCDPSessionAsync(visit.Page);
        await session.SendAsync("Network.enable");
        session.Event("Network.dataReceived").OnEvent += (_, e) => Interlocked.Add(ref bytes, e!.Value.GetProperty("encodedDataLength").GetInt64());
        session.Event("Network.responseReceived").OnEvent += (_, e) => Interlocked.Add(ref bytes, e!.Value.GetProperty("response").GetProperty("encodedDataLength").GetInt64());
        var begun = Stopwatch.GetTimestamp();
        await visit.Page.GotoAsync("/board", new PageGotoOptions { WaitUntil = WaitUntilState.Commit });
        await visit.Page.WaitForFunctionAsync("() => document.querySelectorAll('[data-testid=row]').length >= 50");
        var painted = Stopwatch.GetElapsedTime(begun);
        await Expect(visit.At("total")).ToHaveAttributeAsync("data-value", Customers.ToString(CultureInfo.InvariantCulture));
        var kept = Stopwatch.GetTimestamp();
        for (var i = 0; i < 20; i++) await house.GetAsync("/board?size=50&sort=utilisation");
        var one = Stopwatch.GetElapsedTime(kept).TotalMilliseconds / 20;
        Row($"first 50 of {Customers:n0} customers painted, cold context", $"{painted.TotalSeconds:0.00} s", "2.5 s; 0.6 to 0.9 s");
        Row("transferred for it", $"{Interlocked.Read(ref bytes) / 1000} kB", "400 kB");
        Row("a page of the board, asked over HTTP", $"{one:0.0} ms", "");
        Assert.True(!IsTimed || painted.TotalSeconds < 2.5, $"{painted.TotalSeconds:0.00} s");
        Assert.True(Interlocked.Read(ref bytes) < 400_000, $"{Interlocked.Read(ref bytes)} bytes");
    }

    /// <summary>Check 15.</summary>
    [BrowserFact]
    public async Task A_long_watch_costs_no_memory_and_no_frames()
    {
        await using var house = await House.OpenAsync();
        await FillAsync(house, 5_000);
        await using var visit = await Visit.LiveAsync(browser, house, "alice");
        await visit.At("row").First.WaitForAsync();
        var viewer = await ViewerAsync(house);
        using var stop = new CancellationTokenSource();
        var (fed, feeder, fedFor) = (new long[1], FeedAsync(house, stop.Token), Stopwatch.StartNew());
        await Task.Delay(2_000);
        var (heap, nodes) = await MemoryAsync(visit);
        var cdp = await visit.Page.Context.NewCDPSessionAsync(visit.Page);
        await cdp.SendAsync("Performance.enable");
        await visit.Page.EvaluateAsync("""
            () => {
              Object.assign(window, { frames: 0, late: 0, longest: 0, shifts: 0, last: performance.now() });
              const tick = (now) => { window.frames++; const took = now - window.last; window.last = now; if (took > 25) window.late++; window.longest = Math.max(window.longest, took); requestAnimationFrame(tick); };
              requestAnimationFrame((now) => { window.last = now; requestAnimationFrame(tick); });
              new PerformanceObserver((l) => { for (const e of l.getEntries()) if (!e.hadRecentInput) window.shifts += e.value; }).observe({ type: "layout-shift", buffered: false });
            }
            """);
        var (busy, begun) = (await BusyAsync(cdp), Stopwatch.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(Seconds));
        var watched = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        busy = (await BusyAsync(cdp) - busy) / watched;
        var drawn = await visit.Page.EvaluateAsync<double[]>("() => [window.frames, window.late, window.longest, window.shifts]");
        var (frames, shifts) = (drawn[0] / watched, drawn[3]);
        await visit.Page.Keyboard.PressAsync("p");
        var paused = TimeSpan.FromMilliseconds(Math.Min(300_000, Seconds * 500));
        await Task.Delay(paused);
        var resumed = await visit.Page.EvaluateAsync<double>("() => new Promise((done) => { const at = performance.now(); document.querySelector('[data-testid=pause]').click(); requestAnimationFrame(() => setTimeout(() => done(performance.now() - at), 0)); })");
        await stop.CancelAsync();
        var count = await feeder;
        fedFor.Stop();
        var (heapAfter, nodesAfter) = await MemoryAsync(visit);
        var rate = count / fedFor.Elapsed.TotalSeconds;
        Row($"frames a second while {rate:0} events/s arrive, for {Seconds} s", $"{frames:0.0}", "60");
        Row("frames that came later than 25 ms, and the longest wait for one", $"{drawn[1] / Math.Max(1, drawn[0]) * 100:0.0} %, {drawn[2]:0} ms", "");
        Row("main thread of the page busy", $"{busy * 100:0} %", "");
        Row("layout shift meanwhile", $"{shifts:0.0000}", "0");
        Row("heap after forced collection", $"{heap / 1e6:0.0} to {heapAfter / 1e6:0.0} MB", "grows by less than 20 MB");
        Row("nodes of the document", $"{nodes} to {nodesAfter}", "within 5 %");
        Row($"resume after a pause of {paused.TotalSeconds:0} s", $"{resumed:0} ms", "200 ms");
        Row("an identical viewer more costs the server", $"{viewer / 1024:0} kB", "1 MB");
        Assert.True(heapAfter - heap < 20e6, $"heap {heap} to {heapAfter}");
        Assert.InRange(nodesAfter, nodes * 0.95, nodes * 1.05);
        Assert.True(!IsTimed || resumed < 200, $"{resumed} ms");
        Assert.True(viewer < 1024 * 1024, $"{viewer} bytes a viewer");
        Assert.True(shifts < 0.01, $"layout shift {shifts}");
        visit.NoComplaints();
        fed[0] = count;
    }

    /// <summary>Everything that reaches a browser, as it is sent: no screen and no language left out.</summary>
    [BrowserFact]
    public void The_whole_bundle_is_small()
    {
        var sizes = Directory.EnumerateFiles(Path.Combine(House.Dist, "assets")).Select(f => (Name: Path.GetFileName(f), Size: GZipped(f))).ToList();
        var all = sizes.Sum(s => s.Size);
        Row("bundle, gzip, all screens and both languages", $"{all / 1000.0:0.0} kB", "130 kB; 94 kB with one screen");
        Assert.True(all < 130_000, $"{all} bytes: {string.Join(", ", sizes.OrderByDescending(s => s.Size).Take(5))}");

        static long GZipped(string file)
        {
            using var to = new MemoryStream();
            using (var zip = new System.IO.Compression.GZipStream(to, System.IO.Compression.CompressionLevel.SmallestSize, leaveOpen: true)) zip.Write(File.ReadAllBytes(file));
            return to.Length;
        }
    }

    /// <summary>A line of the table that <c>./test console</c> ends with: figure, measured, target.</summary>
    private void Row(FormattableString figure, FormattableString measured, string target) => log.WriteLine($"| {figure.ToString(CultureInfo.InvariantCulture)} | {measured.ToString(CultureInfo.InvariantCulture)} | {target} |");

    private void Row(string figure, FormattableString measured, string target) => log.WriteLine($"| {figure} | {measured.ToString(CultureInfo.InvariantCulture)} | {target} |");

    /// <summary>Bytes that stay allocated on the server for each of twenty streams of a view that is computed already.</summary>
    private static async Task<double> ViewerAsync(House house)
    {
        await using var first = await house.StreamAsync("board,tiles");
        var before = Settled();
        var streams = new List<IAsyncDisposable>();
        for (var i = 0; i < 10; i++) streams.Add(await house.StreamAsync("board,tiles"));
        var cost = (Settled() - before) / 10.0;
        foreach (var stream in streams) await stream.DisposeAsync();
        return cost;

        static long Settled()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return GC.GetTotalMemory(forceFullCollection: true);
        }
    }

    private static int Told(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var told) ? told : otherwise;

    /// <summary>Seconds that the main thread of the page has worked.</summary>
    private static async Task<double> BusyAsync(ICDPSession cdp) =>
        (await cdp.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics").EnumerateArray().Single(m => m.GetProperty("name").GetString() == "TaskDuration").GetProperty("value").GetDouble();

    /// <summary>JS heap after a forced collection, and the nodes of the document.</summary>
    private static async Task<(double Heap, double Nodes)> MemoryAsync(Visit visit)
    {
        await visit.Page.EvaluateAsync("() => { gc(); gc(); }");
        return (await visit.Page.EvaluateAsync<double>("() => performance.memory.usedJSHeapSize"), await visit.Page.EvaluateAsync<double>("() => document.querySelectorAll('*').length"));
    }

    /// <summary>Customers with a limit and something open, told to the engine as facts.</summary>
    private static async Task FillAsync(House house, int customers)
    {
        var eur = Currency.Parse("EUR");
        var day = DateOnly.FromDateTime(DateTime.UtcNow).DayNumber;
        for (var from = 0; from < customers; from += 2_000)
        {
            var facts = new List<Fact>();
            for (var i = from; i < Math.Min(customers, from + 2_000); i++)
            {
                var id = i.ToString("'K'0000000", CultureInfo.InvariantCulture);
                Fact[] three =
                [
                    new CustomerOpened { Currency = eur, Profile = new CustomerProfile { Name = "Customer " + id, Segment = i % 2 == 0 ? "EAST" : "WEST", Country = "DE", Controller = "desk-" + (i % 9) } },
                    new LimitSet { Version = 1, Currency = eur, SetBy = "test", Steps = [new LimitStep { From = day - 30, Kind = LimitKind.Amount, Amount = 1_000_000 }] },
                    new InvoicePosted { InvoiceId = "F" + id, Amount = 1_000 + (long)i * 7_919 % 1_200_000, Currency = eur, IssuedOn = day - 10, DueOn = day + 20 },
                ];
                foreach (var (fact, n) in three.Select((f, n) => (f, n))) (fact.Customer, fact.EventId, fact.Source) = (id, $"{id}-{n}", "fill");
                facts.AddRange(three);
            }

            await house.Engine.SubmitBatchAsync(facts);
        }
    }

    /// <summary>Five thousand invoices a second, over all customers, until told to stop.</summary>
    private static async Task<long> FeedAsync(House house, CancellationToken stop)
    {
        var eur = Currency.Parse("EUR");
        var day = DateOnly.FromDateTime(DateTime.UtcNow).DayNumber;
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var (n, begun) = (0L, Stopwatch.GetTimestamp());
        try
        {
            while (await clock.WaitForNextTickAsync(stop))
            {
                var facts = new List<Fact>();
                // What a late tick has missed is caught up, so that the rate is what it says; never more than a second's worth at once.
                var due = Math.Min(5_000, (long)(Stopwatch.GetElapsedTime(begun).TotalSeconds * 5_000) - n);
                for (var i = 0; i < due; i++, n++)
                    facts.Add(new InvoicePosted { Customer = (n * 7_919 % 5_000).ToString("'K'0000000", CultureInfo.InvariantCulture), EventId = "w" + n, Source = "watch", InvoiceId = "W" + n, Amount = 100 + n % 900, Currency = eur, IssuedOn = day, DueOn = day + 30 });
                await house.Engine.SubmitBatchAsync(facts, CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            // How the feeder ends.
        }

        return n;
    }
}
