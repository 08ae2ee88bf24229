using System.Globalization;
using System.Text;
using Tars.Kernel.Ports;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Lang.Emitting;

/// <summary>
/// What compiled programs do is one file each in tests/golden/lang/run: the program, a line of four equals signs, the
/// events one a line (perhaps `@nanoseconds`, the handler's key, its values as a JSON array; or `answer`, the number of
/// a wait, and its value or failure as JSON), then what came of it.
/// To add a case write program and events, run `./dev.cs bless`, and check the answer by hand.
/// </summary>
public sealed class RunTests
{
    private const string Divider = "====\n";

    public static IEnumerable<TheoryDataRow<string>> Programs => Golden.Files("lang/run");

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_program_does_what_its_text_says(string path) => Golden.Check(path, Run);

    [Theory]
    [MemberData(nameof(Programs))]
    public void How_events_are_cut_into_batches_changes_nothing(string path)
    {
        var (program, events) = Split(File.ReadAllText(path));
        string[] answers = [.. ((int[])[1, 2, 3, 1000]).Select(batch =>
        {
            using var process = CompiledProcess.Start(program);
            var outcome = process.Run([.. events.Select(line => Parse(process, line))], batch);
            return string.Join('\n', outcome.Effects.Select(one => $"{one.Event} {EffectText.Of(process, one)}"))
                + process.StateText();
        })];
        Assert.All(answers, answer => Assert.Equal(answers[0], answer));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void An_event_that_runs_out_of_fuel_leaves_no_trace(string path)
    {
        var (program, events) = Split(File.ReadAllText(path));
        using var process = CompiledProcess.Start(program);
        foreach (string line in events)
        {
            var one = Parse(process, line);
            byte[] before = process.Save();
            for (long fuel = 10; fuel < 100_000; fuel += (fuel / 3) + 7)
            {
                var stopped = process.Run([one], fuel: fuel);
                if (stopped.Trap?.Kind != FaultKind.OutOfFuel)
                {
                    break;
                }

                Assert.Empty(stopped.Effects);
                Assert.Equal(before, process.Save());
            }

            process.Run([one]);
        }
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_process_goes_on_from_its_saved_state_as_if_nothing_had_been(string path)
    {
        var (program, events) = Split(File.ReadAllText(path));
        using var process = CompiledProcess.Start(program);
        var twin = process.Reloaded();
        foreach (string line in events)
        {
            var next = twin.Reloaded();
            twin.Dispose();
            twin = next;
            var one = process.Run([Parse(process, line)]);
            var other = twin.Run([Parse(twin, line)]);
            Assert.Equal(
                one.Effects.Select(effect => EffectText.Of(process, effect)),
                other.Effects.Select(effect => EffectText.Of(twin, effect)));
            Assert.Equal(one.Trap, other.Trap);
            Assert.Equal(process.Save(), twin.Save());
        }

        twin.Dispose();
    }

    private static string Run(string input)
    {
        var (program, events) = Split(input);
        using var process = CompiledProcess.Start(program);
        var text = new StringBuilder();
        foreach (string line in events)
        {
            text.Append(CultureInfo.InvariantCulture, $"{line}\n");
            var outcome = process.Run([Parse(process, line)]);
            foreach (var effect in outcome.Effects)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {EffectText.Of(process, effect)}\n");
            }

            if (outcome.Trap is { } trap)
            {
                string why = trap.Kind == FaultKind.Unreachable ? trap.Trap.ToString() : trap.Kind.ToString();
                text.Append($"  trap {why} at line {trap.Site?.Start.Line} {trap.Text}".TrimEnd()).Append('\n');
            }

            if (process.PendingText() is { Length: > 0 } pending)
            {
                text.Append($"  {pending}\n");
            }
        }

        return text.Append(process.StateText()).ToString();
    }

    private static (string Program, string[] Events) Split(string input)
    {
        int cut = input.IndexOf("\n" + Divider, StringComparison.Ordinal) + 1;
        int end = input.IndexOf("\n----\n", StringComparison.Ordinal) is >= 0 and int found ? found : input.Length;
        return (input[..cut], input[(cut + Divider.Length)..end].Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static GuestEvent Parse(CompiledProcess process, string line)
    {
        long instant = 0;
        if (line.StartsWith('@'))
        {
            int blank = line.IndexOf(' ');
            instant = long.Parse(line[1..blank], CultureInfo.InvariantCulture);
            line = line[(blank + 1)..];
        }

        int values = line.IndexOf('[');
        if (line.Split(' ', 3) is ["answer", var number, var json])
        {
            return process.Answer(int.Parse(number, CultureInfo.InvariantCulture), json, instant);
        }

        return values < 0
            ? process.Event(line, instant: instant)
            : process.Event(line[..values].Trim(), line[values..], instant);
    }
}
