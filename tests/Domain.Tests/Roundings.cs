using System.Numerics;
using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Quick ways for figures of 64 bits answer what the long ways do, on both sides of the border as well.</summary>
public sealed class Roundings
{
    private static readonly Int128[] Edges = [0, 1, -1, long.MaxValue, long.MinValue, (Int128)long.MaxValue + 1, (Int128)long.MinValue - 1, Int128.MaxValue / 20_000, Int128.MinValue / 20_000];

    [Fact]
    public void Products_and_quotients_are_those_of_whole_numbers_without_bounds()
    {
        var dice = new Random(7);
        for (var n = 0; n < 20_000; n++)
        {
            var value = n < Edges.Length ? Edges[n] : Wide(dice);
            var by = dice.Next(-10_000, 10_001);
            Assert.Equal((BigInteger)value * by, (BigInteger)Rounding.Times(value, by));
            var divisor = dice.Next(2) == 0 ? dice.Next(1, 10_001) : Int128.Abs(Wide(dice)) + 1;
            var (floor, rest) = BigInteger.DivRem(value, divisor);
            if (rest < 0) floor--;
            Assert.Equal(floor, (BigInteger)Rounding.Down(value, divisor));
            Assert.Equal(floor + (rest == 0 ? 0 : 1), (BigInteger)Rounding.Up(value, divisor));
            Assert.Equal(BigInteger.Min(long.MaxValue, BigInteger.Max(long.MinValue, value)), Rounding.Pin(value));
        }
    }

    [Fact]
    public void A_product_that_does_not_fit_is_no_figure() => Assert.Throws<OverflowException>(() => Rounding.Times(Int128.MaxValue / 2, 3));

    /// <summary>Of few bits as often as of many.</summary>
    private static Int128 Wide(Random dice) => (Int128)((((UInt128)(ulong)dice.NextInt64() << 64 | (ulong)dice.NextInt64()) & (UInt128.MaxValue >> 1)) >> dice.Next(15, 127)) * (dice.Next(2) == 0 ? 1 : -1);
}
