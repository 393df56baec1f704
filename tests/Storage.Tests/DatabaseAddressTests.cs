using Xunit;

namespace ExposureMonitor.Storage.Tests;

public sealed class DatabaseAddressTests
{
    [Fact]
    public void A_uri_and_a_list_of_keys_name_the_same_server()
    {
        var uri = (PostgreSqlAddress)DatabaseAddress.Parse("postgres://desk:p%40ss@db.example:6432/credit?sslmode=Require&application_name=desk");
        Assert.Equal(("db.example", 6432, "credit", "desk", "p@ss", "desk"), (uri.Connection.Host, uri.Connection.Port,
            uri.Connection.Database, uri.Connection.Username, uri.Connection.Password, uri.Connection.ApplicationName));
        Assert.Equal(Npgsql.SslMode.Require, uri.Connection.SslMode);
        var keys = (PostgreSqlAddress)DatabaseAddress.Parse("Host=db.example;Port=6432;Database=credit;Password=p@ss");
        Assert.Equal(uri.Display, keys.Display);
        Assert.DoesNotContain("p@ss", uri.Display, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sqlite:")]
    [InlineData("sqlite:x.db?mode=fast")]
    [InlineData("Database=credit")]
    [InlineData("credit.db")]
    [InlineData("postgres://desk:secret@db/credit?colour=red")]
    [InlineData("Host=db;Password=secret;Colour=red")]
    public void Anything_else_is_refused_without_repeating_a_password(string connection)
    {
        var e = Assert.Throws<DatabaseRefusedException>(() => DatabaseAddress.Parse(connection));
        Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sqlite_path_becomes_absolute() =>
        Assert.Equal(Path.GetFullPath("data/credit.db"), ((SqliteAddress)DatabaseAddress.Parse("sqlite:data/credit.db")).File);
}
