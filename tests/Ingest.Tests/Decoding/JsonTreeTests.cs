using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>The quick way through JSON says yes to nothing that the strict way, or System.Text.Json, refuses, and reads the same.</summary>
public sealed class JsonTreeTests
{
    private static readonly FactCatalogue.Entry[] Events = [.. FactCatalogue.All.Where(entry => entry.IsEvent)];

    /// <summary>Pieces that decide: what stands at the edge of the grammar.</summary>
    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\\"", "\\u0041", "\\ud800", "\"a\"", "\"a\":1", "\"\":0", " ", "\n", "\t", "\r", "\u0000", "\u001f", "\u007f", "é", "🦄", "\ufeff",
        "0", "-", "-0", "01", "1", "1.5", "1e5", "1E+", "-1.", ".5", "+1", "true", "false", "null", "tru", "nul", "True", "NaN", "//x", "/* */", "1 2", "{}", "[]", "[1,]", "{\"a\":1,}", "aaaaaaaa", "\"aaaaaaaaaaaaaaaa\"",
    ];

    private readonly JsonTree _quick = new(), _strict = new();

    [Fact]
    public void Spoilt_events_are_read_alike() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var text = Encoding.UTF8.GetString(CloudEventWriter.Write(RandomValues.Of(Events[random.Next(Events.Length)], random), indented: random.Next(3) == 0));
        for (var times = random.Next(3); times > 0; times--)
        {
            var (at, piece) = (random.Next(text.Length), Pieces[random.Next(Pieces.Length)]);
            text = random.Next(3) switch
            {
                0 => text[..at] + piece + text[at..],
                1 => text[..at] + piece + text[Math.Min(text.Length, at + piece.Length)..],
                _ => text[..at] + text[Math.Min(text.Length, at + 1 + random.Next(3))..],
            };
        }

        Alike(Encoding.UTF8.GetBytes(text));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void Heaps_of_pieces_are_read_alike() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        Alike(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => Pieces[random.Next(Pieces.Length)]))));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(50_000));

    [Fact]
    public void Mutated_bytes_are_read_alike() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var bytes = CloudEventWriter.Write(RandomValues.Of(Events[random.Next(Events.Length)], random));
        for (var i = random.Next(3); i >= 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        Alike(bytes[..(random.Next(5) == 0 ? random.Next(bytes.Length) : bytes.Length)]);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void Random_trees_are_read_alike() => Prop.ForAll<int>(seed =>
    {
        var text = new StringBuilder();
        Tree(new Random(seed), text, 0);
        Alike(Encoding.UTF8.GetBytes(text.ToString()));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    /// <summary>The quick way has no say about these, or the same; the events that matter go through it.</summary>
    [Fact]
    public void Samples_go_the_quick_way()
    {
        foreach (var entry in Events)
        {
            var json = CloudEventWriter.Write(SampleValues.Of(entry));
            Assert.True(_quick.GoesQuickly(json), entry.WireType);
            Assert.False(_quick.GoesQuickly([.. json, (byte)'x']));
        }
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    public void Nesting_ends_at_the_same_level(int levels) => Alike(Encoding.UTF8.GetBytes(new string('[', levels) + new string(']', levels)));

    [Fact]
    public void Texts_of_every_length_end_where_they_end()
    {
        for (var length = 0; length < 40; length++)
            foreach (var last in (string[])["", "é", "\\n", "\u0001", "\""])
                Alike(Encoding.UTF8.GetBytes($"{{\"{new string('n', length)}\":\"{new string('v', length)}{last}\"}}"));
    }

    [Fact]
    public void Scalars_are_those_of_the_base_library()
    {
        for (var day = JsonScalars.DateMin - 400; day <= JsonScalars.DateMax + 300; day += 17)
        {
            var date = DateOnly.FromDayNumber(day);
            var isIn = day >= JsonScalars.DateMin && day <= JsonScalars.DateMax;
            Assert.Equal((isIn, isIn ? day : 0), (JsonScalars.TryDate(Encoding.ASCII.GetBytes(date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)), out var read), read));
            Assert.Equal((isIn, isIn ? day : 0), (JsonScalars.TryDate(date.Year * 10_000 + date.Month * 100 + date.Day, out read), read));
        }

        foreach (var code in Enumerable.Range(0, 26 * 26 * 26).Select(i => $"{(char)('A' + i / 676)}{(char)('A' + i / 26 % 26)}{(char)('A' + i % 26)}").Concat(["eur", "EU", "EURO", "E1R", "@@@", "[[["]))
            Assert.Equal((Currency.TryParse(code, out var known), known), (CurrencyCodes.TryParse(Encoding.ASCII.GetBytes(code), out var found), found));
    }

    [Fact]
    public void Whole_numbers_are_those_of_big_arithmetic() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var text = (random.Next(3) == 0 ? "-" : "") + string.Concat(Enumerable.Range(0, random.Next(0, 34)).Select(_ => "0123456789x"[random.Next(random.Next(8) == 0 ? 11 : 10)]));
        var isDigits = text.TrimStart('-') is { Length: > 0 and <= 32 } digits && digits.All(char.IsAsciiDigit);
        var big = isDigits ? BigInteger.Parse(text, CultureInfo.InvariantCulture) : 0;
        var fits = isDigits && big <= long.MaxValue && big >= -long.MaxValue && !(text[0] == '-' && big == 0);
        Assert.Equal((fits, text), (JsonScalars.TryWhole(Encoding.ASCII.GetBytes(text), out var value), text));
        if (fits) Assert.Equal((long)big, value);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void A_text_is_the_string_that_exists_already_and_never_another_one()
    {
        var cache = new TextCache();
        var first = cache.Of("C-1001"u8);
        Assert.Same(first, cache.Of("C-1001"u8));
        var texts = Enumerable.Range(0, 100_000).Select(i => "C" + i.ToString(CultureInfo.InvariantCulture)).ToList();
        for (var round = 0; round < 2; round++)
            foreach (var text in texts) Assert.Equal(text, cache.Of(Encoding.ASCII.GetBytes(text)));
    }

    private static void Tree(Random random, StringBuilder text, int depth)
    {
        var kind = random.Next(depth > 4 ? 5 : 8);
        if (kind < 5)
        {
            text.Append(((string[])["1", "-20", "\"text\"", "null", "true"])[kind]);
            return;
        }

        var (isObject, children) = (kind > 5, random.Next(random.Next(20) == 0 ? 90 : 5));
        text.Append(isObject ? '{' : '[');
        for (var i = 0; i < children; i++)
        {
            if (i > 0) text.Append(random.Next(4) == 0 ? " , " : ",");
            // Names that collide now and then, and some that stand there already.
            if (isObject) text.Append(CultureInfo.InvariantCulture, $"\"n{(random.Next(30) == 0 ? i / 2 : i)}\":");
            Tree(random, text, children > 5 ? 5 : depth + 1);
        }

        text.Append(isObject ? '}' : ']');
    }

    private void Alike(byte[] json)
    {
        var (fault, expected) = (_quick.Parse(json, DecodeLimits.Default), _strict.Parse(json, DecodeLimits.Default, strictly: true));
        Assert.Equal(expected, fault);
        if (expected is not null) return;
        using var document = JsonDocument.Parse(json);
        Assert.Equal(_strict.Count, _quick.Count);
        for (var i = 0; i < _quick.Count; i++)
        {
            var (node, other) = (_quick[i], _strict[i]);
            Assert.Equal((other.Kind, other.Next, other.Length), (node.Kind, node.Next, node.Length));
            Assert.Equal(_strict.Name(i), _quick.Name(i));
            Assert.Equal(_strict.Value(i), _quick.Value(i));
            if (node.Kind is JsonTokenType.StartObject or JsonTokenType.StartArray) Assert.Equal(other.Children, node.Children);
            Assert.False(node.Used);
            if (node.Kind != JsonTokenType.StartObject) continue;
            for (var child = i + 1; child < node.Next; child = _quick[child].Next) Assert.NotEqual(0UL, node.Looks & JsonTree.LookOf(_quick.Name(child)));
        }
    }
}
