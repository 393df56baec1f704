using System.Globalization;

namespace ExposureMonitor.Chaos;

/// <summary>One request of a caller with all that it heard.</summary>
internal sealed class Call
{
    internal string Key = "", Customer = "";

    /// <summary>HTTP status of the answer; 0 when it never came.</summary>
    internal int Status;

    /// <summary>The answer and those to its repetitions.</summary>
    internal readonly List<string> Answers = [];

    /// <summary>What the same key with another content was answered.</summary>
    internal readonly List<int> Others = [];

    /// <summary>What the journal has, and in which frame.</summary>
    internal string? Decision;

    internal long DecidedAt;
}

/// <summary>Reads the callers' history.</summary>
internal static class History
{
    internal static Dictionary<string, Call> Read(string path)
    {
        var calls = new Dictionary<string, Call>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(path))
        {
            var f = line.Split('\t');
            if (f[0] == "invoke")
            {
                calls.Add(f[2], new Call { Key = f[2], Customer = f[3] });
                continue;
            }

            // An answer may belong to a request of the file before: it was judged there as unknown only if it had ended.
            if (!calls.TryGetValue(f[2], out var call)) continue;
            var status = int.Parse(f[3], CultureInfo.InvariantCulture);
            switch (f[0])
            {
                case "ok":
                    call.Status = status;
                    if (status == 200) call.Answers.Add(f[4]);
                    break;
                case "again":
                    // Anything but the decision itself is another answer.
                    call.Answers.Add(status == 200 ? f[4] : "status " + f[3]);
                    break;
                case "other":
                    call.Others.Add(status);
                    break;
            }
        }

        return calls;
    }
}
