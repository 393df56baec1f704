using System.CommandLine;
using ExposureMonitor.Ingest;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary>How a file is written, as it is told to the commands that take every word of it for what it is.</summary>
/// <param name="fields">Fields that a column may be told for; those with a star are required.</param>
/// <param name="members">What a mapping file may have, for the help.</param>
internal sealed class FormatOptions(IReadOnlyList<string> fields, string members)
{
    private readonly Option<FileInfo> _mapping = new("--mapping") { Description = $"JSON file with any of {members}; flags win." };
    private readonly Option<string[]> _map = new("--map") { Description = $"field=column, once per field. Fields: {string.Join(", ", fields)} (* is required).", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string> _delimiter = new("--delimiter") { Description = "Between columns. Default: a comma." };
    private readonly Option<string> _encoding = new("--encoding") { Description = "Such as utf-8 (default), iso-8859-1, windows-1252." };
    private readonly Option<string> _thousands = new("--thousands") { Description = "Separator of thousands. Default: none." };
    private readonly Option<string> _point = new("--decimal") { Description = "Decimal separator. Default: a point." };

    internal void AddTo(Command command)
    {
        foreach (var option in (Option[])[_mapping, _map, _delimiter, _encoding, _thousands, _point]) command.Options.Add(option);
    }

    /// <summary>The format as told.</summary>
    internal async Task<FileFormat> ReadAsync(ParseResult parsed, CancellationToken cancel)
    {
        var format = parsed.GetValue(_mapping) is { } told ? await MappingAsync(told, cancel) : new FileFormat();
        return format with
        {
            Delimiter = parsed.GetValue(_delimiter) ?? format.Delimiter, Encoding = parsed.GetValue(_encoding) ?? format.Encoding,
            Thousands = parsed.GetValue(_thousands) ?? format.Thousands, Decimal = parsed.GetValue(_point) ?? format.Decimal,
            Columns = parsed.GetValue(_map) is { Length: > 0 } pairs ? Merged(format.Columns, FileFormat.ParseColumns(pairs, fields)) : format.Columns,
        };
    }

    private static Dictionary<string, string> Merged(IReadOnlyDictionary<string, string> from, IReadOnlyDictionary<string, string> over)
    {
        var columns = new Dictionary<string, string>(from, StringComparer.Ordinal);
        foreach (var (field, column) in over) columns[field] = column;
        return columns;
    }

    private static async Task<FileFormat> MappingAsync(FileInfo file, CancellationToken cancel) => file.Exists
        ? FileFormat.FromJson(await File.ReadAllTextAsync(file.FullName, cancel)) : throw new ArgumentException($"--mapping: there is no file '{file}'.");
}
