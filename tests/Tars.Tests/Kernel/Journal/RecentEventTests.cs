using System.Text;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Kernel.Journal;

/// <summary>What a process had handled before an event was rolled back is told with the dead letter.</summary>
public sealed class RecentEventTests
{
    private const string Program = """
        tars: 1
        module: taker
        version: 1.0.0
        summary: Takes numbers and texts, and traps at seven.
        capabilities:
          subscribe: { numbers: int, texts: text }
        agentic:
          agents:
            taker:
              role: Takes.
              journal: LEVEL
              state: { sum: int = 0 }
              handlers:
                start:
                  do: |
                    sum = 1
                message numbers as number:
                  do: |
                    if number == 7 { fail "seven" }
                    sum += number
                message texts as words:
                  do: |
                    sum += words.size()
        """;

    [Theory]
    [MemberData(nameof(SystemRig.Modes), MemberType = typeof(SystemRig))]
    public void A_dead_letter_tells_what_came_before_it(bool running)
    {
        var rig = Run("recent", running);
        rig.Message("numbers", SystemRig.Int(1));
        rig.Message("texts", Text("two"));
        rig.Message("numbers", SystemRig.Int(7));
        Assert.Equal(["start", "message numbers 1", "message texts \"two\""], Before(rig, letter: 0));
    }

    [Fact]
    public void Of_an_agent_that_keeps_no_journal_nothing_is_told()
    {
        var rig = Run("off", running: false);
        rig.Message("numbers", SystemRig.Int(1));
        rig.Message("numbers", SystemRig.Int(7));
        Assert.Empty(Before(rig, letter: 0));
    }

    [Fact]
    public void An_event_that_was_rolled_back_stands_before_the_next()
    {
        var rig = Run("recent", running: false);
        rig.Message("numbers", SystemRig.Int(7));
        rig.Message("numbers", SystemRig.Int(7));
        Assert.Equal(["start", "message numbers 7"], Before(rig, letter: 1));
    }

    [Fact]
    public void The_newest_sixteen_are_told_and_of_large_ones_the_size()
    {
        var rig = Run("recent", running: false);
        for (int number = 100; number < 200; number++)
        {
            rig.Message("numbers", SystemRig.Int(number));
        }

        rig.Message("texts", Text(new string('x', 1_000)));
        rig.Message("numbers", SystemRig.Int(7));
        Assert.Equal(
            [.. Enumerable.Range(186, 14).Select(number => $"message numbers {number}"), "message texts (1004)"],
            Before(rig, letter: 0));
    }

    [Fact]
    public void What_gave_way_to_newer_octets_is_still_known_by_its_size()
    {
        var rig = Run("recent", running: false);
        for (int index = 0; index < 10; index++)
        {
            rig.Message("texts", Text(new string((char)('a' + index), 200)));
        }

        rig.Message("numbers", SystemRig.Int(7));
        string[] before = Before(rig, letter: 0);
        Assert.Equal("start", before[0]);
        Assert.Equal(["message texts (204)"], before[1..7].Distinct());
        Assert.Equal(
            "ghij".Select(letter => $"message texts \"{new string(letter, 200)}\""), before[7..]);
    }

    [Fact]
    public void Octets_of_any_size_come_back_as_they_were()
    {
        var random = new Xoshiro256(4);
        for (int round = 0; round < 40; round++)
        {
            var rig = Run("recent", running: false);
            var sent = new List<string>();
            for (int count = random.Next(60); 0 <= count; count--)
            {
                string text = new((char)('a' + random.Next(26)), random.Next(280));
                sent.Add(text);
                rig.Message("texts", Text(text));
            }

            rig.Message("numbers", SystemRig.Int(7));
            string[] before = Before(rig, letter: 0);
            for (int back = 1; back <= Math.Min(before.Length, sent.Count); back++)
            {
                string was = sent[^back];
                bool isNewest = back <= 3 && was.Length <= 252;
                string value = $"message texts \"{was}\"";
                string size = $"message texts ({was.Length + 4})";
                Assert.True(before[^back] == value || (!isNewest && before[^back] == size), before[^back]);
            }
        }
    }

    private static SystemRig Run(string level, bool running) =>
        new SystemRig(running).Add(Program.Replace("LEVEL", level, StringComparison.Ordinal)).Boot();

    private static byte[] Text(string text)
    {
        var output = new ByteWriter();
        output.Text(text);
        return output.Written.ToArray();
    }

    private static string[] Before(SystemRig rig, int letter) =>
        [.. rig.Kernel.DeadLetters.ElementAt(letter).Before.Select(Shown)];

    private static string Shown(RecentEvent one)
    {
        if (one.Event is not { } octets)
        {
            return one.Size == 0 ? one.Handler : $"{one.Handler} ({one.Size})";
        }

        var json = new ByteWriter();
        Assert.Null(ValueJson.Write(one.Type, octets.AsSpan(), json));
        string text = Encoding.UTF8.GetString(json.Written);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return $"{one.Handler} {text[(colon + 1)..^1]}";
    }
}
