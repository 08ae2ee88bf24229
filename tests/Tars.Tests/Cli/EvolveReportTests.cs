using System.Globalization;
using System.Text;
using Tars.Cli;
using Tars.Cli.Views;
using Tars.Evolution.Search;
using Tars.Host.Evolving;
using Tars.Tests.Evolution.Planning;
using Tars.Tests.Host.Models;
using Xunit;

namespace Tars.Tests.Cli;

/// <summary>The folder of a run: the same octets however it was made, one run at a time, and nothing in the report that
/// a browser would run or fetch.</summary>
public sealed class EvolveReportTests : IDisposable
{
    private const string Hostile =
        """
        {"why":"<script>fetch('//evil')</script><img src=x onerror=alert(1)> \u001b]0;x\u0007 \u202e","edits":[
        {"edit":"replace-expression","path":"functions.push.do/0/0","key":null,
        "value":"distance - speed","before":null}]}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-report-").FullName;

    public EvolveReportTests() => File.WriteAllText(Path.Combine(_folder, "tuning.tars"), SmallTuning.Text);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("rules", 36, "Every gain")]
    [InlineData("search", 480, "The best of each kind")]
    public void The_folder_is_the_same_with_one_two_and_four_workers_and_after_a_kill(
        string planner, int evaluations, string told)
    {
        string[] how = ["--planner", planner, "--evaluations", $"{evaluations}"];
        var one = Folder("one", [.. how, "--workers", "1"]);
        Assert.Contains(told, one["report.html"], StringComparison.Ordinal);
        Assert.Equal(one, Folder("two", [.. how, "--workers", "2", "--scores", "apart"]));
        Assert.Equal(one, Folder("four", [.. how, "--workers", "4"]));

        // What a killed run leaves of its memory: half of a line at its end.
        string scores = Assert.Single(Directory.GetFiles(Path.Combine(_folder, "apart")));
        byte[] whole = File.ReadAllBytes(scores);
        File.WriteAllBytes(scores, whole[..((whole.Length / 2) + 3)]);
        Assert.Equal(one, Folder("again", [.. how, "--workers", "2", "--scores", "apart"]));
    }

    [Fact]
    public void The_report_tells_what_changed_why_and_what_judged_it()
    {
        string report = Folder("told")["report.html"];
        Assert.Contains("<p>Version ", report, StringComparison.Ordinal);
        Assert.Contains("The code of functions.push.do does something else", report, StringComparison.Ordinal);
        Assert.Contains(
            "It takes miss on validation from 3.7921 to 0.5716 (-84.9 % of the cost): better on 4 of 4 runs",
            report,
            StringComparison.Ordinal);
        Assert.Contains("brought miss on train from 3.7932 to", report, StringComparison.Ordinal);
        Assert.Contains("<td>regress</td><td class=\"pass\">passed</td>", report, StringComparison.Ordinal);
        Assert.Contains("<path class=\"curve\"", report, StringComparison.Ordinal);
        Assert.Contains("this run began here: 3.7921", report, StringComparison.Ordinal);
        Assert.Contains("evaluations, 0 of them not to their end", report, StringComparison.Ordinal);
        Assert.DoesNotMatch("20[0-9]{2}-[0-9]{2}-[0-9]{2}", report);
    }

    [Fact]
    public void A_hostile_text_reaches_no_page_but_as_text()
    {
        using var server = new ScriptedServer(new ScriptedAnswer(Protocols.Said("ollama", Hostile)));
        string report = Folder("hostile", "--model", "ollama:<b>x", "--model-url", server.Address)["report.html"];
        Assert.Contains("&lt;script&gt;fetch(", report, StringComparison.Ordinal);
        Assert.Contains("default-src &#39;none&#39;".Replace("&#39;", "'"), report, StringComparison.Ordinal);
        Assert.DoesNotMatch("(?i)<script|<img|<b>|<iframe|<link|\\bhref=|\\bsrc=x>|@import|url\\(", report);
        Assert.DoesNotContain(report, one => char.IsControl(one) && one != '\n');
        Assert.DoesNotContain('\u202e', report);
    }

    [Fact]
    public void Two_runs_do_not_write_into_one_folder()
    {
        using var held = RunFolder.Open(Path.Combine(_folder, "taken"), out _);
        var (status, _, error) = Run("taken");
        Assert.Equal(2, status);
        Assert.Equal(
            "tarscli evolve: taken: another run writes into it; -o names another folder\n", error);
    }

    // It was meant for an earlier run.
    [Fact]
    public void A_stop_file_that_was_there_before_ends_nothing_and_is_gone()
    {
        string stop = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "stopped")).FullName, "stop");
        File.WriteAllText(stop, "");
        Assert.Equal(Folder("told"), Folder("stopped"));
        Assert.False(File.Exists(stop));
    }

    [Fact]
    public void Progress_is_one_line_that_is_drawn_again_at_a_terminal_and_lines_elsewhere()
    {
        Assert.Equal(
            "\r\e[Kgeneration 1, 40 evaluations, 40 a second, best 8"
                + "\r\e[Kgeneration 2, 80 evaluations, 40 a second, best 4 ██▁"
                + "\r\e[Kgeneration 3, 120 evaluations, 40 a second, best 2 ██▃▃▁\r\e[K",
            Progress(redraws: true));
        Assert.Equal(
            """
            generation 1, 40 evaluations, 40 a second, best 8
            generation 2, 80 evaluations, 40 a second, best 4 ██▁
            generation 3, 120 evaluations, 40 a second, best 2 ██▃▃▁

            """,
            Progress(redraws: false));
    }

    private static string Progress(bool redraws)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        int second = 0;
        var live = new LiveProgress(
            output, redraws, cost => $"{cost}", () => TimeSpan.FromSeconds(second));
        for (second = 1; second <= 3; second++)
        {
            live.Round(new SearchProgress(second, second * 40, Math.Pow(2, 4 - second), ""));
            live.Round(new SearchProgress(second, second * 40, Math.Pow(2, 4 - second), ""));
        }

        live.End();
        return output.ToString();
    }

    private Dictionary<string, string> Folder(string name, params string[] more)
    {
        var (status, _, error) = Run(name, more);
        Assert.True(status == 0, error);
        return Directory.GetFiles(Path.Combine(_folder, name))
            .Where(file => Path.GetFileName(file) is not ("timing.json" or "lock"))
            .ToDictionary(file => Path.GetFileName(file), File.ReadAllText);
    }

    private (int Status, string Output, string Error) Run(string folder, params string[] more)
    {
        using var bytes = new MemoryStream();
        using var output = new StreamWriter(bytes, new UTF8Encoding(false)) { NewLine = "\n" };
        using var error = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var terminal = new Terminal(
            output, bytes, error, () => Stream.Null, _folder, OutputColors: false, ErrorColors: false);
        string[] budget = more.Contains("--evaluations") ? [] : ["--evaluations", "36"];
        int status = CommandLine.Run(
            ["evolve", "run", "tuning.tars", "--dry-run", .. budget, "-o", folder, .. more], terminal);
        return (status, Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }
}
