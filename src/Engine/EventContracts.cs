namespace ExposureMonitor.Engine;

/// <summary>The form of one type of event, for whoever writes or reads them.</summary>
/// <param name="Type">Its type, such as <c>credit.order.placed.v1</c>.</param>
/// <param name="GoesOut">True: the service tells it; false: the service takes it in.</param>
/// <param name="Schema">Its JSON Schema (draft 2020-12), the whole event with its envelope.</param>
public sealed record EventContract(string Type, bool GoesOut, string Schema);

/// <summary>The forms of all events: the seam between the encodings that know them and the API that publishes them.</summary>
/// <param name="Types">In the order of their names within what comes in, then within what goes out.</param>
/// <param name="Protobuf">The Protobuf file of what comes in.</param>
public sealed record EventContracts(IReadOnlyList<EventContract> Types, string Protobuf);
