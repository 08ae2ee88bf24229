using System.Collections.Immutable;
using Tars.Evolution.Gates;
using Tars.Host.Evolving;
using Tars.Tests.Evolution.Planning;
using Xunit;

namespace Tars.Tests.Evolution.Gates;

/// <summary>What no gate sees run is not let through beside a gain.</summary>
public sealed class UntriedCodeTests
{
    private const string MayChange = "may_change: [params.gain.value, functions.push.do]";

    // A handler that no scenario runs, and a function that it alone calls.
    private static readonly string _text = SmallTuning.Text
        .Replace("params:\n", "capabilities:\n  subscribe: { alarm: float }\n\nparams:\n", StringComparison.Ordinal)
        .Replace(
            "handlers:\n",
            """
              vent:
                with: { level: float }
                returns: float
                do: |
                  return half(level) * 3.0
              half:
                with: { level: float }
                returns: float
                do: |
                  return level / 2.0

            handlers:
              message alarm as level:
                do: |
                  log("open", by = vent(level))
            """ + "\n",
            StringComparison.Ordinal)
        .Replace(
            MayChange,
            "may_change: [params.gain.value, functions, handlers]\n  frozen: [handlers.start]",
            StringComparison.Ordinal);

    // The same with scenarios that run that handler, and a loop in it.
    private static readonly string _open = _text
        .Replace("    runs_for: 1s\n", "    runs_for: 1s\n    steps:\n      - { at: 1ms, publish: alarm, value: 2 }\n",
            StringComparison.Ordinal)
        .Replace(
            "      log(\"open\", by = vent(level))\n",
            """
                  var sum = 0.0
                  for step in 0..3 {
                    sum += level * 0.5
                  }
                  log("open", by = vent(level), sum = sum)
            """ + "\n",
            StringComparison.Ordinal)
        .Replace("nodes_at_most: 20", "nodes_at_most: 1_000_000", StringComparison.Ordinal);

    public static TheoryData<string, string, string> Untried => new()
    {
        { "by = vent(level)", "by = vent(level) * 9.0", "handlers.message:alarm.do" },
        { "return half(level) * 3.0", "return 0.0 * half(level)", "functions.vent.do" },
        { "return level / 2.0", "return level", "functions.half.do" },
        { "  start:\n", "  stop:\n    do: |\n      log(\"gone\")\n  start:\n", "handlers.stop.do" },
        // A name in a comment or a text runs nothing.
        { "return half(level) * 3.0", "# half\n      return 0.0 * half(level)", "functions.vent.do" },
    };

    [Theory]
    [MemberData(nameof(Untried))]
    public void A_gain_takes_no_change_along_that_no_scenario_runs(string old, string now, string path)
    {
        string better = Replaced(_text, "value: 0.2", "value: 0.4");
        var last = Judge(_text, Replaced(better, old, now))[^1];
        Assert.Equal("covered", last.Gate);
        Assert.Equal($"{path} is changed, and no scenario runs it", last.Reason);
    }

    // What no scenario runs does not go beside a gain either: nothing that judges would miss it.
    [Theory]
    [InlineData(
        "  message alarm as level:\n    do: |\n      log(\"open\", by = vent(level))\n", "handlers.message:alarm")]
    [InlineData("  stop:\n    do: |\n      log(\"shut\")\n", "handlers.stop")]
    public void A_gain_drops_nothing_that_no_scenario_runs(string handler, string path)
    {
        string before = _text.Contains(handler, StringComparison.Ordinal) ? _text
            : Replaced(_text, "\nhandlers:\n", $"\nhandlers:\n{handler}");
        var last = Judge(before, Replaced(Replaced(before, "value: 0.2", "value: 0.4"), handler, ""))[^1];
        Assert.Equal("covered", last.Gate);
        Assert.Contains(path, last.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("      log(\"open\"", "      # It is open.\n      log(\"open\"")]
    [InlineData("      log(\"open\"", "      # It is open.\n\n      # Wide.\n      log(\"open\"")]
    [InlineData("      let mark", "      # It is frozen.\n      let mark")]
    public void A_comment_is_no_change_of_code(string old, string now) =>
        Assert.All(Judge(_text, Replaced(_text, old, now)), one => Assert.Equal("", one.Reason));

    [Fact]
    public void What_runs_through_others_or_is_asked_by_a_test_may_change()
    {
        string called = Replaced(_text, "distance * gain", "distance * gain * (vent(1.0) / 1.5)");
        Assert.All(Judge(called, Replaced(called, "level / 2.0", "level * 0.5")), one => Assert.Equal("", one.Reason));
        string tested = Replaced(
            _text, "\nscenarios:", "\ntests:\n  - name: half\n    do: |\n      assert half(2.0) == 1.0\n\nscenarios:");
        Assert.All(
            Judge(tested, Replaced(tested, "level / 2.0", "level * 0.5")), one => Assert.Equal("", one.Reason));
    }

    [Theory]
    [InlineData("message room/{n}/level as level", "publish: room/7/level, value: 2", "room/+/level: float")]
    [InlineData("message {n} as level", "publish: seven, value: 2", "+: float")]
    public void What_binds_a_segment_runs_by_another_name(string key, string step, string subscribed)
    {
        string text = Replaced(Replaced(_text, "message alarm as level", key), "alarm: float", subscribed);
        string other = Replaced(text, "\"open\"", "\"opens\"");
        Assert.Equal("covered", Judge(text, other)[^1].Gate);
        string Stepped(string one) => Replaced(
            one, "    runs_for: 1s\n", $"    runs_for: 1s\n    steps:\n      - {{ at: 1ms, {step} }}\n");
        Assert.All(Judge(Stepped(text), Stepped(other)), one => Assert.Equal("", one.Reason));
    }

    // Called by no code of a handler, but by what every start works out.
    [Theory]
    [InlineData("state:\n  kept: text = \"by {half(2.0)}\"\n\n", "handlers:\n")]
    [InlineData("state:\n  kept: float = half(2.0)\n\n", "handlers:\n")]
    [InlineData("constants:\n  one: float = half(2.0)\n\n", "params:\n")]
    [InlineData("types:\n  Kept: { by: float = half(2.0) }\n\n", "params:\n")]
    [InlineData("  told:\n    text: |\n      by {half(2.0)}\n\n", "handlers:\n", "log(told())\n      ")]
    public void What_is_worked_out_without_a_call_may_change(string text, string at, string code = "")
    {
        string asking = Replaced(_text, $"\n{at}", $"\n{text}{at}");
        asking = Replaced(asking, "let mark", code + "let mark");
        Assert.All(Judge(asking, Replaced(asking, "level / 2.0", "level * 0.5")), one => Assert.Equal("", one.Reason));
    }

    // Prose calls nothing, and neither does a word that is no call.
    [Theory]
    [InlineData("metrics:\n  miss: {", "metrics:\n  miss: { unit: half,")]
    [InlineData("  - name: to learn from", "  - name: half of it")]
    [InlineData("goal: minimize, about: Never reported.", "goal: minimize, about: Never half reported.")]
    [InlineData("diagnose: It drives too weakly.", "diagnose: It drives half.")]
    public void What_prose_names_is_not_run(string old, string now)
    {
        string told = Replaced(_text, old, now);
        var last = Judge(told, Replaced(told, "level / 2.0", "level"))[^1];
        Assert.Equal("covered", last.Gate);
        Assert.Equal("functions.half.do is changed, and no scenario runs it", last.Reason);
    }

    // A name that stands in code that runs, in an arm that nothing takes.
    [Fact]
    public void What_is_named_and_never_called_is_not_run()
    {
        string named = Replaced(_open, "by = vent(level)", "by = if level < 0.0 { half(2.0) } else { 1.0 }");
        named = Replaced(named, "      return half(level) * 3.0", "      return level * 3.0");
        var last = Judge(named, Replaced(named, "level / 2.0", "level"))[^1];
        Assert.Equal("functions.half.do is changed, and no scenario runs it", last.Reason);
    }

    public static TheoryData<string, string> Bombs => new()
    {
        { "sum += ", "if step > 1_000_000 { metric(turns, 1.0) }\n        sum += " },
        { "sum += ", "if step > 1_000_000 { sum = 0.0 }\n        sum += " },
        { "sum += ", "if step < 1_000_000 { sum += 0.0 } else { sum = 0.0 }\n        sum += " },
        { "sum += ", "if step < 0 { return } else if step > 1_000_000 { sum = 0.0 }\n        sum += " },
        { "sum += ", "while step > 1_000_000 { sum = 0.0 }\n        sum += " },
        { "sum += ", "for more in 1_000_000..step { sum = 0.0 }\n        sum += " },
        { "sum += level", "sum += if step > 1_000_000 { 9.0 } else { level }" },
        { "sum += level", "sum += (if step < 1_000_000 { (level) } else { ((9.0)) })" },
        { "sum += level", "sum += [level].map(one => if one > 1_000_000.0 { 9.0 } else { one })[0]" },
        {
            "sum += ",
            "match \"{step}\" {\n          \"1_000_000\" => sum = 0.0\n          else => sum += 0.0\n        }\n        sum += "
        },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void What_waits_in_an_arm_that_nothing_takes_does_not_pass_beside_a_gain(string old, string now)
    {
        string bomb = Replaced(Replaced(_open, "value: 0.2", "value: 0.4"), old, now);
        var last = Judge(_open, bomb)[^1];
        Assert.Equal("covered", last.Gate);
        Assert.Matches(
            @"^handlers\.message:alarm\.do:\d+ is new or changed, and nothing comes to it: an? [^;]*$", last.Reason);
        int line = int.Parse(
            last.Reason.Split(':', ' ')[2], System.Globalization.CultureInfo.InvariantCulture);
        string text = SmallTuning.Module(bomb).Problem.Source.Text;
        Assert.Contains("1_000_000", text.Split('\n')[line - 1]);

        // Once it is there by a person's hand, it stays beside any gain.
        string there = Replaced(_open, old, now);
        Assert.All(Judge(there, Replaced(there, "value: 0.2", "value: 0.4")), one => Assert.Equal("", one.Reason));
        Assert.All(Judge(there, Replaced(there, "\"open\"", "\"opens\"")), one => Assert.Equal("", one.Reason));
    }

    // Neither it nor what leads to it may become another, and it does not go.
    [Theory]
    [InlineData("if step > 1_000 { sum = 0.0 }", "if step > 999 { sum = 0.0 }")]
    [InlineData("if step > 1_000 { sum = 0.0 }", "if step > 1_000 { sum = 1.0 }")]
    [InlineData("if step > 1_000 { sum = 0.0 }", "if step > 1_000 { return }")]
    [InlineData("if step > 1_000 { sum = 0.0 }", "sum += 0.0")]
    [InlineData("if step > 1_000 { return }", "sum += 0.0")]
    [InlineData("if step > 1_000 { return }", "if step > 1_001 { return }")]
    [InlineData("if step < 9 { sum += 0.0 } else { sum = 0.0 }", "sum += 0.0")]
    [InlineData("while step > 1_000 { sum = 0.0 }", "sum += 0.0")]
    [InlineData("sum += if step > 1_000 { 9.0 } else { 0.0 }", "sum += 0.0")]
    public void An_arm_that_nobody_takes_stays_as_it_is(string old, string now)
    {
        string there = Replaced(_open, "sum += ", $"{old}\n        sum += ");
        string better = Replaced(there, "value: 0.2", "value: 0.4");
        var last = Judge(there, Replaced(better, old, now))[^1];
        Assert.Equal("covered", last.Gate);
        string text = SmallTuning.Module(there).Problem.Source.Text;
        int line = text[..text.IndexOf(old, StringComparison.Ordinal)].Count(one => one == '\n') + 1;
        Assert.Contains(
            $"handlers.message:alarm.do:{line} of the version before is gone or changed, and nothing comes to it: ",
            last.Reason,
            StringComparison.Ordinal);
        Assert.All(Judge(there, Replaced(better, "\"open\"", "\"opens\"")), one => Assert.Equal("", one.Reason));
    }

    // It makes no difference, and runs: or it gives a value that the language asks for and is asked for no more, or it
    // is come to now.
    [Theory]
    [InlineData("if step < 9 { sum += 0.0 }", "sum += 0.0")]
    [InlineData("if step < 9 { sum += 0.0 }", "")]
    [InlineData("let by = [\"a\" => 1.0].get(\"a\") else { 0.0 }", "let by = 1.0")]
    [InlineData("if step > 1_000 { sum = 0.0 }", "if step > 1 { sum = 0.0 }")]
    public void What_runs_or_is_no_more_than_a_value_may_go(string old, string now)
    {
        string there = Replaced(_open, "sum += ", $"{old}\n        sum += ");
        Assert.All(Judge(there, Replaced(there, old, now)), one => Assert.Equal("", one.Reason));
    }

    [Fact]
    public void A_helper_that_ran_may_go_and_one_that_nothing_names_too()
    {
        const string Vent = "  vent:\n    with: { level: float }\n    returns: float\n    do: |\n"
            + "      return half(level) * 3.0\n";
        const string Half = "  half:\n    with: { level: float }\n    returns: float\n    do: |\n"
            + "      return level / 2.0\n";
        // It ran, and who called it does it himself.
        string called = Replaced(_text, "distance * gain", "distance * gain * (vent(1.0) / 1.5)");
        string alone = Replaced(called, "half(level)", "level / 2.0");
        Assert.All(Judge(called, Replaced(alone, Half, "")), one => Assert.Equal("", one.Reason));
        Assert.All(Judge(alone, Replaced(alone, Half, "")), one => Assert.Equal("", one.Reason));
        // It goes with the handler that alone called it.
        string handler = _text[_text.IndexOf("  message alarm", StringComparison.Ordinal)
            .._text.IndexOf("  start:", StringComparison.Ordinal)];
        string without = Replaced(Replaced(Replaced(_text, handler, ""), Vent, ""), Half, "");
        var last = Judge(_text, Replaced(without, "value: 0.2", "value: 0.4"))[^1];
        Assert.Equal("covered", last.Gate);
        foreach (string path in (string[])["functions.vent.do", "functions.half.do", "handlers.message:alarm.do"])
        {
            Assert.Matches(
                $@"(^|; ){System.Text.RegularExpressions.Regex.Escape(path)}:\d+ of the version before is gone, "
                    + "and no scenario runs it",
                last.Reason);
        }
    }

    // A guard, or what the language asks for: it does nothing of its own. And a function has no more than a value.
    [Theory]
    [InlineData("var sum", "if level < 0.0 { return }\n      var sum")]
    [InlineData(
        "var sum",
        "if level < 0.0 {\n        log(\"odd\", level = level)\n        fail \"{level}\"\n      }\n      var sum")]
    [InlineData("sum += ", "if level < 0.0 { break }\n        sum += ")]
    [InlineData("var sum = 0.0", "var sum = [\"a\" => 1.0].get(\"b\") else { -1.0 }")]
    [InlineData(
        "sum += ",
        "match \"{step}\" {\n          \"7\" => return\n          else => sum += 0.0\n        }\n        sum += ")]
    [InlineData("return distance", "if distance < -9.0 { return 0.0 }\n      return distance")]
    [InlineData("distance * gain", "(if distance < -9.0 { max(speed, 1.0) } else { distance }) * gain")]
    public void A_guard_that_nothing_takes_may_come(string old, string now)
    {
        string better = Replaced(_open, "value: 0.2", "value: 0.4");
        Assert.All(Judge(_open, Replaced(better, old, now)), one => Assert.Equal("", one.Reason));
    }

    [Fact]
    public void What_a_test_comes_to_is_tried()
    {
        const string Old = "return level / 2.0";
        const string New = "var by = level\n      if level > 9.0 { by = 9.0 }\n      return by / 2.0";
        string tested = Replaced(
            _text, "\nscenarios:", "\ntests:\n  - name: half\n    do: |\n      assert half(2.0) == 1.0\n\nscenarios:");
        Assert.StartsWith(
            "functions.half.do:", Judge(tested, Replaced(tested, Old, New))[^1].Reason, StringComparison.Ordinal);
        string more = Replaced(tested, "half(2.0) == 1.0\n", "half(2.0) == 1.0\n      assert half(10.0) > 1.0\n");
        Assert.All(Judge(more, Replaced(more, Old, New)), one => Assert.Equal("", one.Reason));
    }

    [Fact]
    public void More_branches_than_can_be_counted_hide_nothing()
    {
        string many = string.Concat(
            Enumerable.Range(0, 8_200).Select(one => $"if level == {one}.5 {{ 1 }} else {{ 2 }}, "));
        Assert.Equal(
            "handlers.message:alarm.do is changed, and has more branches than can be counted",
            Judge(_open, Replaced(_open, "var sum", $"let many = [{many}0]\n      var sum"))[^1].Reason);
    }

    [Fact]
    public void A_template_is_code_too()
    {
        string told = Replaced(_text, "\nhandlers:\n", "\n  told:\n    text: |\n      none\n\nhandlers:\n");
        string other = Replaced(told, "      none", "      some");
        var last = Judge(told, other)[^1];
        Assert.Equal("functions.told.text is changed, and no scenario runs it", last.Reason);
        static string Saying(string text) => Replaced(text, "let mark", "log(told())\n      let mark");
        Assert.All(Judge(Saying(told), Saying(other)), one => Assert.Equal("", one.Reason));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1.0")]
    public void What_a_scenario_swaps_to_runs_migrate(string version)
    {
        string text = Replaced(
            _text, "handlers:\n", $"handlers:\n  migrate {version} as old:\n    do: |\n      log(\"it comes\")\n");
        string other = Replaced(text, "it comes", "it is here");
        var last = Judge(text, other)[^1];
        Assert.Equal($"handlers.migrate:{version}.do is changed, and no scenario runs it", last.Reason);
        // That of another version than the one it begins with.
        string strange = text.Replace($"migrate {version} as", "migrate 7 as", StringComparison.Ordinal);
        const string Swap = "scenarios:\n  - name: it takes a place\n    seed: 1\n    runs_for: 1s\n"
            + "    begins_as: ./tuning.tars\n    steps:\n      - { at: 1ms, swap: this }\n";
        Assert.All(
            Judge(Replaced(text, "scenarios:\n", Swap), Replaced(other, "scenarios:\n", Swap)),
            one => Assert.Equal("", one.Reason));
        strange = Replaced(strange, "scenarios:\n", Swap);
        Assert.Equal(
            "handlers.migrate:7.do is changed, and no scenario runs it",
            Judge(strange, Replaced(strange, "it comes", "it is here"))[^1].Reason);
    }

    [Fact]
    public void What_is_frozen_and_ran_has_to_run_still()
    {
        string start = SmallTuning.Text[SmallTuning.Text.IndexOf("handlers:", StringComparison.Ordinal)
            ..SmallTuning.Text.IndexOf("metrics:", StringComparison.Ordinal)];
        string agents =
            $"""
            agentic:
              agents:
                cart:
                  role: Drives.
                  {start.TrimEnd().Replace("\n", "\n      ", StringComparison.Ordinal)}
                guard:
                  role: Guards.
                  handlers:
                    message alarm as level:
                      do: |
                        log("open", by = vent(level))


            """;
        string text = Replaced(_text, _text[_text.IndexOf("handlers:", StringComparison.Ordinal)
            .._text.IndexOf("metrics:", StringComparison.Ordinal)], agents);
        text = Replaced(text, "functions, handlers]\n  frozen: [handlers.start]",
            "functions.push.do, agentic.agents.guard]\n  frozen: [agentic.agents.guard.handlers.message:alarm.do]");
        text = Replaced(
            text,
            "    runs_for: 1s\n",
            "    runs_for: 1s\n    steps:\n      - { at: 1ms, publish: alarm, value: 2 }\n");
        Assert.All(Judge(text, text), one => Assert.Equal("", one.Reason));
        var last = Judge(text, Replaced(text, "role: Guards.", "role: Guards.\n      starts: by_spawn"))[^1];
        Assert.Equal("covered", last.Gate);
        Assert.Equal(
            "agentic.agents.guard.handlers.message:alarm.do is frozen, and no scenario runs it any more", last.Reason);
    }

    [Fact]
    public void A_version_passes_the_scenarios_of_no_split_too()
    {
        string text = Replaced(
            SmallTuning.Text,
            "scenarios:\n",
            "scenarios:\n  - name: it is gentle\n    seed: 1\n    runs_for: 1s\n    expect:\n      - gain < 0.3\n");
        var last = Judge(text, Replaced(text, "value: 0.2", "value: 0.4"))[^1];
        Assert.Equal("tests", last.Gate);
        Assert.StartsWith("it is gentle, seed 1: gain < 0.3: ", last.Reason, StringComparison.Ordinal);
        Assert.All(Judge(text, Replaced(text, "value: 0.2", "value: 0.25")), one => Assert.Equal("", one.Reason));
    }

    [Theory]
    [InlineData("distance * 0.002", true)]
    [InlineData("distance * gain - speed * 0.1", false)]
    public void Who_mends_a_run_that_counted_for_nothing_does_not_pay_with_all_others(string now, bool isDearer)
    {
        // Some of the runs to choose by have a mark above 5.5.
        string text = Replaced(
            Replaced(SmallTuning.Text, "seeds: { from: 11, count: 4 }", "seeds: { from: 11, count: 24 }"),
            "return distance * gain - speed * 0.1",
            "return if distance > 5.5 { sqrt(-1.0) } else { distance * gain - speed * 0.1 }");
        text = Replaced(text, "      metric(miss", "      assert place == place\n      metric(miss");
        var verdicts = Judge(text, Replaced(
            text, "if distance > 5.5 { sqrt(-1.0) } else { distance * gain - speed * 0.1 }", now));
        Assert.Equal(isDearer ? "objective" : "tests", verdicts[^1].Gate);
        Assert.Equal(isDearer, verdicts[^1].Reason.Contains("runs that counted before", StringComparison.Ordinal));
    }

    private static string Replaced(string text, string old, string now)
    {
        Assert.Contains(old, text, StringComparison.Ordinal);
        return text.Replace(old, now, StringComparison.Ordinal);
    }

    private static ImmutableArray<GateVerdict> Judge(string before, string after)
    {
        var (problem, _) = SmallTuning.Module(before);
        string text = SmallTuning.Module(after).Problem.Source.Text;
        return VersionGates.Judge(problem, text, new SearchParts(SmallTuning.Path, problem.Source.Text, workers: 1));
    }
}
