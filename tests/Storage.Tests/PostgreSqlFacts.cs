using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace ExposureMonitor.Storage.Tests;

/// <summary>All tests that need the server share one, and one machine: they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class PostgreSqlCollection : ICollectionFixture<PostgreSqlServer>
{
    public const string Name = "PostgreSQL";
}

/// <summary>
/// A test that an abstract class states for both databases. The attribute cannot know which of them inherits it, so the
/// discoverer looks at the class: those of the PostgreSQL collection are skipped where there is no server.
/// </summary>
[XunitTestCaseDiscoverer("ExposureMonitor.Storage.Tests.StoreFactDiscoverer", "ExposureMonitor.Storage.Tests")]
public sealed class StoreFactAttribute : FactAttribute
{
}

public sealed class StoreFactDiscoverer(IMessageSink sink) : FactDiscoverer(sink)
{
    protected override IXunitTestCase CreateTestCase(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute)
    {
        var needsServer = testMethod.TestClass.TestCollection.CollectionDefinition?.Name == typeof(PostgreSqlCollection).FullName;
        return needsServer && PostgreSqlServer.Missing is not null
            ? new SkippedTestCase(DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(),
                discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod)
            : base.CreateTestCase(discoveryOptions, testMethod, factAttribute);
    }
}

public sealed class SkippedTestCase : XunitTestCase
{
    [Obsolete("Called by the deserialiser only.", error: true)]
    public SkippedTestCase()
    {
    }

    public SkippedTestCase(
        IMessageSink sink, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method)
        : base(sink, display, options, method)
    {
    }

    protected override string? GetSkipReason(IAttributeInfo factAttribute) => PostgreSqlServer.Missing;
}
