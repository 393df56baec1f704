using System.Runtime.InteropServices;
using ExposureMonitor.Ingest;
using Xunit;

namespace ExposureMonitor.Kafka.Tests;

/// <summary>The C library is reached, and takes what it is told.</summary>
public sealed class NativeBuffersTests
{
    [Fact]
    public void Buffers_stay_where_the_library_is_glibc_and_nothing_happens_elsewhere() =>
        Assert.Equal(OperatingSystem.IsLinux() && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal), NativeBuffers.Keep());
}
