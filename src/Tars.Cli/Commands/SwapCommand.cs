using System.CommandLine;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.Manifest;
using Tars.Cli.Views;
using Tars.Kernel.Ports;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli swap</c>: what putting one version of a module in the place of another would do.</summary>
internal static class SwapCommand
{
    private sealed record Options(string Old, string New, bool DryRun, bool Json);

    public static Command Define(Terminal terminal)
    {
        var old = new Argument<string>("OLD") { Description = "The version that runs: a metascript or a bundle." };
        var now = new Argument<string>("NEW") { Description = "The version that is to take its place." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Compare the two; nothing is run." };
        var json = CommonOptions.Json();
        var command = new Command("swap", "Compare two versions of a module.") { old, now, dryRun, json };
        command.SetAction(parsed => Run(
            new Options(
                parsed.GetRequiredValue(old),
                parsed.GetRequiredValue(now),
                parsed.GetValue(dryRun),
                parsed.GetValue(json)),
            terminal));
        return command;
    }

    private static int Run(Options options, Terminal terminal)
    {
        if (!options.DryRun)
        {
            terminal.Error.WriteLine(
                "tarscli swap: a running system cannot be reached from here yet; `tarscli run --watch` swaps what is "
                + "saved, and --dry-run compares two files");
            return ExitStatus.Unusable;
        }

        if (Read(options.Old, options, terminal, out int status) is not { } old
            || Read(options.New, options, terminal, out status) is not { } now)
        {
            return status;
        }

        var preview = SwapPreview.Of(old, now);
        if (options.Json)
        {
            terminal.Output.WriteLine(SwapJson.Of(old, now, preview));
        }
        else
        {
            Show(old, now, preview, terminal.Output);
        }

        return preview.Refusals.IsEmpty ? ExitStatus.Fine : ExitStatus.Faulty;
    }

    // Null when the user was told why not.
    private static BundleManifest? Read(string file, Options options, Terminal terminal, out int status)
    {
        status = ExitStatus.Unusable;
        if (InputFile.Read("swap", file, terminal) is not { } bytes)
        {
            return null;
        }

        status = ExitStatus.Faulty;
        if (!InputFile.IsBundle(bytes))
        {
            var compiled = Compilation.Of(file, bytes, terminal, includeTests: false);
            if (compiled.Bundle is null)
            {
                Compilation.ShowFaults(compiled.Diagnostics, options.Json, terminal);
                return null;
            }

            bytes = compiled.Bundle;
        }

        switch (BundleReader.Read(bytes))
        {
            case BundleReading.Read read:
                return read.Bundle.Manifest;
            case BundleReading.Refused refused:
                terminal.Error.WriteLine($"tarscli swap: {Printable.Of(file)}: {Printable.Of(refused.Reason)}");
                return null;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static void Show(BundleManifest old, BundleManifest now, SwapPreview preview, TextWriter output)
    {
        output.WriteLine(Printable.Of($"{old.Name} {old.Version} -> {now.Version}"));
        (string Head, IEnumerable<string> Lines)[] parts =
        [
            ("", preview.Changes),
            ("warning: ", preview.Warnings),
            ("condition: ", preview.Conditions),
            ("needs to be granted: ", preview.Rights),
            ("no way back: ", preview.Refusals.IsEmpty ? preview.NoWayBack : []),
            ("refused: ", preview.Refusals),
        ];
        foreach (var (head, lines) in parts)
        {
            foreach (string line in lines)
            {
                output.WriteLine(Printable.Of($"  {head}{line}"));
            }
        }

        string with = string.Join(
            " and ",
            new[] { preview.Rights.IsEmpty ? "" : "--grant-all", preview.NoWayBack.IsEmpty ? "" : "--no-return" }
                .Where(one => one.Length > 0));
        output.WriteLine(!preview.Refusals.IsEmpty ? "it cannot be swapped"
            : with.Length == 0 ? "it can be swapped"
            : $"it can be swapped, with {with}");
    }
}
