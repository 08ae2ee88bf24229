using System.CommandLine;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.Wasm;
using Tars.Cli.Views;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli inspect</c>: what a bundle, or the bundle that a metascript becomes, says and holds.</summary>
internal static class InspectCommand
{
    private sealed record Options(string File, IReadOnlySet<BundlePart> Parts, bool Wasm, bool Json);

    private static readonly Dictionary<string, BundlePart> _parts =
        Enum.GetValues<BundlePart>().ToDictionary(part => part.ToString().ToLowerInvariant(), StringComparer.Ordinal);

    public static Command Define(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A bundle, or a metascript, which is compiled first." };
        var sections = new Option<string[]>("--section", "-s")
        {
            Description = $"Show a part: {string.Join(", ", _parts.Keys)}. May be given several times.",
            HelpName = "PART",
        };
        sections.AcceptOnlyFromAmong([.. _parts.Keys]);
        var wasm = new Option<bool>("--wasm") { Description = "Show the WebAssembly as text." };
        var json = CommonOptions.Json();
        var command = new Command("inspect", "Show what is in a bundle.") { file, sections, wasm, json };
        command.SetAction(parsed => Run(
            new Options(
                parsed.GetRequiredValue(file),
                Wanted(parsed.GetValue(sections) ?? [], parsed.GetValue(wasm)),
                parsed.GetValue(wasm),
                parsed.GetValue(json)),
            terminal));
        return command;
    }

    private static HashSet<BundlePart> Wanted(string[] named, bool wasm) =>
        named.Length == 0 && !wasm ? [BundlePart.Summary] : [.. named.Select(name => _parts[name])];

    private static int Run(Options options, Terminal terminal)
    {
        if (InputFile.Read("inspect", options.File, terminal) is not { } bytes)
        {
            return ExitStatus.Unusable;
        }

        if (!InputFile.IsBundle(bytes))
        {
            var compiled = Compilation.Of(options.File, bytes, terminal, includeTests: false);
            if (compiled.Bundle is null)
            {
                Compilation.ShowFaults(compiled.Diagnostics, options.Json, terminal);
                return ExitStatus.Faulty;
            }

            bytes = compiled.Bundle;
        }

        return Show(options, bytes, terminal);
    }

    private static int Show(Options options, byte[] bytes, Terminal terminal)
    {
        if (BundleReader.Read(bytes) is not BundleReading.Read { Bundle: var bundle })
        {
            return Refuse(options, ((BundleReading.Refused)BundleReader.Read(bytes)).Reason, terminal);
        }

        if (ModuleDecoder.Decode(bytes) is not DecodeResult.Decoded { Module: var module })
        {
            return Refuse(
                options, ((DecodeResult.Malformed)ModuleDecoder.Decode(bytes)).Error.ToString(), terminal);
        }

        var answer = new BundleAnswer(options.File, bundle, module, options.Parts, options.Wasm);
        if (options.Json)
        {
            terminal.Output.WriteLine(BundleJson.Of(answer));
        }
        else
        {
            new BundleText(terminal.Output, terminal.OutputColors).Write(answer);
        }

        return ExitStatus.Fine;
    }

    private static int Refuse(Options options, string reason, Terminal terminal)
    {
        terminal.Error.WriteLine($"tarscli inspect: {Printable.Of(options.File)}: {Printable.Of(reason)}");
        return ExitStatus.Faulty;
    }
}
