using System.Globalization;
using System.Text.Json;
using Tars.Host;
using Tars.Host.Journal;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host.Journal;

/// <summary>
/// A mistake that shows long after it was made is found by stepping back: the state after any transaction can be seen,
/// so the first one after which it is wrong can be looked for by halves.
/// </summary>
public sealed class SteppingBackTests : IDisposable
{
    // It forgets to count what is exactly as large as the largest before, which no trap and no output shows.
    private const string Program = """
        tars: 1
        module: stock
        version: 1.0.0
        summary: Adds up deliveries, and knows the largest.
        capabilities:
          devices: { input: lines, out: console }
        agentic:
          agents:
            clerk:
              role: Adds up.
              state:
                sum: int = 0
                lines: int = 0
                largest: int = 0
              handlers:
                device input as line:
                  do: |
                    let content = line else {
                      tell out.print(line = "sum {sum}")
                      return
                    }
                    lines += 1
                    let size = content.size()
                    if size == largest { return }
                    if size > largest { largest = size }
                    sum += size
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-steps-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_transaction_after_which_the_state_is_wrong_is_found_by_halves()
    {
        // The thirtieth of the largest size so far is met again at the four hundredth line, and nowhere before.
        int[] sizes = [.. Enumerable.Range(0, 700).Select(number => number switch
        {
            30 or 400 => 99,
            _ => number < 30 ? number + 1 : (number * 7 % 90) + 1,
        })];
        string log = Record(sizes);
        long good = 0;
        long bad = Replayed(log, until: null).Transactions;
        Assert.False(IsRight(log, bad, sizes));
        int looks = 0;
        while (good + 1 < bad)
        {
            long middle = (good + bad) / 2;
            looks++;
            (good, bad) = IsRight(log, middle, sizes) ? (middle, bad) : (good, middle);
        }

        var found = Replayed(log, bad).Last!;
        Assert.Equal(("device input", 401), (found.Handler, LinesOf(log, bad)));
        Assert.Contains("if size == largest { return }", Line(found.Line), StringComparison.Ordinal);
        Assert.InRange(looks, 5, 10);
    }

    [Fact]
    public void What_ran_last_is_a_statement_and_who_begins_anew_is_said_to()
    {
        const string More = "role: Adds up.\n      on_trap: restart\n      invariants:\n        - sum < 12";
        string program = Program.Replace("role: Adds up.", More, StringComparison.Ordinal);
        string log = Record([5, 6, 7, 8], program);
        Assert.Equal(
            [
                "birth largest: int = 0 ", "device input sum += size ", "device input sum += size ",
                "device input - sum < 12 invariant broken",
            ],
            [.. Enumerable.Range(1, 4).Select(until => Replayed(log, until).Last!).Select(last =>
                $"{last.Handler} {Line(last.Line, program).Trim()} {last.Trap}")]);
        Assert.Equal("it begins anew, and is not born again yet", Assert.Single(Replayed(log, 4).States).Reason);
        Assert.Equal("birth", Replayed(log, 5).Last!.Handler);
        Assert.Contains("\"sum\":8", Replayed(log, 6).States[0].Json, StringComparison.Ordinal);
    }

    private static string Line(int number, string program = Program)
    {
        string[] lines = program.Split('\n');
        return 0 < number && number <= lines.Length ? lines[number - 1] : "";
    }

    private static bool IsRight(string log, long until, int[] sizes)
    {
        var (sum, lines) = StateOf(log, until);
        return sum == sizes.Take(lines).Sum();
    }

    private static int LinesOf(string log, long until) => StateOf(log, until).Lines;

    private static (long Sum, int Lines) StateOf(string log, long until)
    {
        var clerk = Replayed(log, until).States.FirstOrDefault(one => one.Json is not null);
        if (clerk is null)
        {
            return (0, 0); // It is not born yet.
        }

        using var state = JsonDocument.Parse(clerk.Json!);
        return (state.RootElement.GetProperty("sum").GetInt64(), state.RootElement.GetProperty("lines").GetInt32());
    }

    private static ReplayReport Replayed(string log, long? until)
    {
        var options = new ReplayOptions { Until = until, States = true };
        var streams = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
        var outcome = Replay.Run(log, options, streams, TestContext.Current.CancellationToken);
        return Assert.IsType<ReplayOutcome.Ended>(outcome).Report;
    }

    private string Record(int[] sizes, string program = Program)
    {
        string input = Path.Combine(_folder, "lines");
        string log = Path.Combine(_folder, "log");
        File.WriteAllLines(input, sizes.Select(size => new string('x', size)));
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        var outcome = SystemRun.Run(
            [CompiledProcess.Compile(program).Bytes],
            new RunOptions { Inputs = [new InputSpec("input", input)], VirtualTime = true, Record = log },
            new RunStreams(Stream.Null, Stream.Null, output),
            TestContext.Current.CancellationToken);
        Assert.True(outcome is RunOutcome.Ended, output.ToString());
        return log;
    }
}
