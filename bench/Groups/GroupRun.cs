using System.Collections.Concurrent;
using System.Diagnostics;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;

/// <summary>One measured group on a fresh database.</summary>
/// <param name="used">Percent of the limit that is kept by approved checks at any moment; the oldest are given back for new ones.</param>
internal sealed class GroupRun(string address, int members, bool isZipf, int callers, int seconds, int used)
{
    private const long Amount = 100, Kept = 2_000;
    private static readonly Currency Eur = Currency.Parse("EUR");
    private readonly double[] _weights = Weights(members, isZipf);
    private readonly ConcurrentQueue<(string Member, string Reservation)> _kept = new();

    internal double AskedShare { get; private set; }

    internal double AskedP99 { get; private set; }

    internal double P99 { get; private set; }

    internal double PerSecond { get; private set; }

    internal double ApprovedShare { get; private set; }

    internal async Task GoAsync()
    {
        var limit = Kept * Amount * 100 / used;
        await JournalFactory.CreateAsync(address, new DatabaseInfo("bench", "EUR", 16, "wall", "UTC", false));
        await using (var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(address, offline: true)))
        {
            await engine.StartAsync();
            await engine.SubmitBatchAsync(
            [
                new CustomerOpened { Customer = "P", EventId = "kP", Source = "bench", Currency = Eur },
                new LimitSet { Customer = "P", EventId = "lP", Source = "bench", Version = 1, Currency = Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = limit }] },
                .. Enumerable.Range(0, members).Select(n => new CustomerOpened { Customer = "M" + n, EventId = "kM" + n, Source = "bench", Currency = Eur, Profile = new CustomerProfile { ParentId = "P" } }),
            ]);
            // Two seconds fill the group and compile the code; they count for nothing.
            await CallAsync(engine, 2, "w");
            var begun = Stopwatch.GetTimestamp();
            var samples = await CallAsync(engine, seconds, "k");
            PerSecond = samples.Count / Stopwatch.GetElapsedTime(begun).TotalSeconds;
            AskedShare = samples.Count(s => s.Asked) / (double)samples.Count;
            ApprovedShare = samples.Count(s => s.Approved) / (double)samples.Count;
            (P99, AskedP99) = (Percentile(samples.Select(s => s.Ms)), Percentile(samples.Where(s => s.Asked).Select(s => s.Ms)));
        }

        await using var reader = await JournalFactory.OpenReaderAsync(address);
        var report = await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None);
        if (report.Violation is { } violation) throw new InvalidOperationException($"{violation}: no figure is printed.");
        if (_kept.Count * Amount > limit) throw new InvalidOperationException("More is reserved than the group may use: no figure is printed.");
    }

    private async Task<List<(double Ms, bool Asked, bool Approved)>> CallAsync(ExposureEngine engine, int length, string key)
    {
        var end = Stopwatch.GetTimestamp() + length * Stopwatch.Frequency;
        var all = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var (dice, samples) = (new Random(caller), new List<(double, bool, bool)>());
            for (var n = 0; Stopwatch.GetTimestamp() is var begun && begun < end; n++)
            {
                var member = "M" + MemberAt(dice.NextDouble());
                var answer = await engine.SubmitAsync(new CheckCredit { Customer = member, Amount = Amount, Currency = Eur, Actor = "bench", Key = $"{key}{caller}-{n}", LiveMinutes = 600 });
                var decided = answer.Effects.OfType<CheckDecided>().First();
                samples.Add((Stopwatch.GetElapsedTime(begun).TotalMilliseconds, decided.Asked.Length > 0, decided.ReservationId.Length > 0));
                if (decided.ReservationId.Length > 0) _kept.Enqueue((member, decided.ReservationId));
                if (_kept.Count > Kept && _kept.TryDequeue(out var oldest))
                    await engine.SubmitAsync(new EndReservation { Customer = oldest.Member, ReservationId = oldest.Reservation, Actor = "bench" });
            }

            return samples;
        })));
        return [.. all.SelectMany(s => s)];
    }

    private int MemberAt(double share)
    {
        var at = Array.BinarySearch(_weights, share);
        return Math.Min(members - 1, at < 0 ? ~at : at);
    }

    /// <summary>Cumulated shares of the members.</summary>
    private static double[] Weights(int members, bool isZipf)
    {
        var weights = Enumerable.Range(1, members).Select(rank => isZipf ? 1 / Math.Pow(rank, 0.99) : 1).ToArray();
        var (sum, total) = (0.0, weights.Sum());
        for (var i = 0; i < members; i++) weights[i] = (sum += weights[i]) / total;
        return weights;
    }

    private static double Percentile(IEnumerable<double> samples)
    {
        var sorted = samples.Order().ToList();
        return sorted.Count == 0 ? 0 : sorted[(int)((sorted.Count - 1) * 0.99)];
    }
}
