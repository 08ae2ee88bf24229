using System.Text;
using Tars.Cli;
using Tars.Cli.Commands;
using Tars.Host;
using Tars.Host.Journal;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Cli;

/// <summary>`run --watch`: what is saved takes over, and what does not compile changes nothing.</summary>
public sealed class WatchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tars-watch-").FullName;

    [Fact]
    public async Task A_saved_edit_is_swapped_in_and_one_that_does_not_fit_leaves_the_version_before_running()
    {
        using var told = new Told();
        using var stop = new CancellationTokenSource();
        Save("first");
        var watching = Watch(told, stop.Token);
        await told.Until("first 2");
        Save("\" + unknown + \"");
        await told.Until("the version before goes on");
        Assert.Contains("TARS0408", told.ToString(), StringComparison.Ordinal);
        Save("second", "\n  more: int = 7");
        await told.Until("main: tried on the last ");
        await told.Until(" difference");
        await told.Until("  - event ");
        await told.Until("swapped main 1.0.0 -> 1.0.0: +field more, 1 process, ");
        await told.Until("main: second ");
        Assert.DoesNotContain("main: second 0", told.ToString(), StringComparison.Ordinal);
        Save("third", "\n  more: text = \"\"");
        await told.Until("not swapped main 1.0.0 -> 1.0.0: more: `int` before, `text` now");
        for (int tick = 0; tick < 20; tick++)
        {
            await told.Until("main: second ", after: told.ToString().Length); // New events to be tried on.
        }

        int refused = told.ToString().Length;
        Save("fourth", "\n  more: int = 7");
        await told.Until("main: tried on the last ", after: refused);
        await stop.CancelAsync();
        Assert.Equal(ExitStatus.Fine, await watching);
    }

    [Fact]
    public async Task A_run_that_has_ended_begins_anew_when_a_file_of_it_changes_and_not_for_another()
    {
        using var told = new Told();
        using var stop = new CancellationTokenSource();
        string main = Path.Combine(_folder, "main.tars");
        File.WriteAllText(main, Ending("first"));
        var watching = Watch(told, stop.Token);
        await told.Until("main: first");
        File.WriteAllText(Path.Combine(_folder, "other.tars"), Ending("nobody"));
        await told.Until("nothing of the system has changed");
        await told.Until("the run has ended; the next change of it begins it anew");
        Assert.DoesNotContain("begins anew", told.ToString(), StringComparison.Ordinal);
        File.WriteAllText(main, Ending("second"));
        await told.Until("begins anew");
        await told.Until("main: second");
        await stop.CancelAsync();
        Assert.Equal(ExitStatus.Fine, await watching);
    }

    // Its agents are a module of their own, which nobody has named.
    [Fact]
    public async Task An_import_that_was_saved_is_swapped_in_before_who_imports_it()
    {
        using var told = new Told();
        using var stop = new CancellationTokenSource();
        string parts = Path.Combine(_folder, "parts.tars");
        File.WriteAllText(parts, Part("first"));
        File.WriteAllText(Path.Combine(_folder, "main.tars"), Spawning);
        var watching = Watch(told, stop.Token);
        await told.Until("parts.part: first 3");
        File.WriteAllText(parts + ".next", Part("second"));
        File.Move(parts + ".next", parts, overwrite: true);
        await told.Until("swapped parts 1.0.0 -> 1.0.0: 1 process, ");
        await told.Until("swapped main 1.0.0 -> 1.0.0: 1 process, ");
        await told.Until("parts.part: second ");
        await stop.CancelAsync();
        Assert.Equal(ExitStatus.Fine, await watching);
        Assert.Matches("(?s)swapped parts .*swapped main ", told.ToString());
        Assert.DoesNotContain("another version", told.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_had_its_time_is_over()
    {
        using var told = new Told();
        using var stop = new CancellationTokenSource();
        Save("first");
        Assert.Equal(ExitStatus.Fine, await Watch(told, stop.Token, new RunOptions { For = 50_000_000 }));
        Assert.Contains("main: first", told.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_was_recorded_is_over_when_it_ends_by_itself()
    {
        using var told = new Told();
        using var stop = new CancellationTokenSource();
        string log = Path.Combine(_folder, "log");
        File.WriteAllText(Path.Combine(_folder, "main.tars"), Ending("first"));
        Assert.Equal(ExitStatus.Fine, await Watch(told, stop.Token, new RunOptions { Record = log }));
        Assert.True(File.Exists(log));
        Assert.DoesNotContain("begins it anew", told.ToString(), StringComparison.Ordinal);
    }

    // While a mistake is told the next text is saved, and the run, which has no more to say, has had its time.
    [Fact]
    public async Task What_is_saved_just_before_a_run_has_had_its_time_does_not_begin_it_anew()
    {
        const string Waits = "      after 60s late\n  timer late:\n    do: |\n      log(\"late\")\n";
        string main = Path.Combine(_folder, "main.tars");
        string first = Ending("first") + Waits + "capabilities:\n  timers: { shortest: 10ms }\n";
        File.WriteAllText(main, first);
        using var told = new Told { When = "the version before goes on" };
        told.Then = () =>
        {
            File.WriteAllText(main, Ending("second"));
            Thread.Sleep(1_500);
        };
        using var stop = new CancellationTokenSource();
        var watching = Watch(told, stop.Token, new RunOptions { For = 1_000_000_000 });
        await told.Until("main: first");
        File.WriteAllText(main, Ending("\" + unknown + \""));
        Assert.Equal(ExitStatus.Fine, await watching);
        Assert.DoesNotContain("begins", told.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("main: second", told.ToString(), StringComparison.Ordinal);
    }

    // What it began with is let go of only by who has loaded it: it is run again twice.
    [Fact]
    public async Task A_load_in_which_something_was_swapped_is_told_to_be_inconclusive()
    {
        using var told = new Told();
        using var stop = new CancellationTokenSource();
        string log = Path.Combine(_folder, "log");
        Save("first");
        var watching = Watch(told, stop.Token, new RunOptions { Record = log }, new SwapTerms { Probation = 0 });
        await told.Until("first 2");
        Save("second");
        await told.Until("main: second ");
        await stop.CancelAsync();
        Assert.Equal(ExitStatus.Fine, await watching);
        var options = new WhatIfOptions { Policy = PolicyKind.Fair };
        var outcome = WhatIf.Run(log, options, TestContext.Current.CancellationToken);
        var report = Assert.IsType<WhatIfOutcome.Compared>(outcome).Report;
        Assert.Contains("a module was swapped", report.Inconclusive, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_import_of_another_folder_counts_and_what_is_saved_before_the_run_is_up_is_not_lost()
    {
        using var told = new Told();
        using var stop = new CancellationTokenSource();
        string words = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "parts")).FullName, "words.tars");
        SaveWord(words, "first");
        File.WriteAllText(Path.Combine(_folder, "main.tars"), Saying);
        var watching = Watch(told, stop.Token);
        SaveWord(words, "second"); // Before the first look at it, or while the run begins.
        await told.Until("second");
        SaveWord(words, "third");
        await told.Until("swapped main");
        await told.Until("third");
        Assert.DoesNotContain("is new", told.ToString(), StringComparison.Ordinal);
        await stop.CancelAsync();
        Assert.Equal(ExitStatus.Fine, await watching);
    }

    // Editors save by renaming, and what is renamed is as old as it was.
    [Fact]
    public async Task What_is_saved_while_the_first_look_is_taken_counts_however_old_it_says_that_it_is()
    {
        string words = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "parts")).FullName, "words.tars");
        string whole = Path.Combine(_folder, "whole");
        SaveWord(whole, "whole");
        File.SetLastWriteTimeUtc(whole, DateTime.UnixEpoch);
        File.WriteAllText(words, "tars: 1\nmodule: words\n");
        File.WriteAllText(Path.Combine(_folder, "main.tars"), Saying);
        using var told = new Told { Then = () => File.Move(whole, words, overwrite: true) };
        using var stop = new CancellationTokenSource();
        var watching = Watch(told, stop.Token);
        await told.Until("main: whole");
        await stop.CancelAsync();
        Assert.Equal(ExitStatus.Fine, await watching);
    }

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsLinux))]
    public async Task A_file_that_became_a_pipe_keeps_nobody_from_stopping()
    {
        using var told = new Told();
        using var stop = new CancellationTokenSource();
        Save("first");
        var watching = Watch(told, stop.Token);
        await told.Until("first 2");
        await SavePipe();
        for (int tick = 0; tick < 50; tick++)
        {
            await told.Until("main: first ", after: told.ToString().Length); // It is looked at meanwhile.
        }

        await stop.CancelAsync();
        Assert.Equal(ExitStatus.Fine, await watching);
    }

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsLinux))]
    public async Task A_file_that_becomes_a_pipe_does_not_hold_a_run_that_has_had_its_time()
    {
        using var told = new Told();
        using var stop = new CancellationTokenSource();
        Save("first");
        var watching = Watch(told, stop.Token, new RunOptions { For = 2_000_000_000 });
        await told.Until("main: first ");
        await SavePipe();
        var limit = TimeSpan.FromSeconds(60);
        Assert.Equal(ExitStatus.Fine, await watching.WaitAsync(limit, TestContext.Current.CancellationToken));
    }

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsLinux))]
    public async Task What_is_saved_after_a_file_was_a_pipe_is_swapped_in()
    {
        using var told = new Told();
        using var stop = new CancellationTokenSource();
        Save("first");
        var watching = Watch(told, stop.Token);
        await told.Until("first 2");
        await SavePipe();

        // The run's own lines may stand between the two.
        await told.Until("main.tars: it is empty, or no regular file\n");
        await told.Until("the version before goes on\n");
        Save("second");
        await told.Until("main: second ");
        await stop.CancelAsync();
        Assert.Equal(ExitStatus.Fine, await watching);
    }

    public static bool IsLinux => OperatingSystem.IsLinux();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Nobody writes to it.
    private async Task SavePipe()
    {
        string pipe = Path.Combine(_folder, "pipe");
        using (var made = System.Diagnostics.Process.Start("mkfifo", [pipe]))
        {
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        File.Move(pipe, Path.Combine(_folder, "main.tars"), overwrite: true);
    }

    private Task<int> Watch(Told told, CancellationToken stop, RunOptions? run = null, SwapTerms? swaps = null)
    {
        var terminal = new Terminal(
            TextWriter.Null, Stream.Null, told, () => Stream.Null, _folder, OutputColors: false, ErrorColors: false);
        var options = new RunCommand.Options(
            ["main.tars"],
            (run ?? new RunOptions()) with { Terms = swaps ?? new SwapTerms() },
            Stats: false,
            Watch: true,
            Strict: false,
            Json: false);
        return Task.Run(() => WatchLoop.Run(options, terminal, stop), TestContext.Current.CancellationToken);
    }

    private const string Spawning = """
        tars: 1
        module: main
        version: 1.0.0
        summary: Has a part.
        imports: { parts: parts.tars }
        capabilities:
          spawn: { parts.part: 1 }
        handlers:
          start:
            do: |
              spawn parts.part()

        """;

    private static string Part(string word) => $$"""
        tars: 1
        module: parts
        version: 1.0.0
        summary: Says a word.
        capabilities:
          timers: { shortest: 10ms }
        agentic:
          agents:
            part:
              role: Says it.
              starts: by_spawn
              state: { count: int = 0 }
              handlers:
                start:
                  do: |
                    every 10ms tick
                timer tick:
                  do: |
                    count += 1
                    log("{{word}} {count}")

        """;

    private const string Saying = """
        tars: 1
        module: main
        version: 1.0.0
        summary: Says a word of another file.

        imports: { words: ./parts/words.tars }

        capabilities:
          timers: { shortest: 10ms }

        handlers:
          start:
            do: |
              every 10ms tick

          timer tick:
            do: |
              log(words.word)

        """;

    private static void SaveWord(string path, string word)
    {
        File.WriteAllText(
            path + ".next",
            $"""
            tars: 1
            module: words
            version: 1.0.0
            summary: Has a word.

            constants:
              word: text = "{word}"

            """);
        File.Move(path + ".next", path, overwrite: true);
    }

    private static string Ending(string word) =>
        $"""
        tars: 1
        module: main
        version: 1.0.0
        summary: Says a word and has nothing more to do.
        handlers:
          start:
            do: |
              log("{word}")

        """;

    private void Save(string word, string state = "")
    {
        // Whoever looks meanwhile sees the one text or the other, as with a careful editor.
        string next = Path.Combine(_folder, "next");
        File.WriteAllText(
            next,
            $$"""
            tars: 1
            module: main
            version: 1.0.0
            summary: Says which version it is.

            capabilities:
              timers: { shortest: 10ms }

            state:
              ticks: int = 0{{state}}

            handlers:
              start:
                do: |
                  every 10ms tick

              timer tick:
                do: |
                  log("{{word}} {ticks}")
                  ticks += 1

            """);
        File.Move(next, Path.Combine(_folder, "main.tars"), overwrite: true);
    }

    /// <summary>What was told so far; one can wait for words.</summary>
    private sealed class Told : TextWriter
    {
        private readonly StringBuilder _text = new();
        private readonly SemaphoreSlim _more = new(0);

        /// <summary>With the first line after which these words were told, Then is done, once.</summary>
        public string When { get; init; } = "";

        public Action Then { get; set; } = () => { };

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            lock (_text)
            {
                _text.Append(value);
            }

            if (value == '\n')
            {
                if (ToString().Contains(When, StringComparison.Ordinal))
                {
                    Then();
                    Then = () => { };
                }

                _more.Release();
            }
        }

        public override string ToString()
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }

        /// <summary>Waits for words. Whoever waits for words that never come is told what came.</summary>
        public async Task Until(string words, int after = 0)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(TimeSpan.FromMinutes(2));
            while (!ToString()[after..].Contains(words, StringComparison.Ordinal))
            {
                try
                {
                    await _more.WaitAsync(patience.Token);
                }
                catch (OperationCanceledException)
                {
                    Assert.Fail($"no \"{words}\" in:\n{this}");
                }
            }
        }

        protected override void Dispose(bool disposing)
        {
            _more.Dispose();
            base.Dispose(disposing);
        }
    }
}
