using System.Globalization;

namespace ExposureMonitor.Chaos;

/// <summary>What the command line says.</summary>
internal sealed record Options
{
    internal double Minutes { get; private init; } = 5;

    internal int Seed { get; private init; } = Environment.TickCount & 0xffff;

    internal int Customers { get; private init; } = 2_000;

    /// <summary>Records a second that the producer aims at.</summary>
    internal int Rate { get; private init; } = 7_000;

    internal int Partitions { get; private init; } = 16;

    internal int Callers { get; private init; } = 12;

    /// <summary>Seconds of faults before everything comes to rest and is judged.</summary>
    internal int Period { get; private init; } = 60;

    /// <summary>Ends after so many records, when that comes before the minutes.</summary>
    internal long Events { get; private init; } = long.MaxValue;

    /// <summary>Ends after so many kills, likewise, but not before the events.</summary>
    internal int Kills { get; private init; }

    /// <summary>The product's executable.</summary>
    internal string Executable { get; private init; } = "";

    /// <summary>Silos of the cluster edition instead of one service; 0 for the standalone edition.</summary>
    internal int Silos { get; private init; }

    /// <summary>Databases that hold the journal of a cluster.</summary>
    internal int Databases { get; private init; } = 1;

    /// <summary>How long a silo that is put to sleep sleeps.</summary>
    internal int Sleep { get; private init; } = 60;

    /// <summary>The cluster edition's executable.</summary>
    internal string SiloExecutable { get; private init; } = "";

    /// <summary>The cluster edition of another release: silos begin with it, and each rolling restart changes the release. "" for one release alone.</summary>
    internal string SiloBefore { get; private init; } = "";

    /// <summary>Where the run keeps its data; removed at the end of a run that passed.</summary>
    internal string Folder { get; private init; } = "";

    /// <summary>Only these kinds of fault; all without.</summary>
    internal IReadOnlyList<Fault> Faults { get; private init; } = [];

    /// <summary>A seeded bug of a build with them.</summary>
    internal string? Bug { get; private init; }

    /// <summary>Runs each seeded bug in turn.</summary>
    internal bool AllBugs { get; private init; }

    /// <summary>A short run: no minimum of situations is asked for.</summary>
    internal bool IsShort { get; private init; }

    internal string Report { get; private init; } = "";

    /// <summary>Breaks what tells people instead of what decides.</summary>
    internal bool IsAlerts { get; private init; }

    /// <summary>Customers whom one move of a currency takes over a step.</summary>
    internal int Burst { get; private init; } = 50_000;

    /// <summary>Things a second that people are told of, beside the burst.</summary>
    internal double AlertRate { get; private init; } = 3;

    /// <summary>Where the vendors' servers stand by themselves; "" for not at all.</summary>
    internal string Vendors { get; private init; } = "";

    internal const string Help = """
        chaos/run [--minutes N] [--seed S]   kills everything while it runs, and compares with an oracle
        chaos/run --bugs                     switches the seeded bugs on, one at a time: each must be found
        chaos/run --alerts [--minutes N]     kills the service, and breaks the servers, while people are told
        chaos/run --vendors FOLDER           servers of the vendors on the loopback, to try channels on

          --minutes N      how long (5)                       --rate N        records a second (7000)
          --seed S         which run                          --customers N   who trade (2000)
          --period N       seconds between two judgements (60) --callers N     who ask for decisions (12)
          --events N       end after so many records           --faults A,B    only these kinds
          --short          no minimum of situations            --bug N         one seeded bug (needs a build with them)
          --executable P   the product                         --folder P      where the data stands
          --report P       report as P.json and P.md             --silos N       the cluster edition with so many silos
          --silo-executable P   the cluster edition              --burst N       customers whom a currency moves (50000)
          --sleep N        seconds that a silo sleeps (60)       --databases N   that hold a cluster's journal (1)
          --silo-before P  another release of the cluster edition: silos begin with it, each rolling restart changes the release
        """;

    /// <exception cref="ArgumentException">An argument is unknown or its value is none; the message says which.</exception>
    internal static Options Parse(string[] arguments)
    {
        var options = new Options();
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i];
            string Value() => ++i < arguments.Length ? arguments[i] : throw new ArgumentException($"{name} needs a value.");
            int Number(int least) => int.TryParse(Value(), NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= least ? n : throw new ArgumentException($"{name} {arguments[i]}: expected a whole number from {least}.");
            options = name switch
            {
                "--minutes" => options with { Minutes = double.TryParse(Value(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var m) && m > 0 ? m : throw new ArgumentException($"--minutes {arguments[i]}: expected a number above 0.") },
                "--seed" => options with { Seed = Number(0) },
                "--customers" => options with { Customers = Number(10) },
                "--rate" => options with { Rate = Number(20) },
                "--callers" => options with { Callers = Number(0) },
                "--period" => options with { Period = Number(1) },
                "--events" => options with { Events = Number(1) },
                "--kills" => options with { Kills = Number(1) },
                "--executable" => options with { Executable = Path.GetFullPath(Value()) },
                "--silos" => options with { Silos = Number(1) },
                "--databases" => options with { Databases = Number(1) },
                "--sleep" => options with { Sleep = Number(1) },
                "--silo-executable" => options with { SiloExecutable = Path.GetFullPath(Value()) },
                "--silo-before" => options with { SiloBefore = Path.GetFullPath(Value()) },
                "--folder" => options with { Folder = Path.GetFullPath(Value()) },
                "--report" => options with { Report = Path.GetFullPath(Value()) },
                "--bug" => options with { Bug = Value() },
                "--alerts" => options with { IsAlerts = true },
                "--burst" => options with { Burst = Number(0) },
                "--vendors" => options with { Vendors = Path.GetFullPath(Value()) },
                "--bugs" => options with { AllBugs = true },
                "--short" => options with { IsShort = true },
                "--faults" => options with { Faults = [.. Value().Split(',').Select(f => Enum.TryParse<Fault>(f, ignoreCase: true, out var fault) ? fault : throw new ArgumentException($"--faults {f}: expected some of {string.Join(", ", Enum.GetNames<Fault>())}."))] },
                _ => throw new ArgumentException($"'{name}' is unknown.\n{Help}"),
            };
        }

        return options;
    }

    /// <summary>A run of a few minutes with one bug, few customers and the faults that provoke it.</summary>
    internal Options ForBug(string number, int rate, Fault[] faults, string folder) => this with
    {
        Bug = number, Faults = faults, AllBugs = false, IsShort = true, Minutes = Math.Min(Minutes, 4), Period = 15, Customers = 100, Rate = rate, Report = "", Folder = folder,
    };

    /// <summary>The product as it was built beside the rig, unless told otherwise.</summary>
    internal string ExecutableOr(string folder) => Executable.Length > 0 ? Executable : Path.Combine(folder, "exposure");
}
