using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace ExposureMonitor.Ingest;

/// <summary>
/// The records of one partition of a topic, in their order, as they were fetched. Each partition has a queue of its own, so that the
/// reader chooses whose record comes next; taken many at a time, without an object for each. Not safe for two threads.
/// </summary>
internal sealed unsafe class RecordQueue : IDisposable
{
    private const int BatchMax = 256;

    private readonly nint _queue;
    private readonly GCHandle _state;
    private readonly Librdkafka.Message** _batch;
    private int _next, _count;

    /// <summary>Made before the partition is assigned: from then on nothing of it goes to the consumer itself.</summary>
    /// <param name="filled">Set when records come while there were none.</param>
    internal RecordQueue(IClient consumer, string topic, int partition, ManualResetEventSlim filled)
    {
        var client = Librdkafka.HandleOf(consumer);
        _queue = Librdkafka.QueueOfPartition(client, topic, partition);
        _batch = (Librdkafka.Message**)NativeMemory.AllocZeroed(BatchMax, (nuint)sizeof(nint));
        _state = GCHandle.Alloc(filled);
        Librdkafka.Forward(_queue, 0);
        Librdkafka.CallWhenFilled(_queue, &Filled, GCHandle.ToIntPtr(_state));
    }

    [UnmanagedCallersOnly]
    private static void Filled(nint client, nint state) => ((ManualResetEventSlim)GCHandle.FromIntPtr(state).Target!).Set();

    /// <summary>True when there is a next record, or an error in its place.</summary>
    internal bool HasNext
    {
        get
        {
            if (_next < _count) return true;
            (_next, _count) = (0, Math.Max(0, (int)Librdkafka.Consume(_queue, 0, _batch, BatchMax)));
            return _count > 0;
        }
    }

    private Librdkafka.Message* Current => _batch[_next];

    /// <summary>What stands in the place of the next record, or <c>null</c> when it is one.</summary>
    internal Error? Fault => Current->Error == 0 ? null : new Error((ErrorCode)Current->Error, Current->HasValue ? System.Text.Encoding.UTF8.GetString(Current->Value) : "");

    internal long Offset => Current->Offset;

    /// <summary>When the next record was written (milliseconds since 1970); 0 when the topic does not say.</summary>
    internal long Written => Math.Max(0, Librdkafka.TimestampOf(Current, out _));

    /// <summary>Copies the bytes of the next record out of the client's memory.</summary>
    internal void Hold(HeldBytes key, HeldBytes value)
    {
        key.Deserialize(Current->Key, !Current->HasKey, default);
        value.Deserialize(Current->Value, !Current->HasValue, default);
    }

    /// <summary>The last header of a name, or <c>null</c>.</summary>
    internal Headers? Header(string name) =>
        Librdkafka.HeadersOf(Current, out var headers) == 0 && Librdkafka.LastHeader(headers, name, out var value, out var length) == 0
            ? new Headers { { name, new ReadOnlySpan<byte>(value, checked((int)length)).ToArray() } } : null;

    /// <summary>Goes on to the record behind.</summary>
    internal void Next() => Librdkafka.Destroy(_batch[_next++]);

    /// <summary>Forgets what was taken out of the queue: it comes again from where the partition is read on.</summary>
    internal void Clear()
    {
        while (_next < _count) Next();
    }

    /// <summary>Before the consumer is closed.</summary>
    public void Dispose()
    {
        Clear();
        Librdkafka.CallWhenFilled(_queue, null, 0);
        Librdkafka.DestroyQueue(_queue);
        NativeMemory.Free(_batch);
        _state.Free();
    }
}
