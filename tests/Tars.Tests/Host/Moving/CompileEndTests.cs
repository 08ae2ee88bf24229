using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tars.Cli;
using Tars.Engine.Vm.Objects;
using Tars.Host;
using Xunit;

namespace Tars.Tests.Host.Moving;

/// <summary>A run that ends does not wait for what is being compiled for it, and leaves no compiler behind.</summary>
/// <remarks>The whole program runs, as a user starts it; the module costs a compiler some ten seconds.</remarks>
public sealed class CompileEndTests : IDisposable
{
    private const int FunctionCount = 60;

    private const string Head = """
        tars: 1
        module: bomb
        version: 1.0.0
        summary: Costs a compiler much more than its length.
        capabilities:
          devices: { out: console }
          timers: { shortest: 1s }
        state:
          count: int = 0
        functions:

        """;

    // In place of NUMBER each has its own.
    private const string Function = """
          mix_NUMBER:
            with: { a: int, b: int, words: list<text> }
            returns: int
            do: |
              var sum = a
              for i in 0..words.len() {
                for j in 0..words[i].size() {
                  sum += b * j + i
                  if sum > 1000 { sum = sum % (b + 3) }
                }
                let word = words[i].lower()
                if word == "xNUMBER" { sum += word.size() } else { sum -= words.len() }
              }
              return sum

        """;

    private static readonly TimeSpan _atOnce = TimeSpan.FromSeconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-bomb-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_signal_ends_a_run_that_waits_for_its_compiler()
    {
        using var run = Start("--engine", "microvm");
        int child = await CompilerOf(run);
        using (var kill = Process.Start("kill", ["-TERM", $"{run.Id}"]))
        {
            await kill.WaitForExitAsync(Stop);
        }

        await EndsAtOnce(run, child);
        Assert.Contains(
            "told to end before it had begun", await run.StandardError.ReadToEndAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_its_time_ends_a_run_that_is_compiled_for_another_engine()
    {
        using var run = Start("--engine", "auto", "--for", "4s");
        int child = await CompilerOf(run);
        await Task.Delay(TimeSpan.FromSeconds(4), Stop);
        await EndsAtOnce(run, child);
        Assert.NotEqual("", await run.StandardOutput.ReadToEndAsync(Stop));
    }

    private Process Start(params string[] words)
    {
        Assert.SkipWhen(Compose.Engine("microvm", Stop) is null, Compose.WhyNot("microvm"));
        var text = new StringBuilder(Head);
        for (int number = 0; number < FunctionCount; number++)
        {
            text.Append(Function.Replace("NUMBER", $"{number}", StringComparison.Ordinal));
        }

        text.Append("handlers:\n  start:\n    do: |\n      every 1s beat\n  timer beat:\n    do: |\n");
        for (int number = 0; number < FunctionCount; number++)
        {
            text.Append(
                CultureInfo.InvariantCulture, $"      count += mix_{number}(count, {number}, [\"b{{count}}\"])\n");
        }

        text.Append("      tell out.print(line = \"{count}\")\n");
        string file = Path.Combine(_folder, "bomb.tars");
        File.WriteAllText(file, text.ToString());
        var program = new ProcessStartInfo(
            CompileChild.DotnetHost(), ["exec", typeof(CommandLine).Assembly.Location, "run", file, .. words])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        program.Environment["XDG_CACHE_HOME"] = Path.Combine(_folder, "cache"); // Nothing has been compiled yet.
        return Process.Start(program)!;
    }

    private static async Task<int> CompilerOf(Process run)
    {
        while (!run.HasExited)
        {
            if (ChildOf(run.Id) is { } child)
            {
                return child;
            }

            await Task.Delay(20, Stop);
        }

        throw new InvalidOperationException(
            $"it ended before it compiled: {await run.StandardError.ReadToEndAsync(Stop)}");
    }

    // Threads come and go meanwhile, and the run itself may end.
    private static int? ChildOf(int parent)
    {
        try
        {
            foreach (string thread in Directory.GetDirectories($"/proc/{parent}/task"))
            {
                string children = File.ReadAllText(Path.Combine(thread, "children"));
                if (children.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var first, ..])
                {
                    return int.Parse(first, CultureInfo.InvariantCulture);
                }
            }
        }
        catch (IOException)
        {
            // Whoever asks asks again.
        }

        return null;
    }

    private async Task EndsAtOnce(Process run, int child)
    {
        long begun = Stopwatch.GetTimestamp();
        await run.WaitForExitAsync(Stop);
        while (IsAlive(child))
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < _atOnce, "its compiler goes on");
            await Task.Delay(20, Stop);
        }

        Assert.True(Stopwatch.GetElapsedTime(begun) < _atOnce, "it did not end at once");
        Assert.Empty(Directory.Exists(Path.Combine(_folder, "cache"))
            ? Directory.GetFiles(Path.Combine(_folder, "cache"), "*", SearchOption.AllDirectories)
            : []); // Or it was compiled, and nothing was stopped.
    }

    // A process that has ended is there until somebody asks how; its parent is no more, and the system may be slow.
    private static bool IsAlive(int process)
    {
        try
        {
            return !File.ReadLines($"/proc/{process}/status")
                .Any(line => line.StartsWith("State:\tZ", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    }
}
