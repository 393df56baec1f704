using System.Globalization;
using System.Text;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>The key of a record must be its customer, and its partition the customer's: only then one partition has all of his records in order.</summary>
internal sealed class KeyCheck(int partitions)
{
    /// <summary>What is wrong with the place of a decoded fact, or <c>null</c>.</summary>
    internal DecodeFault? Of(Fact fact, ReadOnlyMemory<byte>? key, int home)
    {
        if (fact is UndecodableRecord) return null;
        if (fact is HouseFact != (home == Book.House))
            return new DecodeFault(DecodeReasons.WrongTopic, "type", FactCatalogue.WireTypeOf(fact), fact is HouseFact ? "the topic of what concerns everybody" : "a topic keyed by customer");
        if (home == Book.House) return null;
        if (key is not { } told || !Ascii.Equals(told.Span, fact.Customer))
            return new DecodeFault(DecodeReasons.KeyMismatch, "key", key is { } other ? DecodeFault.Quote(other.Span[..Math.Min(other.Length, 100)]) : "none", $"the customer '{fact.Customer}'");
        var wanted = Ids.PartitionOf(fact.Customer, partitions);
        return wanted == home ? null : new DecodeFault(DecodeReasons.KeyMismatch, "partition", home.ToString(CultureInfo.InvariantCulture),
            string.Create(CultureInfo.InvariantCulture, $"{wanted}: set the producer's partitioner to murmur2 (librdkafka: partitioner=murmur2_random)"));
    }
}
