using System.Runtime.CompilerServices;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Standalone;

/// <summary>A reader that tells how many frames it has read, for the progress of long work.</summary>
internal sealed class CountingReader(IJournalReader inner, Action<long> tell) : DelegatingReader(inner)
{
    private long _frames;

    public override async IAsyncEnumerable<StoredFrame> FramesAsync(int partition, long after, long upTo, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var frame in base.FramesAsync(partition, after, upTo, cancel))
        {
            if (++_frames % 256 == 0) tell(_frames);
            yield return frame;
        }
    }
}
