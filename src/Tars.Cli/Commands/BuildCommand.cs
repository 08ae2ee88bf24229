using System.CommandLine;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Cli.Views;
using Tars.Lang;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli build</c>: the bundle of a metascript, as a file.</summary>
internal static class BuildCommand
{
    private sealed record Options(string File, string? Wasm, string Output, bool Json);

    public static Command Define(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A metascript." };
        var output = new Option<string?>("--output", "-o")
        {
            Description = "Where the bundle goes; by default beside the metascript, as FILE.wasm.",
            HelpName = "OUT",
        };
        var wasm = new Option<string?>("--wasm")
        {
            Description = "The code of a metascript with `code: wasm`: a module of WebAssembly that follows ABI v1.",
            HelpName = "MODULE",
        };
        var json = CommonOptions.Json();
        var command = new Command("build", "Compile a metascript to a bundle.") { file, wasm, output, json };
        command.SetAction(parsed =>
        {
            var source = parsed.GetRequiredValue(file);
            return Run(
                new Options(
                    source,
                    parsed.GetValue(wasm),
                    parsed.GetValue(output) ?? source + ".wasm",
                    parsed.GetValue(json)),
                terminal);
        });
        return command;
    }

    private static int Run(Options options, Terminal terminal)
    {
        if (InputFile.ReadSource("build", options.File, terminal) is not { } source)
        {
            return ExitStatus.Unusable;
        }

        CodeFile? code = null;
        if (options.Wasm is { } path)
        {
            if (InputFile.Read("build", path, terminal) is not { } bytes)
            {
                return ExitStatus.Unusable;
            }

            code = new CodeFile(path, bytes);
        }

        var compiled = Compilation.Of(options.File, source, terminal, includeTests: false, code);
        if (compiled.Bundle is not { } bundle)
        {
            Compilation.ShowFaults(compiled.Diagnostics, options.Json, terminal);
            return ExitStatus.Faulty;
        }

        var reading = BundleReader.Read(bundle);
        if (reading is BundleReading.Refused { Reason: var why })
        {
            string file = Printable.Of(options.File);
            terminal.Error.WriteLine($"tarscli build: {file}: its bundle would be refused: {why}");
            return ExitStatus.Faulty;
        }

        if (MayNotReplace(options.Output, terminal) is { } reason)
        {
            terminal.Error.WriteLine($"tarscli build: {Printable.Of(options.Output)}: {reason}");
            return ExitStatus.Unusable;
        }

        try
        {
            File.WriteAllBytes(terminal.FullPath(options.Output), bundle);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            InputFile.Refuse("build", options.Output, e, terminal);
            return ExitStatus.Unusable;
        }

        Show(options, compiled, bundle, ((BundleReading.Read)reading).Bundle.Hash, terminal);
        return ExitStatus.Fine;
    }

    // A slip of the hand must not cost the author a source.
    private static string? MayNotReplace(string output, Terminal terminal)
    {
        if (output.EndsWith(".tars", StringComparison.OrdinalIgnoreCase))
        {
            return "a bundle is not written over a metascript; give it another ending, such as .tars.wasm";
        }

        var path = terminal.FullPath(output);
        if (!File.Exists(path))
        {
            return null;
        }

        using var existing = File.OpenRead(path);
        var start = new byte[8];
        int size = existing.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return size == 0 || InputFile.IsBundle(start.AsSpan(0, size))
            ? null
            : "this file is there and is no bundle; it is not written over";
    }

    private static void Show(
        Options options, Compilation compiled, byte[] bundle, BundleHash hash, Terminal terminal)
    {
        if (options.Json)
        {
            terminal.Output.WriteLine(JsonText.Indented(json =>
            {
                json.WriteString("bundle", options.Output);
                json.WriteNumber("size", bundle.Length);
                json.WriteString("hash", hash.ToString());
                DiagnosticJson.Write(json, compiled.Diagnostics);
            }));
            return;
        }

        Compilation.ShowFaults(compiled.Diagnostics, asJson: false, terminal);
        terminal.Output.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{options.Output}  {bundle.Length} bytes  {hash}"));
    }
}
