using Xunit;

namespace ExposureMonitor.Storage.Tests;

/// <summary>A test that needs PostgreSQL; skipped with the reason where there is none.</summary>
public sealed class PostgreSqlFactAttribute : FactAttribute
{
    public PostgreSqlFactAttribute() => Skip = PostgreSqlServer.Missing;
}

/// <summary>The same with rows of data.</summary>
public sealed class PostgreSqlTheoryAttribute : TheoryAttribute
{
    public PostgreSqlTheoryAttribute() => Skip = PostgreSqlServer.Missing;
}
