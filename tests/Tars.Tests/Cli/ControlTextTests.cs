using System.Text.Json;
using Tars.Cli.Views;
using Xunit;

namespace Tars.Tests.Cli;

/// <summary>What a run shows of itself, as a person sees it.</summary>
public sealed class ControlTextTests
{
    [Fact]
    public void Processes_stand_in_columns_and_say_whom_they_wait_for()
    {
        string text = Shown(
            ControlText.Processes,
            """
            { "process": 1, "module": "mill", "agent": "mill", "state": "idle", "waits_for": 0, "device": "",
              "waiting": 0, "memory": 9000, "fuel": 12, "traps": 0, "restarts": 0, "up_ns": 61000000000,
              "engine": "cil", "floor": "any" }
            """,
            """
            { "process": 12, "module": "mill", "agent": "miller", "state": "asking", "waits_for": 1, "device": "",
              "waiting": 3, "memory": 131072, "fuel": 1234567, "traps": 2, "restarts": 1,
              "up_ns": 90061000000000, "engine": "cil", "floor": "any" }
            """,
            """
            { "process": 13, "module": "mill", "agent": "store", "state": "asking", "waits_for": 0, "device": "disk",
              "waiting": 0, "memory": 20971520, "fuel": 1, "traps": 0, "restarts": 0, "up_ns": 0,
              "engine": "microvm", "floor": "microvm" }
            """);
        Assert.Equal(
            """
            PROCESS  AGENT        STATE        MAIL  MEMORY   FUEL     TRAPS  RESTARTS  UP          ENGINE
            #1       mill         idle         0     9000 B   12       0      0         0:01:01     cil
            #12      mill.miller  asking #1    3     128 KiB  1234567  2      1         1.01:01:01  cil
            #13      mill.store   asking disk  0     20 MiB   1        0      0         0:00:00     microvm, no less

            """.ReplaceLineEndings("\n"),
            text);
    }

    [Fact]
    public void Letters_show_the_event_or_its_size_and_why_they_stay()
    {
        string text = Shown(
            ControlText.Letters,
            """
            { "letter": 3, "process": 1, "module": "mill", "agent": "mill", "handler": "message go", "trap": "fail: no",
              "place": "mill.tars:12:3", "event": { "v": "\u001b[2J" }, "stays": "" }
            """,
            """
            { "letter": 4, "process": 1, "module": "mill", "agent": "mill", "handler": "", "trap": "out of fuel",
              "place": "", "octets": 70000, "stays": "it is no mail" }
            """);
        Assert.Equal(
            """
            3  mill #1 in message go at mill.tars:12:3: fail: no
               { "v": "\u001b[2J" }
            4  mill #1: out of fuel
               70000 octets
               it cannot be delivered again: it is no mail

            """.ReplaceLineEndings("\n"),
            text);
    }

    private static string Shown(Action<IReadOnlyList<JsonElement>, TextWriter> show, params string[] rows)
    {
        using var output = new StringWriter { NewLine = "\n" };
        show([.. rows.Select(row => JsonDocument.Parse(row).RootElement)], output);
        return output.ToString();
    }
}
