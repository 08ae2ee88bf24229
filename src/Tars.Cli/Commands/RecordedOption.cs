using System.CommandLine;
using Tars.Base;
using Tars.Host.Journal;

namespace Tars.Cli.Commands;

/// <summary><c>--recorded</c>: recorded runs that a next version has to come through.</summary>
internal static class RecordedOption
{
    public static Option<string[]> Define() => new("--recorded")
    {
        Description = "A recorded run that the next version has to come through, beside those `evolution` names.",
        HelpName = "LOG",
    };

    /// <summary>The module with those recordings beside its own; null after the user was told why one cannot be read.
    /// </summary>
    public static EvolvingModule? With(
        string command, EvolvingModule module, IReadOnlyList<string> named, Terminal terminal)
    {
        var recordings = module.Problem.Recordings.ToBuilder();
        foreach (string path in named)
        {
            var reasons = new List<string>();
            if (RecordedShards.Open(terminal.FullPath(path), path, reasons) is { } recording)
            {
                recordings.Add(recording);
                continue;
            }

            foreach (string reason in reasons)
            {
                terminal.Error.WriteLine(
                    $"tarscli {command}: --recorded {Printable.Of(path)}: {Printable.Of(reason)}");
            }

            return null;
        }

        return module with { Problem = module.Problem with { Recordings = recordings.ToImmutable() } };
    }
}
