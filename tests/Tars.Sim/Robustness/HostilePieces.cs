using System.Globalization;
using System.Text;

namespace Tars.Sim.Robustness;

/// <summary>The longer parts of hostile texts, and the graphs among them.</summary>
internal static class HostilePieces
{
    public const string Asking = Head + """
        agentic:
          supervision: { strategy: one_for_one, restarts: 1, within: 1s }
          agents:
            o:
              role: O.
              handlers:
                ask get:
                  with: { x: int }
                  returns: int
                  do: |
                    return x
            m2:
              role: M.
              state:
                n: int = 0
              handlers:
                start:
                  do: |

        """;

    public const string Functions = Head + """
        functions:
          f0:
            returns: int
            do: |
              return 1

        """;

    public const string NextFunction = "  f@:\n    returns: int\n    do: |\n      return f~() + f~()\n";

    public const string Subscribing = Head + """
        capabilities:
          subscribe:
            a/+/+/+: int
        handlers:

        """;

    public const string Spawning = Head + """
        capabilities:
          spawn: { a1: 2 }
        agentic:
          supervision: { strategy: one_for_one, restarts: 1, within: 1s }
          agents:

        """;

    public const string Spawner = """
            a@:
              role: R.
              starts: by_spawn
              handlers:
                start:
                  do: |
                    let x = spawn a1()
                    tell x.y()

        """;

    private const string Head = "tars: 1\nmodule: m\nversion: 1.0.0\nsummary: Hostile.\n";

    // As many as the language allows, so that the graph is looked into and not refused.
    private const int BeliefCount = Tars.Lang.Limits.BeliefCountMax;
    private const int RelationCount = Tars.Lang.Limits.RelationCountMax - 48;

    public static string Beliefs(int count) => Head + "belief_graph:\n  beliefs:\n"
        + Lines(count, number => $"    b{number}: {{ claim: C., prior: 0.9 }}\n");

    /// <summary>Each belief bears on the next few, round a circle.</summary>
    public static string DenseBeliefs(bool support) => Beliefs(BeliefCount) + "  relations:\n"
        + Lines(RelationCount, number => Relation(
            number % BeliefCount, (number + 1 + (number / BeliefCount)) % BeliefCount, support));

    public static string LongCircle() => Beliefs(BeliefCount - 1) + "  relations:\n"
        + Lines(BeliefCount - 1, number => Relation(number, (number + 1) % (BeliefCount - 1), support: false));

    /// <summary>Each asks both behind it: as many paths as two to the power of their number.</summary>
    public static string BranchingAsks() => Head + "procedures:\n"
        + Lines(1500, number =>
            $"  p{number}:\n    do: |\n      ask p{number + 1}()\n      ask p{number + 2}()\n")
        + "  p1500:\n    do: |\n      return\n  p1501:\n    do: |\n      return\nhandlers:\n  start:\n    do: |\n"
        + "      ask p0()\n";

    public static string BranchingFunctions() => Head + "functions:\n"
        + Lines(1500, number => $"  f{number}:\n    returns: int\n    do: |\n"
            + $"      return f{(number * 7) % 1500}() + f{(number * 13) % 1500}() + f{(number + 1) % 1500}()\n");

    public static string DoublingTypes() => Head + "types:\n  T0: { a: int }\n"
        + Lines(1500, number => $"  T{number + 1}: {{ a: T{number}, b: T{number} }}\n")
        + "state:\n  t: T1500? = none\n";

    private static string Relation(int from, int to, bool support) =>
        $"    - {{ from: b{from}, {(support ? "supports" : "attacks")}: b{to}, weight: 0.9 }}\n";

    private static string Lines(int count, Func<int, string> line)
    {
        var text = new StringBuilder();
        for (int number = 0; number < count; number++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{line(number)}");
        }

        return text.ToString();
    }
}
