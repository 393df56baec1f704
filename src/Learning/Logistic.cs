using System.Runtime.Intrinsics;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>A plain logistic regression over 18 factors: the floor that a learned score has to beat.</summary>
internal sealed class Logistic
{
    /// <summary>Its factors.</summary>
    internal static readonly string[] Names =
    [
        "history.late0", "history.late5", "history.late15", "history.meanLate", "history.count", "last.late", "last3.meanLate", "last10.late5", "last40.late15", "last40.median", "last40.ewma",
        "since.payment", "since.issue", "open.count", "open.lateShare", "open.oldest", "invoice.sizeAgainst", "invoice.terms",
    ];

    private readonly int[] _factors = [.. Names.Select(PaymentFactors.IndexOf)];
    private readonly double[] _mean, _scale, _weights;

    private Logistic() => (_mean, _scale, _weights) = (new double[_factors.Length], new double[_factors.Length], new double[_factors.Length + 1]);

    internal static Logistic Fit(IReadOnlyList<int[]> rows, bool[] late)
    {
        var fit = new Logistic();
        var n = fit._factors.Length;
        for (var f = 0; f < n; f++)
        {
            double sum = 0, squares = 0;
            var count = 0;
            foreach (var row in rows)
            {
                if (row[fit._factors[f]] == PaymentFactors.Missing) continue;
                double value = Squeeze(row[fit._factors[f]]);
                sum += value;
                squares += value * value;
                count++;
            }

            fit._mean[f] = count == 0 ? 0 : sum / count;
            fit._scale[f] = count == 0 ? 1 : Math.Sqrt(Math.Max(1e-9, squares / count - fit._mean[f] * fit._mean[f]));
        }

        var xs = new double[rows.Count * Wide];
        for (var i = 0; i < rows.Count; i++) fit.Values(rows[i], xs.AsSpan(i * Wide, Wide));
        // Newton's method with a penalty of one case per weight.
        for (var round = 0; round < RoundsMost; round++)
        {
            var (gradient, curve) = fit.Derivatives(xs, late);
            var step = Solve(curve, gradient, n + 1);
            for (var j = 0; j <= n; j++) fit._weights[j] -= step[j];
            // Each round squares the distance: what is left moves no point.
            if (step.Max(Math.Abs) < 1e-8) break;
        }

        return fit;
    }

    private const int RoundsMost = 12;

    /// <summary>Places of a row: the factors, the share of all, and zeros up to whole vectors.</summary>
    private static readonly int Wide = (Names.Length + 1 + Vector256<double>.Count - 1) / Vector256<double>.Count * Vector256<double>.Count;

    private (double[] Gradient, double[,] Curve) Derivatives(double[] xs, bool[] late)
    {
        var count = _weights.Length;
        var (gradient, curves) = (new double[Wide], new double[count * Wide]);
        for (var j = 0; j < count; j++) (gradient[j], curves[j * Wide + j]) = (_weights[j], 1);
        for (var i = 0; i < late.Length; i++)
        {
            var x = xs.AsSpan(i * Wide, Wide);
            var chance = 1 / (1 + Math.Exp(-Dot(_weights, x)));
            var (error, weight) = (chance - (late[i] ? 1 : 0), Math.Max(1e-6, chance * (1 - chance)));
            AddTimes(gradient, x, error, Wide);
            for (var j = 0; j < count; j++) AddTimes(curves.AsSpan(j * Wide, Wide), x, weight * x[j], j + 1);
        }

        var curve = new double[count, count];
        for (var j = 0; j < count; j++) for (var k = 0; k <= j; k++) curve[j, k] = curves[j * Wide + k];
        return (gradient, curve);
    }

    /// <summary>Adds a multiple, up to at least the given place.</summary>
    private static void AddTimes(Span<double> to, ReadOnlySpan<double> x, double times, int places)
    {
        var factor = Vector256.Create(times);
        for (var k = 0; k < places; k += Vector256<double>.Count)
            (Vector256.Create((ReadOnlySpan<double>)to[k..]) + Vector256.Create(x[k..]) * factor).CopyTo(to[k..]);
    }

    /// <summary>Numbers of its factors.</summary>
    internal int[] Factors => _factors;

    /// <summary>Log-odds of a case in the middle of everything.</summary>
    internal double Start => _weights[^1];

    /// <summary>What one factor adds to the log-odds.</summary>
    internal double Part(int at, int[] row) => _weights[at] * Value(at, row);

    /// <summary>Log-odds of being late.</summary>
    internal double Odds(int[] row) => Dot(_weights, Values(row));

    private double[] Values(int[] row)
    {
        var x = new double[_factors.Length + 1];
        Values(row, x);
        return x;
    }

    private void Values(int[] row, Span<double> x)
    {
        for (var f = 0; f < _factors.Length; f++) x[f] = Value(f, row);
        x[_factors.Length] = 1;
    }

    private double Value(int at, int[] row) => row[_factors[at]] == PaymentFactors.Missing ? 0 : Math.Clamp((Squeeze(row[_factors[at]]) - _mean[at]) / _scale[at], -4, 4);

    /// <summary>Long tails to a scale on which a straight line has a chance.</summary>
    private static double Squeeze(int value) => Math.Sign(value) * Math.Log(1 + Math.Abs((double)value));

    private static double Dot(double[] a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>Cholesky on the lower half.</summary>
    private static double[] Solve(double[,] a, double[] b, int n)
    {
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = a[i, j];
                for (var k = 0; k < j; k++) sum -= a[i, k] * a[j, k];
                a[i, j] = i == j ? Math.Sqrt(Math.Max(1e-9, sum)) : sum / a[j, j];
            }
        }

        var x = (double[])b.Clone();
        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < i; k++) x[i] -= a[i, k] * x[k];
            x[i] /= a[i, i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++) x[i] -= a[k, i] * x[k];
            x[i] /= a[i, i];
        }

        return x;
    }
}
