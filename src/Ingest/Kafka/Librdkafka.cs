using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace ExposureMonitor.Ingest;

/// <summary>
/// The few calls of the native library that its .NET client does not offer: a queue for each partition, and many records in one call.
/// They go to the library that the client has loaded, and take its handle.
/// </summary>
internal static unsafe partial class Librdkafka
{
    private const string Name = "librdkafka";

    static Librdkafka() => NativeLibrary.SetDllImportResolver(typeof(Librdkafka).Assembly, static (name, _, _) => name == Name ? Loaded() : 0);

    /// <summary>What a record is in the memory of the library (<c>rd_kafka_message_t</c>), until it is destroyed.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct Message
    {
        internal readonly int Error;
        private readonly nint _topic;
        internal readonly int Partition;
        private readonly byte* _value;
        private readonly nuint _valueLength;
        private readonly byte* _key;
        private readonly nuint _keyLength;
        internal readonly long Offset;
        private readonly nint _private;

        /// <summary>Empty for a tombstone; of an error, what the library says of it.</summary>
        internal ReadOnlySpan<byte> Value => new(_value, checked((int)_valueLength));

        internal ReadOnlySpan<byte> Key => new(_key, checked((int)_keyLength));

        internal bool HasValue => _value is not null;

        internal bool HasKey => _key is not null;
    }

    /// <summary>The handle of a consumer. The client keeps it to itself, for its own clients only.</summary>
    internal static SafeHandle HandleOf(IClient client) => (SafeHandle)Inner(client.Handle);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_LibrdkafkaHandle")]
    [return: UnsafeAccessorType("Confluent.Kafka.Impl.SafeKafkaHandle, Confluent.Kafka")]
    private static extern object Inner(Handle handle);

    private static nint Loaded()
    {
        using var process = Process.GetCurrentProcess();
        foreach (ProcessModule module in process.Modules)
            if (module.FileName.Contains(Name, StringComparison.OrdinalIgnoreCase) && !module.FileName.EndsWith(".dll.config", StringComparison.Ordinal)) return NativeLibrary.Load(module.FileName);
        throw new DllNotFoundException("librdkafka is not loaded: a client has to be made first.");
    }

    [LibraryImport(Name, EntryPoint = "rd_kafka_queue_get_partition", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint QueueOfPartition(SafeHandle client, string topic, int partition);

    /// <summary>Without a destination: what comes stays in the queue.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_queue_forward")]
    internal static partial void Forward(nint queue, nint to);

    [LibraryImport(Name, EntryPoint = "rd_kafka_queue_destroy")]
    internal static partial void DestroyQueue(nint queue);

    /// <summary>Calls back, from a thread of the library, when something comes into an empty queue.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_queue_cb_event_enable")]
    internal static partial void CallWhenFilled(nint queue, delegate* unmanaged<nint, nint, void> call, nint state);

    /// <summary>Takes up to so many records out of the queue; −1 when it cannot.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_consume_batch_queue")]
    internal static partial nint Consume(nint queue, int timeoutMs, Message** messages, nuint size);

    [LibraryImport(Name, EntryPoint = "rd_kafka_message_destroy")]
    internal static partial void Destroy(Message* message);

    /// <summary>Milliseconds since 1970, or −1.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_message_timestamp")]
    [SuppressGCTransition]
    internal static partial long TimestampOf(Message* message, out int kind);

    /// <summary>0 when it has some.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_message_headers")]
    internal static partial int HeadersOf(Message* message, out nint headers);

    /// <summary>0 when there is one of that name.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_header_get_last", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int LastHeader(nint headers, string name, out byte* value, out nuint length);
}
