using System.CommandLine;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.Manifest;
using Tars.Cli.Views;
using Tars.Kernel.Ports;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli swap</c>: a new version takes the place of the one that runs, or two are compared.</summary>
internal static class SwapCommand
{
    private sealed record Options(string Old, string New, bool Json);

    public static Command Define(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "The new version, a metascript or a bundle." };
        var now = new Argument<string?>("NEW")
        {
            Description = "With --dry-run: the version that would take the place of FILE.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var dryRun = new Option<bool>("--dry-run")
        {
            Description = "Compare the two and run nothing; of one file, try it on what the run had lately.",
        };
        var gate = GateOption.Define("Swap only what could be tried on so much of the newest events; 95 for none.");
        var grantAll = new Option<bool>("--grant-all")
        {
            Description = "Let the new version use more than the one that runs.",
        };
        var noReturn = new Option<bool>("--no-return")
        {
            Description = "Swap even where there is no way back, and do not go back after a trap.",
        };
        var command = new Command("swap", "Put a new version of a module in the place of the one that runs.")
        {
            file, now, dryRun, grantAll, noReturn, gate,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(now) is not null && !result.GetValue(dryRun))
            {
                result.AddError("one file takes the place of what runs; --dry-run compares two");
            }
        });
        var link = new RunLink(command, terminal);
        command.SetAction(parsed => parsed.GetValue(now) is { } other
            ? Compare(new Options(parsed.GetRequiredValue(file), other, link.IsJson(parsed)), terminal)
            : Swap(
                parsed.GetRequiredValue(file),
                RunCommand.Terms(parsed.GetValue(grantAll), parsed.GetValue(noReturn)),
                GateOption.Of(parsed, gate),
                parsed.GetValue(dryRun),
                link,
                parsed,
                terminal));
        return command;
    }

    private static int Swap(
        string file, SwapTerms terms, int? gate, bool isDry, RunLink link, ParseResult parsed, Terminal terminal)
    {
        var options = new Options(file, file, link.IsJson(parsed));
        if (Load(file, options, terminal, out int status) is not { } bundle)
        {
            return status;
        }

        using var run = link.Open(parsed);
        if (run is null)
        {
            return ExitStatus.Unusable;
        }

        if (run.Send(bundle) is { } reason)
        {
            link.Tell(reason);
            return ExitStatus.Unusable;
        }

        return link.Do(
            run,
            parsed,
            json =>
            {
                json.WriteString("op", "swap");
                json.WriteNumber("probation_ns", terms.Probation);
                json.WriteBoolean("grant_all", terms.GrantsAll);
                json.WriteBoolean("no_return", terms.NoReturn);
                json.WriteBoolean("dry_run", isDry);
                if (gate is { } percent)
                {
                    json.WriteNumber("gate", percent);
                }
            },
            refused: ExitStatus.Faulty);
    }

    private static int Compare(Options options, Terminal terminal)
    {
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
    private static byte[]? Load(string file, Options options, Terminal terminal, out int status)
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

        return bytes;
    }

    private static BundleManifest? Read(string file, Options options, Terminal terminal, out int status)
    {
        if (Load(file, options, terminal, out status) is not { } bytes)
        {
            return null;
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
