using System.Text;

namespace ExposureMonitor.Ingest;

/// <summary>Generated events in Protobuf. A poison record that decodes to nothing has no twin and stays as it is. Not safe for two threads.</summary>
public sealed class ProtobufTwin
{
    private readonly EventDecoder _decoder = new();
    private readonly ProtobufEventWriter _writer = new();

    /// <summary>The record of a generated event.</summary>
    public byte[] Of(GeneratedEvent made)
    {
        var json = Encoding.UTF8.GetBytes(made.Json);
        var decoded = _decoder.Decode(json, default, default);
        return decoded.IsDecoded ? _writer.Write(decoded.Fact).ToArray() : json;
    }
}
