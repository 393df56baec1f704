using System.Globalization;

namespace ExposureMonitor.Bench;

/// <summary>Options of a benchmark: <c>--name value</c>; an unknown one is an error, so that a typing mistake measures nothing.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> _told = [];

    internal Options(string[] arguments, params string[] known)
    {
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var name = arguments[i].TrimStart('-');
            if (!known.Contains(name) || i + 1 >= arguments.Length)
            {
                Console.Error.WriteLine($"'{arguments[i]}': expected one of {string.Join(", ", known.Select(k => "--" + k))}, each with a value.");
                Environment.Exit(2);
            }

            _told[name] = arguments[i + 1];
        }
    }

    internal string Text(string name, string standard) => _told.GetValueOrDefault(name, standard);

    internal int Number(string name, int standard) => _told.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : standard;
}
