using System.Collections.Immutable;
using System.Text;
using Tars.Base;
using Tars.Evolution.Gates;
using Tars.Host.Files;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Yaml;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Evolution.Gates;

/// <summary>Paths under `may_change` lead where they say, whatever stands beside.</summary>
public sealed class DocumentRulesTests
{
    private const string Text =
        """
        tars: 1
        module: served
        version: 1.0.0
        summary: Routes of which one may change.
        capabilities: { serve: [/] }
        handlers:
          http GET /a as request:
            do: |
              metric(asked, 1.0)
              return json_response(200, 1)
          http GET /a.json as request:
            do: |
              return json_response(200, 2)
        metrics:
          asked: { kind: sum, goal: maximize }
          other: { kind: sum, goal: maximize }
        evolution:
          objective: other
          may_change: [MAY]
          versions_per_session: 1
          approval: manual

        """;

    [Theory]
    [InlineData("handlers.http:GET:/a", "/a.json", false)]
    [InlineData("handlers.http:GET:/a", "/a", true)]
    [InlineData("handlers.http:GET:/a.json", "/a.json", true)]
    [InlineData("handlers.http:GET:/a.json", "/a", false)]
    [InlineData("handlers", "/a.json", true)]
    public void A_key_with_a_point_is_not_below_the_key_that_it_begins_with(string mayChange, string route, bool may)
    {
        string before = Text.Replace("MAY", mayChange, StringComparison.Ordinal);
        string body = route == "/a" ? "200, 1" : "200, 2";
        var refused = Judge(before, before.Replace(body, "200, 3", StringComparison.Ordinal));
        Assert.Equal(may ? "" : $"handlers.http:GET:{route}.do", string.Join(' ', refused));
    }

    // In data a blank and a colon are two things, and ` as ` is no binding.
    [Theory]
    [InlineData("{ \"a b\": 1, \"a:b\": 2 }", "scenarios[one].steps[0].value.a:b")]
    [InlineData("{ \"a b\": 1 }", "scenarios[one].steps[0].value.a:b")]
    [InlineData("{ \"a:b\": 2 }", "scenarios[one].steps[0].value.a:b")]
    [InlineData("{ \"a:b\": 1 }", "scenarios[one].steps[0].value.a:b scenarios[one].steps[0].value.a:b")]
    public void Keys_of_data_are_told_apart(string data, string refused)
    {
        string before = Text.Replace("MAY", "handlers", StringComparison.Ordinal).Replace(
            "serve: [/]", "serve: [/], subscribe: { in: \"map<text, int>\" }", StringComparison.Ordinal).Replace(
            "handlers:\n", "handlers:\n  message in as m:\n    do: |\n      log(\"m\", n = m.len())\n",
            StringComparison.Ordinal).Replace(
            "evolution:\n",
            "scenarios:\n  - { name: one, seed: 1, runs_for: 1s, steps: "
                + "[{ at: 1ms, publish: in, value: { \"a b\": 1, \"a:b\": 2 } }] }\nevolution:\n",
            StringComparison.Ordinal);
        Assert.Empty(Judge(before, before));
        string after = before.Replace("{ \"a b\": 1, \"a:b\": 2 }", data, StringComparison.Ordinal);
        Assert.Equal(after == before ? "" : refused, string.Join(' ', Judge(before, after)));
    }

    [Fact]
    public void A_new_key_with_a_point_is_no_part_of_its_neighbour()
    {
        string before = Text.Replace("MAY", "handlers.http:GET:/a", StringComparison.Ordinal);
        string after = before.Replace("metrics:\n", "  http GET /a.b as request:\n    do: |\n      return "
            + "json_response(200, 4)\nmetrics:\n", StringComparison.Ordinal);
        Assert.Equal(["handlers.http:GET:/a.b.do"], Judge(before, after));
    }

    private static ImmutableArray<string> Judge(string before, string after)
    {
        var files = ModuleFiles.Of(RepoRoot.File("served.tars"), Encoding.UTF8.GetBytes(before));
        var check = ModuleChecker.Check(files.Source, files);
        Assert.Empty(check.Diagnostics.Where(one => one.Severity == Severity.Error));
        return
        [
            .. DocumentRules.Judge(Read(before), Read(after), check.Evolution!).Select(one => one.Path),
        ];
    }

    private static YamlNode Read(string text)
    {
        var bag = new DiagnosticBag();
        var root = YamlReader.Read(new SourceText("served.tars", text), bag);
        Assert.False(bag.HasErrors);
        return root;
    }
}
