using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Cli.Views;
using Tars.Host;
using Tars.Host.Control;
using Tars.Kernel.Ports;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli run</c>: some modules as one system, until nothing is left to come.</summary>
internal static class RunCommand
{
    // Nanoseconds for which a trap brings back what ran before a save.
    private const long Probation = 10_000_000_000;

    /// <summary>What the user asked for.</summary>
    /// <param name="Run">The part that the host needs.</param>
    internal sealed record Options(
        ImmutableArray<string> Files, RunOptions Run, bool Stats, bool Watch, bool Strict, bool Json)
    {
        /// <summary>The file of grants that the user named; null for the one beside the program.</summary>
        public string? Grants { get; init; }

        /// <summary>A built-in scheduling policy or the file of a module; null for the one that a run has.</summary>
        public string? Policy { get; init; }

        /// <summary>With Watch: how much of its newest events a version has to be tried on; null where that is only
        /// told.</summary>
        public int? Gate { get; init; }
    }

    public static Command Define(Terminal terminal)
    {
        var files = CommonOptions.Files();
        files.Description = "A metascript or a bundle; several are one system, joined by the names of their channels.";
        var inputs = Inputs();
        var sets = Pairs("--set", "-p", "PARAM=VALUE");
        sets.Description = "Give a parameter this value; MODULE.PARAM names one module's.";
        var span = Span();
        var seed = SeedOption();
        var virtualTime = VirtualTime();
        var devices = new DeviceOptions();
        var grants = CommonOptions.Grants();
        var record = Record();
        var control = RunLink.Control("Where to open the socket by which the run can be operated.");
        var noControl = Flag("--no-control", "Open no such socket.");
        var policy = Policy();
        var shards = Shards();
        var journal = Journal();
        var keep = KeepOption.Define();
        var stats = Flag("--stats", "Tell what the run did, as JSON on the last line of standard error.");
        var watch = Flag("--watch", "Put each saved change that compiles in the place of the version that runs.");
        var grantAll = Flag("--grant-all", "With --watch or --journal: let a new version use more.");
        var noReturn = Flag("--no-return", "With --watch or --journal: swap without a way back, and do not go back.");
        var gate = GateOption.Define("With --watch: swap only what could be tried on so much of the newest events.");
        var strict = Flag("--strict", "End with status 1 if anything trapped.");
        var engine = EngineOption.Define();
        var json = CommonOptions.Json();
        json.Description = "Answer as JSON: one object a line, the last tells what the run did.";
        var command = new Command("run", "Run metascripts.")
        {
            files, inputs, grants, sets, span, seed, virtualTime, policy, shards, journal, keep, record, control,
            noControl, stats, watch, grantAll, noReturn, gate, strict, engine, json,
        };
        devices.AddTo(command);
        command.Validators.Add(result => CheckRecord(result, journal, record));
        command.Validators.Add(result => CheckAlone(result, gate, watch, keep, journal));
        command.Validators.Add(result => CheckTerms(result, [grantAll, noReturn], watch, journal));
        command.SetAction(parsed => Run(
            new Options(
                [.. parsed.GetRequiredValue(files)],
                devices.With(new RunOptions
                {
                    Inputs = [.. SplitAll(parsed.GetValue(inputs)).Select(pair => new InputSpec(pair.Key, pair.Value))],
                    Params = [.. SplitAll(parsed.GetValue(sets))],
                    For = parsed.GetValue(span) is { } text ? Duration(text) : null,
                    Seed = parsed.GetValue(seed) is { } number ? Seed(number)!.Value : 0,
                    Journal = parsed.GetValue(journal) is { } folder ? terminal.FullPath(folder) : null,
                    JournalOctetsKept = KeepOption.Octets(parsed, keep),
                    JournalAgeKept = KeepOption.Age(parsed, keep),
                    Record = parsed.GetValue(record) is { } log ? terminal.FullPath(log) : null,
                    Control = ControlOf(parsed, control, isOff: [noControl, virtualTime], terminal),
                    Shards = parsed.GetValue(shards),
                    VirtualTime = parsed.GetValue(virtualTime),
                    Engine = parsed.GetValue(engine)!,
                    Terms = Terms(parsed.GetValue(grantAll), parsed.GetValue(noReturn)),
                    JsonLines = parsed.GetValue(json),
                }, parsed, terminal),
                parsed.GetValue(stats),
                parsed.GetValue(watch),
                parsed.GetValue(strict),
                parsed.GetValue(json))
            {
                Policy = parsed.GetValue(policy),
                Grants = parsed.GetValue(grants),
                Gate = GateOption.Of(parsed, gate),
            },
            terminal));
        return command;
    }

    // Virtual time is over before anyone could say a word, unless he said where.
    private static ControlOptions? ControlOf(
        ParseResult parsed, Option<string?> named, Option<bool>[] isOff, Terminal terminal) =>
        parsed.GetValue(named) is { } path ? new ControlOptions(terminal.FullPath(path))
        : isOff.Any(parsed.GetValue) ? null
        : new ControlOptions(Path: null);

    private static Option<string[]> Inputs()
    {
        var inputs = Pairs("--input", "-i", "NAME=PATH", mayBeEmpty: false);
        inputs.Description =
            "Lines for a device of kind lines, or messages for a channel, one a line; PATH - is standard input.";
        return inputs;
    }

    private static Option<string?> Span()
    {
        var span = new Option<string?>("--for")
        {
            Description = "End after this time, such as 30s.",
            HelpName = "DURATION",
        };
        span.Validators.Add(CheckDuration);
        return span;
    }

    private static Option<bool> VirtualTime() => new("--virtual-time")
    {
        Description = "Time begins in 1970 and jumps from timer to timer instead of passing.",
    };

    private static Option<int> Shards()
    {
        var shards = new Option<int>("--shards")
        {
            Description = "How many cores share the modules; each module stays on one.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        shards.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && (!int.TryParse(
                text, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
                || count is < 1 or > ShardPlan.CountMax))
            {
                result.AddError($"--shards takes a number from 1 to {ShardPlan.CountMax}");
            }
        });
        return shards;
    }

    private static Option<string?> Policy() => new("--policy")
    {
        Description = $"Who decides which process runs next: {PolicyOption.Names}, or a module.",
        HelpName = "NAME|FILE",
    };

    private static Option<string?> SeedOption()
    {
        var seed = new Option<string?>("--seed") { Description = "Seed of every random number.", HelpName = "N" };
        seed.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Seed(token.Value) is null)
            {
                result.AddError($"--seed wants a whole number from 0 on, not '{Printable.Of(token.Value)}'");
            }
        });
        return seed;
    }

    /// <summary>Of a swap in a run: for how long a trap brings the old version back, and what it may do.</summary>
    internal static SwapTerms Terms(bool grantsAll, bool noReturn) =>
        new() { Probation = Probation, GrantsAll = grantsAll, NoReturn = noReturn };

    private static Option<bool> Flag(string name, string about) => new(name) { Description = about };

    private static Option<string?> Record() => CommonOptions.Place(
        "--record", "Write the journal of the run to a new file; `tarscli replay` reads it.", "LOG");

    private static Option<string?> Journal() => CommonOptions.Place(
        "--journal", "Keep the run in a folder and go on from there at the next start, after a crash too.", "FOLDER");

    private static void CheckRecord(CommandResult result, Option<string?> journal, Option<string?> record)
    {
        if (result.GetValue(journal) is not null && result.GetValue(record) is not null)
        {
            result.AddError("--record and --journal do not go together: what a journal keeps can be replayed too");
        }
    }

    // Whoever believes a gate to be in force, or a journal to be kept, must not be left to find out.
    private static void CheckAlone(
        CommandResult result,
        Option<string?> gate,
        Option<bool> watch,
        Option<string[]> keep,
        Option<string?> journal)
    {
        if (result.GetResult(gate) is not null && !result.GetValue(watch))
        {
            result.AddError("--gate says what --watch may swap, and goes with that only");
        }

        if (result.GetValue(keep) is { Length: > 0 } && result.GetValue(journal) is null)
        {
            result.AddError("--keep says what stays of a --journal, and goes with that only");
        }
    }

    private static void CheckTerms(
        CommandResult result, Option<bool>[] terms, Option<bool> watch, Option<string?> journal)
    {
        foreach (var option in terms.Where(one => result.GetValue(one)
            && !result.GetValue(watch) && result.GetValue(journal) is null))
        {
            result.AddError($"{option.Name} is about new versions, which come by --watch or to a --journal");
        }
    }

    /// <summary>An option that may stand several times, with a name and a value each.</summary>
    public static Option<string[]> Pairs(string name, string? alias, string help, bool mayBeEmpty = true)
    {
        var option = new Option<string[]>(name, alias is null ? [] : [alias]) { HelpName = help };
        option.Validators.Add(result =>
        {
            bool IsPair(string text) => text.IndexOf('=', StringComparison.Ordinal) is var at && 0 < at
                && (mayBeEmpty || at + 1 < text.Length);

            foreach (var token in result.Tokens.Where(token => !IsPair(token.Value)))
            {
                result.AddError($"{name} wants {help}, not '{Printable.Of(token.Value)}'");
            }
        });
        return option;
    }

    public static ulong? Seed(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) ? seed : null;

    internal static void CheckDuration(OptionResult result)
    {
        if (result.Tokens is [var token] && Duration(token.Value) is null)
        {
            result.AddError($"--for wants a time such as 500ms, 30s or 2m, not '{Printable.Of(token.Value)}'");
        }
    }

    /// <summary>Nanoseconds, or null when the text is no duration of zero or more.</summary>
    public static long? Duration(string text) =>
        DurationText.TryParse(text, out long nanoseconds) && 0 <= nanoseconds ? nanoseconds : null;

    /// <summary>Each `NAME=VALUE` in its two parts.</summary>
    public static IEnumerable<KeyValuePair<string, string>> SplitAll(string[]? pairs) =>
        from pair in pairs ?? []
        let at = pair.IndexOf('=', StringComparison.Ordinal)
        select KeyValuePair.Create(pair[..at], pair[(at + 1)..]);

    private static int Run(Options options, Terminal terminal)
    {
        // A path is meant from where the user stands; the host knows no such place.
        var inputs = options.Run.Inputs.Select(input =>
            input.Path == InputFile.Standard ? input : input with { Path = terminal.FullPath(input.Path) });
        foreach (var (_, path) in options.Run.Inputs.Where(IsMissing(terminal)))
        {
            InputFile.Refuse("run", path, new FileNotFoundException(), terminal);
            return ExitStatus.Unusable;
        }

        if (!PolicyOption.TryRead("run", options.Policy, terminal, out var policy))
        {
            return ExitStatus.Unusable;
        }

        options = options with
        {
            Run = options.Run with
            {
                Inputs = [.. inputs],
                Policy = policy.Kind,
                PolicyModule = policy.Module,
                NamesPolicy = options.Policy is not null,
            },
        };
        using var stop = new InterruptSignals();
        if (options.Watch)
        {
            return WatchLoop.Run(options, terminal, stop.Token);
        }

        return SystemFiles.Load("run", options.Files, terminal) switch
        {
            SystemFiles.Ready ready => RunGranted(options, ready.Bundles, terminal, stop.Token),
            SystemFiles.Faulty faulty => Refuse(faulty, options, terminal),
            SystemFiles.NotInForce waiting => Refuse(waiting.Reasons, ExitStatus.Faulty, options.Json, terminal),
            SystemFiles.Unreadable => ExitStatus.Unusable,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static Func<InputSpec, bool> IsMissing(Terminal terminal) =>
        input => input.Path != InputFile.Standard && !File.Exists(terminal.FullPath(input.Path));

    private static int RunGranted(
        Options options, IReadOnlyList<ReadOnlyMemory<byte>> bundles, Terminal terminal, CancellationToken stop) =>
        GrantDesk.Settle(options, bundles, terminal) is { } run
            ? RunOnce(options with { Run = run }, bundles, terminal, stop, out _)
            : ExitStatus.Unusable;

    /// <summary>Runs to the end, tells what there is to tell, and gives the exit status.</summary>
    /// <param name="wasStopped">Set when it is over: an operator has stopped the run.</param>
    public static int RunOnce(
        Options options, IReadOnlyList<ReadOnlyMemory<byte>> bundles, Terminal terminal, CancellationToken stop,
        out bool wasStopped)
    {
        wasStopped = false;
        terminal.Flush();
        var needsInput = options.Run.Inputs.Any(input => input.Path == InputFile.Standard);
        var streams = new RunStreams(needsInput ? terminal.OpenInput() : Stream.Null, terminal.Bytes, terminal.Error);
        switch (SystemRun.Run(bundles, options.Run, streams, stop))
        {
            case RunOutcome.Ended ended:
                wasStopped = ended.Report.WasStopped;
                Show(options, ended.Report, terminal);
                return ended.Report.RecordError is not null ? ExitStatus.Unusable
                    : options.Strict && 0 < ended.Report.Kernel.Traps ? ExitStatus.Faulty
                    : ExitStatus.Fine;
            case RunOutcome.Refused refused:
                return Refuse(refused.Reasons, ExitStatus.Unusable, options.Json, terminal);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>Tells every reason, one a line; where the answer is JSON, there too.</summary>
    public static int Refuse(
        IReadOnlyList<string> reasons, int status, bool asJson, Terminal terminal, string command = "run")
    {
        if (asJson)
        {
            terminal.Output.WriteLine(JsonText.Line(json =>
                json.List("refused", reasons, (_, reason) => json.WriteStringValue(reason))));
        }

        foreach (var reason in reasons)
        {
            terminal.Error.WriteLine($"tarscli {command}: {Printable.Of(reason)}");
        }

        return status;
    }

    private static int Refuse(SystemFiles.Faulty faulty, Options options, Terminal terminal)
    {
        Compilation.ShowFaults(faulty.Diagnostics, options.Json, terminal);
        return ExitStatus.Faulty;
    }

    private static void Show(Options options, RunReport report, Terminal terminal)
    {
        if (options.Json)
        {
            terminal.Output.WriteLine(JsonText.Line(json =>
            {
                json.WriteStartObject("report");
                RunJson.Write(json, report);
                json.WriteEndObject();
            }));
        }
        else if (options.Stats)
        {
            terminal.Error.WriteLine(JsonText.Line(json => RunJson.Write(json, report)));
        }
    }
}
