using System.Collections.Immutable;
using System.CommandLine;
using Tars.Base;
using Tars.Cli.Views;
using Tars.Devices.Host;
using Tars.Engine.Vm;
using Tars.Host;

namespace Tars.Cli.Commands;

/// <summary><c>tarscli doctor</c>: which engines this machine can run, what is missing, and how to get it.</summary>
internal static class DoctorCommand
{
    public static Command Define(Terminal terminal)
    {
        var json = CommonOptions.Json();
        var command = new Command("doctor", "Say what this machine can do, and how to get the rest.") { json };
        command.SetAction(parsed => Run(parsed.GetValue(json), terminal));
        return command;
    }

    private static int Run(bool asJson, Terminal terminal)
    {
        var findings = VmDoctor.Look();
        var engines = Compose.Names.Select(name => (Name: name, Words: Words(name))).ToList();
        if (asJson)
        {
            terminal.Output.WriteLine(JsonText.Indented(json =>
            {
                json.List("engines", engines, (_, one) =>
                {
                    json.WriteStartObject();
                    json.WriteString("engine", one.Name);
                    json.WriteBoolean("runs", Compose.Engine(one.Name) is not null);
                    json.WriteString("words", one.Words);
                    json.WriteEndObject();
                });
                json.List("needs", findings, (_, one) => Write(json, one));
                json.WriteBoolean("prompt", WakeBoost.WhyNot() is null);
            }));
            return ExitStatus.Fine;
        }

        foreach (var (name, words) in engines)
        {
            terminal.Output.WriteLine($"--engine {name,-8} {Printable.Of(words)}");
        }

        var paint = new Paint(terminal.OutputColors);
        Show(findings, paint, terminal.Output);
        Show(WakeBoost.WhyNot(), paint, terminal.Output);
        return ExitStatus.Fine;
    }

    private static string Words(string name) =>
        Compose.Engine(name) is { } engine ? Compose.Took(name, engine) ?? "runs here"
        : VmSupport.WhyNot is { } why ? $"cannot be had here: {why}" // How to get it stands below.
        : Compose.WhyNot(name);

    private static void Show(ImmutableArray<VmFinding> findings, Paint paint, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("What microvm needs:");
        foreach (var one in findings)
        {
            string mark = one.IsThere ? paint.Green("there  ") : paint.Red("missing");
            output.WriteLine($"  {mark} {one.What,-9} {Printable.Of(one.Words)}");
            if (one.Mend.Length != 0)
            {
                output.WriteLine($"                    {Printable.Of(one.Mend)}");
            }
        }
    }

    private static void Show(string? whyNot, Paint paint, TextWriter output)
    {
        string mark = whyNot is null ? paint.Green("there  ") : paint.Red("missing");
        string words = whyNot ?? "who wakes for a timer runs before what only computes (SCHED_RR)";
        output.WriteLine();
        output.WriteLine("What prompt timers need beside work:");
        output.WriteLine($"  {mark} real time {words}");
        if (whyNot is not null)
        {
            output.WriteLine("                    CAP_SYS_NICE or `ulimit -r` of 1; no `nice`, no `ulimit -R`");
        }
    }

    private static void Write(System.Text.Json.Utf8JsonWriter json, VmFinding finding)
    {
        json.WriteStartObject();
        json.WriteString("need", finding.What);
        json.WriteBoolean("there", finding.IsThere);
        json.WriteString("words", finding.Words);
        json.WriteString("mend", finding.Mend);
        json.WriteEndObject();
    }
}
