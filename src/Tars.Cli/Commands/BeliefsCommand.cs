using System.CommandLine;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.Manifest;
using Tars.Cli.Views;
using Tars.Evolution.Analysis;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli beliefs</c>: how strong a module's beliefs are, why, and what would turn them over.</summary>
internal static class BeliefsCommand
{
    private const string Name = "beliefs";

    public static Command Define(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A metascript with `belief_graph`." };
        var observe = new Option<string[]>("--observe")
        {
            Description = "Evidence in the place of a prior; may be given again.",
            HelpName = "BELIEF=X",
        };
        var dot = new Option<string?>("--dot") { Description = "Write the graph for Graphviz.", HelpName = "FILE" };
        var svg = new Option<string?>("--svg") { Description = "Write a picture of it.", HelpName = "FILE" };
        var json = CommonOptions.Json();
        var command = new Command(Name, "Show how strong the beliefs of a metascript are, and why.")
        {
            file, observe, dot, svg, json,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(file),
            parsed.GetValue(observe) ?? [],
            parsed.GetValue(dot),
            parsed.GetValue(svg),
            parsed.GetValue(json),
            terminal));
        return command;
    }

    private static int Run(
        string file, string[] observed, string? dot, string? svg, bool asJson, Terminal terminal)
    {
        if (InputFile.ReadSource(Name, file, terminal) is not { } bytes)
        {
            return ExitStatus.Unusable;
        }

        var compilation = Compilation.Of(file, bytes, terminal, includeTests: false);
        if (compilation.Bundle is not { } bundle)
        {
            Compilation.ShowFaults(compilation.Diagnostics, asJson, terminal);
            return ExitStatus.Faulty;
        }

        if (BundleReader.Read(bundle) is not BundleReading.Read { Bundle.Manifest.Beliefs: { } graph })
        {
            terminal.Error.WriteLine($"tarscli {Name}: {Printable.Of(file)}: it has no `belief_graph`");
            return ExitStatus.Faulty;
        }

        var evidence = new double?[graph.Beliefs.Length];
        foreach (string one in observed)
        {
            if (!Take(one, graph, evidence))
            {
                string names = string.Join(", ", graph.Beliefs.Select(belief => belief.Name));
                terminal.Error.WriteLine(
                    $"tarscli {Name}: --observe {Printable.Of(one)}: a belief of the module = a number from 0 to 1; "
                    + $"its beliefs are {Printable.Of(names)}");
                return ExitStatus.Unusable;
            }
        }

        var insight = BeliefInsight.Of(graph, [.. evidence]);
        if (asJson)
        {
            terminal.Output.WriteLine(JsonText.Indented(json => BeliefText.Write(json, graph, insight)));
        }
        else
        {
            BeliefText.Write(terminal.Output, graph, insight);
        }

        return Write(dot, () => BeliefPicture.Dot(graph, insight), terminal)
            && Write(svg, () => BeliefPicture.Svg(graph, insight), terminal)
            ? ExitStatus.Fine
            : ExitStatus.Unusable;
    }

    private static bool Take(string text, BeliefGraphSpec graph, double?[] evidence)
    {
        string[] parts = text.Split('=');
        int place = graph.Beliefs.ToList().FindIndex(one => one.Name == parts[0]);
        if (parts.Length != 2 || place < 0
            || !double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            || !(0 <= value && value <= 1))
        {
            return false;
        }

        evidence[place] = value;
        return true;
    }

    private static bool Write(string? file, Func<string> text, Terminal terminal)
    {
        try
        {
            if (file is not null)
            {
                File.WriteAllText(terminal.FullPath(file), text());
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            InputFile.Refuse(Name, file!, e, terminal); // Only a file that was named is written.
            return false;
        }
    }
}
