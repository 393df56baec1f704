using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>The published contract: schemas, samples and the table of types follow the descriptions in the code.</summary>
public sealed class ContractTests
{
    private static IEnumerable<FactCatalogue.Entry> Events => FactCatalogue.All.Where(entry => entry.IsEvent);

    public static TheoryData<string> Types => [.. Events.Select(entry => entry.WireType)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Schema_is_up_to_date(string type) =>
        Same(Path.Combine("schemas", type + ".json"), PublishedContracts.TextOf(SchemaWriter.OfEvent(FactCatalogue.Find(type)!)));

    [Theory]
    [MemberData(nameof(Types))]
    public void Sample_is_up_to_date_and_makes_the_whole_round(string type)
    {
        var entry = FactCatalogue.Find(type)!;
        var text = Encoding.UTF8.GetString(CloudEventWriter.Write(SampleValues.Of(entry), indented: true)) + "\n";
        Same(Path.Combine("samples", type + ".json"), text);
        var result = new EventDecoder().Decode(Encoding.UTF8.GetBytes(text), default, default);
        Assert.Null(result.Fault);
        Assert.Equal(0, result.ExtraFields);
        Assert.Equal(text, Encoding.UTF8.GetString(CloudEventWriter.Write(ThroughTheJournal(result.Fact), indented: true)) + "\n");
    }

    [Fact]
    public void Proto_file_is_up_to_date() => Same("events.proto", ProtoFileWriter.OfAllEvents());

    [Theory]
    [MemberData(nameof(Types))]
    public void Protobuf_sample_is_up_to_date_and_is_the_twin_of_the_JSON_one(string type)
    {
        var bytes = new ProtobufEventWriter().Write(SampleValues.Of(FactCatalogue.Find(type)!)).ToArray();
        var path = Path.Combine(Repository.Root, "docs", "events", "samples", type + ".pb");
        if (Repository.UpdateContracts) File.WriteAllBytes(path, bytes);
        Assert.Equal(bytes, File.ReadAllBytes(path));
        var result = new EventDecoder().Decode(bytes, default, default);
        Assert.Null(result.Fault);
        Assert.Equal(0, result.ExtraFields);
        var json = File.ReadAllText(Path.Combine(Repository.Root, "docs", "events", "samples", type + ".json"));
        Assert.Equal(json, Encoding.UTF8.GetString(CloudEventWriter.Write(ThroughTheJournal(result.Fact), indented: true)) + "\n");
    }

    [Fact]
    public void Table_of_types_is_complete()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "docs", "events", "README.md"));
        Assert.All(Events, entry => Assert.Contains($"`{entry.WireType}`", readme, StringComparison.Ordinal));
        foreach (var reason in typeof(DecodeReasons).GetFields())
            Assert.Contains($"`{reason.GetValue(null)}`", readme, StringComparison.Ordinal);
    }

    [Fact]
    public void No_schema_or_sample_of_a_type_that_is_gone()
    {
        foreach (var (folder, ends) in new[] { ("schemas", new[] { ".json" }), ("samples", [".json", ".pb"]) })
        {
            string[] known = [.. Events.SelectMany(entry => ends.Select(end => entry.WireType + end)).Order(StringComparer.Ordinal)];
            var files = Directory.GetFiles(Path.Combine(Repository.Root, "docs", "events", folder)).Select(file => Path.GetFileName(file)!);
            Assert.Equal(known, files.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Any_fact_makes_the_round_through_JSON_and_journal()
    {
        var entries = Events.ToArray();
        var decoder = new EventDecoder();
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            var fact = RandomValues.Of(entries[random.Next(entries.Length)], random);
            var json = CloudEventWriter.Write(fact);
            var result = decoder.Decode(json, default, default);
            Assert.True(result.IsDecoded, $"{result.Fault}\n{Encoding.UTF8.GetString(json)}");
            Assert.Equal(fact.ContentHash(new ByteBuffer()), result.Fact.ContentHash(new ByteBuffer()));
            Assert.Equal(json, CloudEventWriter.Write(ThroughTheJournal(result.Fact)));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Order_of_fields_does_not_matter()
    {
        var decoder = new EventDecoder();
        foreach (var entry in Events)
        {
            var fact = SampleValues.Of(entry);
            using var document = JsonDocument.Parse(CloudEventWriter.Write(fact));
            var result = decoder.Decode(Encoding.UTF8.GetBytes(Backwards(document.RootElement)), default, default);
            Assert.Null(result.Fault);
            Assert.Equal(fact.ContentHash(new ByteBuffer()), result.Fact.ContentHash(new ByteBuffer()));
        }
    }

    private static string Backwards(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", element.EnumerateObject().Reverse()
            .Select(field => JsonSerializer.Serialize(field.Name) + ":" + Backwards(field.Value))) + "}",
        JsonValueKind.Array => "[" + string.Join(",", element.EnumerateArray().Select(Backwards)) + "]",
        _ => element.GetRawText(),
    };

    private static Fact ThroughTheJournal(Fact fact)
    {
        var buffer = new ByteBuffer();
        FactCodec.Write(fact, buffer);
        new FactCodec().Read(buffer.Written.ToArray(), out var copy);
        copy.Customer = fact.Customer;
        return copy;
    }

    private static void Same(string file, string expected)
    {
        var path = Path.Combine(Repository.Root, "docs", "events", file);
        if (Repository.UpdateContracts)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, expected);
        }

        Assert.True(File.Exists(path), $"{file} is missing: run the tests once with UPDATE_CONTRACTS=1.");
        Assert.Equal(expected, File.ReadAllText(path));
    }
}
