using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace ExposureMonitor.Architecture.Tests;

/// <summary>What each project may reference, and what must not stand in the pure core.</summary>
public sealed class ProjectTable
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Domain"] = [],
        ["Engine"] = ["Domain"],
        ["Learning"] = ["Domain"],
        ["Storage"] = ["Engine", "Npgsql", "Microsoft.Data.Sqlite"],
        ["Ingest"] = ["Engine", "Confluent.Kafka", "CsvHelper"],
        ["Alerts"] = ["Engine", "MailKit", "YamlDotNet"],
        ["Api"] = ["Engine", "Learning", "Alerts", "Microsoft.AspNetCore.App", "Microsoft.AspNetCore.OpenApi"],
        ["Standalone"] = ["Domain", "Engine", "Storage", "Ingest", "Learning", "Api", "Alerts", "System.CommandLine", "Spectre.Console"],
        ["Grains"] = ["Engine", "Alerts", "Microsoft.Orleans.Server", "Microsoft.Orleans.Reminders"],
        ["Silo"] = ["Domain", "Engine", "Storage", "Ingest", "Api", "Alerts", "Grains", "Microsoft.Orleans.Server", "Microsoft.Orleans.Clustering.AdoNet", "Microsoft.Orleans.Reminders.AdoNet", "Microsoft.Orleans.Persistence.AdoNet", "prometheus-net"],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_references_only_what_the_table_allows(string project)
    {
        var file = XDocument.Load(Path.Combine(Root, "src", project, project + ".csproj"));
        var references = file.Descendants().Where(e => e.Name.LocalName is "ProjectReference" or "PackageReference" or "FrameworkReference")
            .Select(e => (string)e.Attribute("Include")!).Select(i => i.EndsWith(".csproj", StringComparison.Ordinal) ? i.Split('\\', '/')[^2] : i);
        Assert.Empty(references.Except(Allowed[project]));
    }

    [Fact]
    public void Every_project_stands_in_the_table() =>
        Assert.Equal(Allowed.Keys.Order(), Directory.GetDirectories(Path.Combine(Root, "src")).Select(d => Path.GetFileName(d)!).Where(d => d != "Console").Order());

    /// <summary>Where the registry lacks Orleans both projects compile to nothing, and nothing of Orleans is asked for.</summary>
    [Theory]
    [InlineData("src/Grains/Grains.csproj")]
    [InlineData("src/Silo/Silo.csproj")]
    [InlineData("tests/Grains.Tests/Grains.Tests.csproj")]
    [InlineData("tests/Silo.Tests/Silo.Tests.csproj")]
    public void Cluster_edition_can_be_left_out(string project)
    {
        var file = XDocument.Load(Path.Combine(Root, project));
        foreach (var package in file.Descendants("PackageReference").Where(p => ((string)p.Attribute("Include")!).StartsWith("Microsoft.Orleans", StringComparison.Ordinal) || (string)p.Attribute("Include")! == "prometheus-net"))
            Assert.Equal("'$(ClusterEdition)' == 'true'", (string?)package.Parent!.Attribute("Condition"));
        Assert.Contains(file.Descendants("Compile"), c => (string?)c.Attribute("Remove") == @"**\*.cs" && (string?)c.Parent!.Attribute("Condition") == "'$(ClusterEdition)' != 'true'");
    }

    [Fact]
    public void Pure_core_knows_no_clock_no_dice_no_io()
    {
        var banned = new Regex(@"DateTime(Offset)?\.(Utc)?Now|Guid\.NewGuid|TimeProvider|\bdouble\b|\bfloat\b|\basync\b|\bRandom\b|System\.IO\.File|\bdynamic\b|catch \(Exception");
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Root, "src", "Domain"), "*.cs", SearchOption.AllDirectories))
        {
            var found = File.ReadLines(path).Select((text, line) => (text, line)).FirstOrDefault(l => banned.IsMatch(l.text));
            Assert.True(found.text is null, $"{path}:{found.line + 1}: {found.text}");
        }
    }

    [Fact]
    public void Files_are_chapters_not_books()
    {
        var long_ = Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(path => (path, lines: File.ReadLines(path).Count())).Where(f => f.lines > 450);
        Assert.Empty(long_);
    }

    [Fact]
    public void The_rig_that_judges_the_product_shares_no_code_with_it()
    {
        var file = XDocument.Load(Path.Combine(Root, "chaos", "Chaos.csproj"));
        Assert.DoesNotContain(file.Descendants(), e => e.Name.LocalName is "ProjectReference" or "Compile");
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Root, "chaos"), "*.cs", SearchOption.AllDirectories))
        {
            Assert.False(new Regex(@"ExposureMonitor\.(Domain|Engine|Storage|Ingest|Api)\b").IsMatch(File.ReadAllText(path)), path);
            Assert.True(File.ReadLines(path).Count() <= 450, path);
        }
    }

    [Fact]
    public void Seeded_bugs_stand_only_in_builds_that_ask_for_them()
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories))
        {
            var inside = false;
            foreach (var line in File.ReadLines(path))
            {
                if (line.Trim() is "#if SEEDED_BUGS") inside = true;
                else if (line.Trim() is "#endif" or "#else") inside = false;
                Assert.True(inside || !line.Contains("SeededBug", StringComparison.Ordinal), $"{path}: {line}");
            }
        }

        var condition = XDocument.Load(Path.Combine(Root, "Directory.Build.props")).Descendants().Single(e => e.Name.LocalName == "DefineConstants").Parent!.Attribute("Condition")!.Value;
        Assert.Equal("'$(SeededBugs)' == 'true'", condition);
    }

    private static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder!.FullName, "ExposureMonitor.sln"))) folder = folder.Parent;
            return folder.FullName;
        }
    }
}
