using System.Reflection;
using System.Text;
using Orleans;
using Xunit;

namespace ExposureMonitor.Grains.Tests;

/// <summary>
/// The contract between silos as a file: two releases run side by side during an upgrade, so that what it says never changes and only grows.
/// A line that is missing or other than in the file fails; a new one is added to the file, at its place.
/// </summary>
public sealed class ContractTests
{
    [Fact]
    public void The_contract_is_the_one_of_the_file()
    {
        var file = Path.Combine(Root(), "src", "Grains", "contracts.txt");
        var now = Lines();
        var written = File.Exists(file) ? File.ReadAllLines(file) : [];
        Assert.True(now.SequenceEqual(written), $"{file} says otherwise. What is there must stay; what is new is added:\n{string.Join('\n', now.Except(written).Select(l => "+ " + l).Concat(written.Except(now).Select(l => "- " + l)))}\nThe contract now:\n{string.Join('\n', now)}");
    }

    [Fact]
    public void Everything_that_travels_has_an_alias_and_numbers()
    {
        foreach (var type in Travelling())
        {
            Assert.NotNull(type.GetCustomAttribute<AliasAttribute>());
            if (type.IsInterface || type.IsEnum || typeof(Exception).IsAssignableFrom(type)) continue;
            var members = type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(p => p.Name != "EqualityContract").ToList();
            Assert.All(members, p => Assert.True(p.GetCustomAttribute<IdAttribute>() is not null, $"{type.Name}.{p.Name}"));
            Assert.Equal(members.Count, members.Select(p => p.GetCustomAttribute<IdAttribute>()!.Id).Distinct().Count());
        }
    }

    private static List<string> Lines()
    {
        var lines = new List<string>();
        foreach (var type in Travelling().OrderBy(Alias, StringComparer.Ordinal))
        {
            lines.Add(Alias(type));
            if (type.IsEnum) lines.AddRange(Enum.GetValues(type).Cast<object>().Select(v => $"  {Convert.ToInt32(v, System.Globalization.CultureInfo.InvariantCulture)} {v}"));
            else if (type.IsInterface)
                lines.AddRange(type.GetMethods().Select(m => $"  {m.GetCustomAttribute<AliasAttribute>()!.Alias}({string.Join(", ", m.GetParameters().Where(p => p.ParameterType != typeof(CancellationToken)).Select(p => Name(p.ParameterType)))}) {Name(m.ReturnType)}").Order(StringComparer.Ordinal));
            else
                lines.AddRange(type.GetProperties().Where(p => p.GetCustomAttribute<IdAttribute>() is not null).OrderBy(p => p.GetCustomAttribute<IdAttribute>()!.Id).Select(p => $"  {p.GetCustomAttribute<IdAttribute>()!.Id} {p.Name} {Name(p.PropertyType)}"));
        }

        return lines;
    }

    private static IEnumerable<Type> Travelling() => typeof(IPartitionGrain).Assembly.GetTypes()
        .Where(t => (t.GetCustomAttribute<GenerateSerializerAttribute>() is not null || (t.IsInterface && typeof(IGrain).IsAssignableFrom(t))) && t.Namespace == "ExposureMonitor.Grains");

    private static string Alias(Type type) => type.GetCustomAttribute<AliasAttribute>()!.Alias;

    private static string Name(Type type)
    {
        if (!type.IsGenericType) return type.Name;
        var text = new StringBuilder(type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]).Append('<');
        return text.AppendJoin(", ", type.GetGenericArguments().Select(Name)).Append('>').ToString();
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "ExposureMonitor.sln"))) folder = folder.Parent;
        return folder.FullName;
    }
}
