using System.CommandLine;
using System.CommandLine.Help;
using System.Reflection;
using Tars.Base;
using Tars.Cli.Commands;

namespace Tars.Cli;

/// <summary>The whole command line: the table of commands, and the way from arguments to an exit status.</summary>
internal static class CommandLine
{
    // EPIPE, which .NET hands on as it is on Linux and macOS.
    private const int BrokenPipe = 32;

    // To add a command write its file in Commands/ and one row here.
    private static readonly (string Name, Func<Terminal, Command> Define)[] _commands =
    [
        ("new", NewCommand.Define),
        ("check", CheckCommand.Define),
        ("fmt", FmtCommand.Define),
        ("test", TestCommand.Define),
        ("build", BuildCommand.Define),
        ("inspect", InspectCommand.Define),
        ("run", RunCommand.Define),
        ("ps", PsCommand.Define),
        ("set", SetCommand.Define),
        ("grant", RightCommand.DefineGrant),
        ("revoke", RightCommand.DefineRevoke),
        ("routes", RoutesCommand.Define),
        ("press", PressCommand.Define),
        ("dead", DeadCommand.Define),
        ("swap", SwapCommand.Define),
        ("engine", EngineCommand.Define),
        ("stop", StopCommand.Define),
        ("replay", ReplayCommand.Define),
        ("what-if", WhatIfCommand.Define),
        ("simulate-agentic", SimulateCommand.Define),
        ("caps", CapsCommand.Define),
        ("beliefs", BeliefsCommand.Define),
        ("diff", DiffCommand.Define),
        ("analyze", AnalyzeCommand.Define),
        ("plan", PlanCommand.Define),
        ("evolve", EvolveCommand.Define),
        ("versions", VersionsCommand.Define),
        ("synthesize", SynthesizeCommand.Define),
        ("schema", SchemaCommand.Define),
        ("doctor", DoctorCommand.Define),
        ("wasm", WasmCommand.Define),
    ];

    /// <summary>The version of this program.</summary>
    public static string Version { get; } =
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion;

    /// <summary>Does what the arguments say and gives the exit status.</summary>
    /// <remarks>An answer that could not be written whole is a failure, whatever the command thought of it.</remarks>
    public static int Run(string[] arguments, Terminal terminal) =>
        Whole(() => Parse(arguments, terminal), terminal);

    /// <summary>The same for a program that is one command.</summary>
    public static int Run(RootCommand root, string[] arguments, Terminal terminal) =>
        Whole(() => Invoke(root, arguments, terminal), terminal);

    private static int Whole(Func<int> run, Terminal terminal)
    {
        try
        {
            int status = run();
            terminal.Flush();
            return status;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A command says itself which file it could not read; here is what nobody expected, such as a full disk.
            Tell(e, terminal);
            return ExitStatus.Unusable;
        }
    }

    private static int Parse(string[] arguments, Terminal terminal)
    {
        if (arguments is [var first, ..] && first != "" && first[0] != '-' && !IsCommand(first))
        {
            var known = string.Join(", ", _commands.Select(command => command.Name));
            terminal.Error.WriteLine($"tarscli: no command '{Printable.Of(first)}'; there are {known}");
            return ExitStatus.Unusable;
        }

        var root = Root(arguments, terminal);
        if (arguments is [])
        {
            _ = root.Parse("--help").Invoke(new InvocationConfiguration { Output = terminal.Error });
            return ExitStatus.Unusable;
        }

        return Invoke(root, arguments, terminal);
    }

    private static int Invoke(RootCommand root, string[] arguments, Terminal terminal)
    {
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var invocation = new InvocationConfiguration { Output = terminal.Output, Error = terminal.Error };
        if (parsed.Errors.Count == 0 || parsed.Action is HelpAction)
        {
            invocation.EnableDefaultExceptionHandler = false;
            return parsed.Invoke(invocation);
        }

        foreach (var error in parsed.Errors)
        {
            // The parser calls the root after its assembly, and lists what there is on lines of their own.
            string message = error.Message.Replace(
                $"'{root.Name}'", $"'{terminal.Program}'", StringComparison.Ordinal);
            var lines = message.Split(Environment.NewLine).Select(Printable.Of);
            terminal.Error.WriteLine($"{terminal.Program}: {string.Join('\n', lines)}");
        }

        terminal.Error.WriteLine($"try: {string.Join(' ', Path(parsed.CommandResult.Command))} --help");
        return ExitStatus.Unusable;
    }

    // Only the command that is named is built: describing all of them would cost each start some milliseconds.
    private static RootCommand Root(string[] arguments, Terminal terminal)
    {
        var root = new RootCommand("Compiles TARS metascripts and runs their agents.") { HelpName = terminal.Program };
        bool isNamed = arguments is [var first, ..] && IsCommand(first);
        foreach (var (name, define) in _commands)
        {
            if (!isNamed || name == arguments[0])
            {
                root.Add(define(terminal));
            }
        }

        return root;
    }

    private static bool IsCommand(string word) => Array.Exists(_commands, command => command.Name == word);

    private static IEnumerable<string> Path(Command command) =>
        command is RootCommand root
            ? [root.HelpName ?? root.Name]
            : [.. command.Parents.OfType<Command>().Take(1).SelectMany(Path), command.Name];

    private static void Tell(Exception why, Terminal terminal)
    {
        if (why.HResult == BrokenPipe)
        {
            return; // Whoever read our output has had enough, as `head` does.
        }

        try
        {
            terminal.Error.WriteLine($"{terminal.Program}: {why.Message}");
            terminal.Error.Flush();
        }
        catch (IOException)
        {
            // There is nobody left to tell; the exit status does.
        }
    }
}
