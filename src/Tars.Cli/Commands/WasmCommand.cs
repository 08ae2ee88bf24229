using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Devices.Wasi;
using Tars.Host;
using Tars.Host.Commands;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli wasm run</c>: one plain WebAssembly module, with what it is given and nothing else.</summary>
internal static class WasmCommand
{
    private const string Name = "wasm run";
    private const string FolderHelp = "HOST::GUEST";

    private sealed record Options(string Module, CommandOptions Run, bool Json);

    public static Command Define(Terminal terminal) =>
        new("wasm", "Run WebAssembly modules of any origin.") { DefineRun(terminal) };

    private static Command DefineRun(Terminal terminal)
    {
        var module = new Argument<string>("MODULE") { Description = "A WASI command, or any module with --invoke." };
        var rest = new Argument<string[]>("ARGS")
        {
            Description = "What the command, or the function, is given; put -- before what begins with a dash.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var grants = new Grants();
        var bounds = new Bounds();
        var engine = new Option<string>("--engine")
        {
            Description = "What runs it.",
            DefaultValueFactory = _ => new CommandOptions().Engine,
        };
        engine.AcceptOnlyFromAmong([.. Compose.CommandNames]);
        var invoke = new Option<string?>("--invoke")
        {
            Description = "Call this function with ARGS.",
            HelpName = "NAME",
        };
        var json = CommonOptions.Json();
        json.Description = "Answer as one JSON object, which holds the output too.";
        var command = new Command("run", "Run a WebAssembly module.") { module, rest };
        foreach (var option in (Option[])[.. grants.All, .. bounds.All, engine, invoke, json])
        {
            command.Add(option);
        }

        command.SetAction(parsed =>
        {
            string[] given = parsed.GetValue(rest) ?? [];
            string path = parsed.GetRequiredValue(module);
            string? function = parsed.GetValue(invoke);
            var options = new CommandOptions
            {
                Engine = parsed.GetValue(engine)!,
                Arguments = function is null ? [Path.GetFileName(path), .. given] : [Path.GetFileName(path)],
                Invoke = function,
                InvokeArguments = [.. given],
            };
            options = bounds.Read(parsed, grants.Read(parsed, terminal, options));
            return Run(new Options(path, options, parsed.GetValue(json)), terminal);
        });
        return command;
    }

    private static void Check(OptionResult result, Predicate<string> isRight, string wanted)
    {
        if (result.Tokens is [var token] && !isRight(token.Value))
        {
            result.AddError($"{result.Option.Name} wants {wanted}, not '{Printable.Of(token.Value)}'");
        }
    }

    private static long? Count(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && 0 < value
            ? value
            : null;

    private static long? Size(string text)
    {
        (string Unit, int Shift)[] units = [("KiB", 10), ("MiB", 20), ("GiB", 30)];
        var (unit, shift) = units.FirstOrDefault(
            one => text.EndsWith(one.Unit, StringComparison.Ordinal), (Unit: "", Shift: 0));
        return Count(text[..^unit.Length]) is { } value && value <= long.MaxValue >> shift ? value << shift : null;
    }

    private static int Run(Options options, Terminal terminal)
    {
        if (InputFile.Read(Name, options.Module, terminal) is not { } bytes)
        {
            return ExitStatus.Unusable;
        }

        if (Compose.TookForCommands(options.Run.Engine) is { } took)
        {
            terminal.Error.WriteLine($"tarscli {Name}: {Printable.Of(took)}");
        }

        terminal.Flush();
        var input = options.Module == InputFile.Standard ? Stream.Null : terminal.OpenInput();
        if (!options.Json)
        {
            using var errors = new GuestText(terminal.Error);
            var streams = new CommandStreams(input, terminal.Bytes, errors);
            return WasmText.Tell(options.Module, CommandRun.Run(bytes, options.Run, streams), terminal);
        }

        using var output = new BoundedStream();
        using var error = new BoundedStream();
        var outcome = CommandRun.Run(bytes, options.Run, new CommandStreams(input, output, error));
        terminal.Output.WriteLine(JsonText.Indented(json => WasmJson.Write(json, outcome, output, error)));
        return WasmText.StatusOf(outcome);
    }

    /// <summary>The options that give something.</summary>
    private sealed class Grants
    {
        private readonly Option<string[]> _folders =
            Folders("--dir", "Let it use a folder and all in it; GUEST is what it calls the folder.");

        private readonly Option<string[]> _readOnly =
            Folders("--dir-read", "The same, without changing anything there.");

        private readonly Option<string[]> _scratch = new("--scratch")
        {
            Description = "Give it an empty folder in memory, which is gone at the end.",
            HelpName = "GUEST",
        };

        private readonly Option<string[]> _variables = RunCommand.Pairs("--env", "-e", "NAME=VALUE");

        private readonly Option<ulong?> _seed =
            NumberOption.Whole<ulong>("--seed", "Seed of its random numbers.", 0, ulong.MaxValue);

        private readonly Option<bool> _virtualTime =
            new("--virtual-time") { Description = "Its time begins in 1970 and jumps to what it waits for." };

        public Grants() => _variables.Description = "Set a variable of its environment, which is empty otherwise.";

        public Option[] All => [_folders, _readOnly, _scratch, _variables, _seed, _virtualTime];

        public CommandOptions Read(ParseResult parsed, Terminal terminal, CommandOptions options) => options with
        {
            Seed = parsed.GetValue(_seed),
            VirtualTime = parsed.GetValue(_virtualTime),
            Environment = [.. parsed.GetValue(_variables) ?? []],
            Folders =
            [
                .. Read(parsed.GetValue(_folders), FolderAccess.ReadWrite, terminal),
                .. Read(parsed.GetValue(_readOnly), FolderAccess.ReadOnly, terminal),
                .. (parsed.GetValue(_scratch) ?? [])
                    .Select(guest => new FolderGrant(HostPath: null, guest, FolderAccess.ReadWrite)),
            ],
        };

        private static Option<string[]> Folders(string name, string description)
        {
            var option = new Option<string[]>(name) { Description = description, HelpName = FolderHelp };
            option.Validators.Add(result =>
            {
                foreach (var token in result.Tokens)
                {
                    if (Split(token.Value) is not ({ Length: > 0 }, { Length: > 0 }))
                    {
                        result.AddError($"{name} wants {FolderHelp}, not '{Printable.Of(token.Value)}'");
                    }
                }
            });
            return option;
        }

        private static IEnumerable<FolderGrant> Read(string[]? folders, FolderAccess access, Terminal terminal) =>
            from folder in folders ?? []
            let pair = Split(folder)
            select new FolderGrant(terminal.FullPath(pair.Host), pair.Guest, access);

        // A folder without a name of its own is called for the command what it is called here.
        private static (string Host, string Guest) Split(string folder)
        {
            int at = folder.LastIndexOf("::", StringComparison.Ordinal);
            return at < 0 ? (folder, folder) : (folder[..at], folder[(at + 2)..]);
        }
    }

    /// <summary>The options that say how much it may take.</summary>
    private sealed class Bounds
    {
        private readonly Option<string?> _fuel = new("--fuel") { Description = "What it may burn.", HelpName = "N" };

        private readonly Option<string?> _memory = new("--max-memory")
        {
            Description = "What its memory may hold, such as 64MiB; 1GiB by default.",
            HelpName = "SIZE",
        };

        private readonly Option<string?> _timeout = new("--timeout")
        {
            Description = "Abort after this time, such as 5s.",
            HelpName = "DURATION",
        };

        public Bounds()
        {
            _fuel.Validators.Add(result => Check(result, text => Count(text) is not null, "a number above 0"));
            _memory.Validators.Add(result => Check(result, text => Size(text) is not null, "a size such as 64MiB"));
            _timeout.Validators.Add(
                result => Check(result, text => RunCommand.Duration(text) is not null, "a time such as 5s"));
        }

        public Option[] All => [_fuel, _memory, _timeout];

        public CommandOptions Read(ParseResult parsed, CommandOptions options) => options with
        {
            Fuel = parsed.GetValue(_fuel) is { } fuel ? Count(fuel)!.Value : options.Fuel,
            MemoryBytesMax = parsed.GetValue(_memory) is { } size ? Size(size)!.Value : options.MemoryBytesMax,
            Timeout = parsed.GetValue(_timeout) is { } time ? RunCommand.Duration(time) : null,
        };
    }
}
