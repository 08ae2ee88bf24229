using Tars.Base;
using Tars.Lang.Checking;
using Xunit;

namespace Tars.Tests.Lang.Errors;

/// <summary>As many mistakes as are planted are reported, each on its own line, and nothing else is.</summary>
/// <remarks>
/// The workbench is a module without a message; a mistake is one wrong line at one of its places. Each seed plants 1 to
/// 20 of them. A failure names the seed and shows the program.
/// </remarks>
public sealed class PlantedMistakeTests
{
    private const int SeedCount = 150;

    // What an author writes by mistake in a handler of the workbench; each is wrong by itself, wherever it stands.
    private static readonly string[] _inHandlers =
    [
        "count = count + 1.5",
        "share = share * count",
        "share = 1 / 3",
        "label = \"a\" + \"b\"",
        "count = none",
        "count = null",
        "let fresh_{0} = missing_{0}",
        "let count = 3",
        "let twice = 3",
        "gain = 2.0",
        "count++",
        "count += 1;",
        "// note",
        "if count == 1 && share > 0 { count = 2 }",
        "if 0 < count < 3 { count = 2 }",
        "count = count & 1 + 2",
        "items.append(1)",
        "count = len(items)",
        "count = items.length",
        "items.push(\"a\")",
        "count = items[\"a\"]",
        "count = chosen",
        "count = names.get(\"a\")",
        "let pick_{0} = names.get(\"a\") else { count = 1 }",
        "let pick_{0} = count else { return }",
        "count = count ?? 1",
        "let all_{0} = items.map(twice)",
        "for item_{0} in items { items.push(item_{0}) }",
        "for entry_{0} in names { count += 1 }",
        "let none_{0} = []",
        "break",
        "count + 1",
        "match kind { red => count = 1 }",
        "kind = Kind.blue",
        "spot = Spot(a = 1)",
        "spot = Spot(1, 2.0)",
        "count = twice(x = 3)",
        "count = spot.c",
        "let text_{0} = \"a {{count\"",
        "let text_{0} = \"a",
        "let text_{0} = \"{{items}}\"",
        "let part_{0} = 5x",
        "publish(\"out/y\", 1.0)",
        "every 1ms tick",
        "every 1s tock",
        "let done_{0} = log(\"x\")",
        "count = \"abc\"[0]",
        "return 3",
        "metric(points, 1.0)",
        "share = share + true",
    ];

    private static readonly string[] _workbench =
    [
        "tars: 1",
        "module: workbench",
        "version: 1.0.0",
        "summary: A module into which mistakes are planted.",
        "capabilities:",
        "  publish: { out/x: float }",
        "  timers: { shortest: 10ms }",
        "types:",
        "  Spot: { a: int, b: float }",
        "  Kind: [red, green]",
        "params:",
        "  gain: { type: float, value: 1, about: Gain. }",
        "functions:",
        "  twice:",
        "    with: { x: int }",
        "    returns: int",
        "    do: |",
        "      return 2 * x",
        "state:",
        "  count: int = 0",
        "  share: float = 0",
        "  label: text = \"\"",
        "  items: list<int> = []",
        "  names: map<text, int> = []",
        "  chosen: int? = none",
        "  kind: Kind = Kind.red",
        "  spot: Spot = Spot(a = 1, b = 2)",
        "handlers:",
        "  start:",
        "    do: |",
        "      every 1s tick",
        "      @",
        "      if kind == Kind.green {",
        "        @",
        "        log(\"up\", label = label, chosen = chosen ?? 0)",
        "        @",
        "      }",
        "  timer tick:",
        "    do: |",
        "      @",
        "      count = twice(count) + names.len() + items.sum(x => x) + spot.a",
        "      @",
        "      for step in 0..3 {",
        "        share += gain * float(step)",
        "      }",
        "      match kind {",
        "        red => publish(\"out/x\", share)",
        "        green => {",
        "          @",
        "          publish(\"out/x\", spot.b)",
        "        }",
        "      }",
        "      @",
    ];

    [Fact]
    public void The_workbench_by_itself_is_right() => Assert.Empty(LinesOf(Without()));

    [Fact]
    public void As_many_mistakes_are_told_as_are_planted()
    {
        for (ulong seed = 0; seed < SeedCount; seed++)
        {
            var (program, planted) = Plant(new Xoshiro256(seed));
            Assert.True(
                planted.SequenceEqual(LinesOf(program)),
                $"seed {seed}: planted on {string.Join(", ", planted)}\n{program}\n{Messages.Of(program)}");
        }
    }

    [Fact]
    public void Every_mistake_by_itself_gives_one_message()
    {
        foreach (string mistake in _inHandlers)
        {
            string program = $"{Without()}      {Written(mistake, 0)}\n";
            Assert.True(LinesOf(program) is [_], $"{mistake}\n{Messages.Of(program)}");
        }
    }

    private static string Without() => string.Concat(
        _workbench.Where(line => !line.EndsWith('@')).Select(line => line + "\n"));

    private static string Written(string mistake, int number) =>
        mistake.Replace("{0}", $"{number}", StringComparison.Ordinal)
            .Replace("{{", "{", StringComparison.Ordinal)
            .Replace("}}", "}", StringComparison.Ordinal);

    private static (string Program, int[] Lines) Plant(Xoshiro256 random)
    {
        int wanted = 1 + random.Next(20);
        var program = new List<string>();
        var planted = new List<int>();
        int places = _workbench.Count(line => line.EndsWith('@'));
        foreach (string line in _workbench)
        {
            if (!line.EndsWith('@'))
            {
                program.Add(line);
                continue;
            }

            places--;
            int here = places == 0 ? wanted : random.Next(wanted + 1);
            wanted -= here;
            for (int number = 0; number < here; number++)
            {
                string mistake = _inHandlers[random.Next(_inHandlers.Length)];

                // What leaves would make the lines behind it unreachable, which is a mistake of its own.
                if (mistake.StartsWith("return", StringComparison.Ordinal) || mistake == "break")
                {
                    mistake = "count + 1";
                }

                program.Add(line.Replace("@", Written(mistake, program.Count), StringComparison.Ordinal));
                planted.Add(program.Count);
            }
        }

        return (string.Concat(program.Select(line => line + "\n")), [.. planted]);
    }

    private static int[] LinesOf(string program)
    {
        var source = new SourceText("program.tars", program);
        return [.. ModuleChecker.Check(source, new NoModules()).Diagnostics
            .Select(one => source.PositionOf(one.Span.Start).Line)];
    }
}
