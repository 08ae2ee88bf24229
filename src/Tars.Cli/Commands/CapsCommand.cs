using System.CommandLine;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Host.Granting;
using Tars.Kernel.Journal;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli caps audit</c>: which capabilities are declared and not used, which a recorded run used, and
/// what it was refused.</summary>
internal static class CapsCommand
{
    private sealed record Options(string[] Files, string[] StandIns, bool Acts, bool Json);

    public static Command Define(Terminal terminal)
    {
        var files = CommonOptions.Files();
        files.Description = "Metascripts or bundles, or the journal of one run; of several shards its folder.";
        var json = CommonOptions.Json();
        var bind = DeviceOptions.BindOption();
        bind.Description = "As of `run`: this module answers in the place of the device. A journal says it itself.";
        var acts = new Option<bool>("--acts")
        {
            Description = "Of a journal: tell also in order what was granted, narrowed, lent, used and revoked.",
        };
        var audit = new Command("audit", "Tell what is declared but unused, used, and refused.")
        {
            files, bind, acts, json,
        };
        audit.SetAction(parsed => Audit(
            new Options(
                parsed.GetRequiredValue(files),
                parsed.GetValue(bind) ?? [],
                parsed.GetValue(acts),
                parsed.GetValue(json)),
            terminal));
        return new Command("caps", "Look after capabilities.") { audit };
    }

    private static int Audit(Options options, Terminal terminal)
    {
        if (options.Files is [var log] && IsJournal(terminal.FullPath(log)))
        {
            return options.StandIns.Length == 0
                ? OfJournal(log, options, terminal)
                : RunCommand.Refuse(
                    ["--bind: a journal says itself which modules stood in the place of devices"],
                    ExitStatus.Unusable,
                    options.Json,
                    terminal,
                    "caps audit");
        }

        if (options.Acts)
        {
            return RunCommand.Refuse(
                ["--acts: programs that do not run do nothing; name the journal of a run"],
                ExitStatus.Unusable,
                options.Json,
                terminal,
                "caps audit");
        }

        switch (SystemFiles.Load("caps audit", options.Files, terminal))
        {
            case SystemFiles.Ready ready:
                return OfFiles(ready.Bundles, options, terminal);
            case SystemFiles.Faulty faulty:
                Compilation.ShowFaults(faulty.Diagnostics, options.Json, terminal);
                return ExitStatus.Faulty;
            case SystemFiles.NotInForce waiting:
                return RunCommand.Refuse(
                    waiting.Reasons, ExitStatus.Faulty, options.Json, terminal, "caps audit");
            default:
                return ExitStatus.Unusable;
        }
    }

    private static int OfFiles(IReadOnlyList<ReadOnlyMemory<byte>> bundles, Options options, Terminal terminal)
    {
        var reasons = new List<string>();
        if (CapsAudit.Of(bundles, RunCommand.SplitAll(options.StandIns), reasons) is not { } report)
        {
            return RunCommand.Refuse(reasons, ExitStatus.Unusable, options.Json, terminal, "caps audit");
        }

        Show(report, options, terminal);
        return ExitStatus.Fine;
    }

    private static int OfJournal(string log, Options options, Terminal terminal)
    {
        var reasons = new List<string>();
        using var stop = new InterruptSignals();
        if (CapsAudit.Of(terminal.FullPath(log), options.Acts, reasons, stop.Token) is not { } report)
        {
            foreach (string reason in reasons)
            {
                terminal.Error.WriteLine($"tarscli caps audit: {Printable.Of(log)}: {Printable.Of(reason)}");
            }

            return ExitStatus.Unusable;
        }

        Show(report, options, terminal);
        if (report.Damage.Length == 0)
        {
            return ExitStatus.Fine;
        }

        terminal.Error.WriteLine(
            $"tarscli caps audit: {Printable.Of(log)}: {Printable.Of(report.Damage)}; what stands before it counts");
        return ExitStatus.Unusable;
    }

    private static void Show(AuditReport report, Options options, Terminal terminal)
    {
        if (options.Json)
        {
            terminal.Output.WriteLine(AuditView.Json(report));
        }
        else
        {
            AuditView.Write(report, terminal.Output);
        }
    }

    // What cannot be opened is for whoever reads it to tell. A folder can only be a journal.
    private static bool IsJournal(string path)
    {
        if (Directory.Exists(path))
        {
            return true;
        }

        try
        {
            using var file = File.OpenRead(path);
            byte[] begin = new byte[JournalFrames.Begin.Length];
            return file.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false) == begin.Length
                && JournalFrames.Begin.SequenceEqual(begin);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
