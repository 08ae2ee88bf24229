using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Lang;
using Tars.Lang.Checking;

namespace Tars.Sim.Robustness;

/// <summary>
/// Texts that nobody writes but an enemy: each has one thing as often as fits into a file. To add one: a row with what
/// stands before, what is repeated (<c>@</c> is its number, <c>~</c> the number of the one before), and what stands
/// after.
/// </summary>
internal static class HostileTexts
{
    public const string Name = "hostile";

    private const string Head = "tars: 1\nmodule: m\nversion: 1.0.0\nsummary: Hostile.\n";
    private const string Body = Head + "state:\n  n: int = 0\n  xs: list<int> = []\nhandlers:\n  start:\n    do: |\n";
    private const string Stop = "handlers:\n  start:\n    do: |\n      exit()\n";

    public static ImmutableArray<HostileText> All { get; } =
    [
        // The document.
        new("one byte", "x", "", ""),
        new("one long line", "tars: ", "x", "\n"),
        new("one long comment", "# ", "x", "\n"),
        new("one long quoted text", "summary: \"", "x", "\"\n"),
        new("quotes that open and close", "summary: ", "''", "\n"),
        new("escapes in quotes", "summary: \"", "\\n", "\"\n"),
        new("quotes never closed", Head, "k@: \"never closed\nl@: 'nor this\n", ""),
        new("blank lines", Head, "\n", Stop),
        new("lines of blanks", Head, "      \n", Stop),
        new("carriage returns", Head, "\r", Stop),
        new("comments", Head, "# note\n", Stop),
        new("comments that go deeper", Head, " #\n  #\n   #\n", Stop),
        new("control characters", Head, "\0", ""),
        new("tabs", Head, "\tk@: 1\n", ""),
        new("lone surrogates", Head + "goal: ", "\uD800", "\n"),
        new("colons", "summary: ", "a: ", "b\n"),
        new("hashes", "summary: ", "a #", "\n"),
        new("duplicate keys", Head, "module: m\n", Stop),
        new("unknown keys", Head, "key@: 1\n", Stop),
        new("brackets that open", "summary: ", "[", "\n"),
        new("brackets that open and close", "summary: ", "[]", "\n"),
        new("braces that open", Head, "k@: {a: {b: [\n", ""),
        new("a long list between brackets", "imports: [", "a@, ", "b]\n"),
        new("a long mapping between braces", "imports: { ", "a@: b, ", "c: d }\n"),
        new("many items", "tests:\n", "  - a@\n", ""),
        new("items within items", "tests:\n  ", "- ", "a\n"),
        new("keys that go deeper", "", "a:\n @", "b\n"),
        new("blocks of text", Head, "k@: |\n  text\n", ""),
        new("one block of text", Head + "goal: |\n", "  line @\n", Stop),
        new("outdented code", Body, "      n = 1\n     n = 2\n", ""),
        new("tabs before comments", Head, "\t# a\n", Stop),
        new("anchors and tags", Head, "k@: &a !tag *b\n", ""),
        new("documents", "", "---\n...\n%TAG\n", ""),
        new("imports of nothing", Head + "imports:\n", "  i@: ./no@.tars\n", Stop),

        // Expressions.
        new("a long sum", Body + "      n = 1", " + 1", "\n"),
        new("a long sum over lines", Body + "      n = 1", " +\n        1", "\n"),
        new("signs", Body + "      n = ", "-", "1\n"),
        new("negations", Body + "      assert ", "not ", "true\n"),
        new("parentheses", Body + "      n = ", "(", "1\n"),
        new("fallbacks", Body + "      n = ", "1 ?? ", "1\n"),
        new("powers of a call", Body + "      n = ", "abs(", "1\n"),
        new("methods in a row", Body + "      n = xs", ".take(1)", ".len()\n"),
        new("indices in a row", Body + "      n = xs", "[0]", "\n"),
        new("fields in a row", Body + "      n = xs", ".a", "\n"),
        new("a long list", Body + "      xs = [", "1, ", "2]\n"),
        new("a long list of different things", Body + "      xs = [", "1, \"a\", ", "2]\n"),
        new("a long map", Body + "      let x = [", "@ => @, ", "2 => 2]\n      n = x.len()\n"),
        new("a long call", Body + "      log(\"a\"", ", x@ = @", ")\n"),
        new("a call with many arguments", Body + "      n = max(1", ", 2", ")\n"),
        new("a long text", Body + "      log(\"", "x", "\")\n"),
        new("many holes", Body + "      log(\"", "{n}", "\")\n"),
        new("escapes never closed", Body + "      log(\"", "\\u{", "\")\n"),
        new("texts", Body + "      log(\"a\"", ", \"b\"", ")\n"),
        new("holes never closed", Body + "      log(\"", "{", "\")\n"),
        new("many names nobody knows", Body + "      n = 1", " + name@", "\n"),
        new("choices in a row", Body + "      n = ", "if true { 1 } else ", "{ 2 }\n"),
        new("choices in choices", Body + "      n = ", "if true { ", "1\n"),
        new("a type within itself", Head + "state:\n  n: ", "list<", "int = []\n"),
        new("lambdas in lambdas", Body + "      n = ", "xs.sum(x@ => ", "1\n"),
        new("bits", Body + "      n = 1", " | 1", "\n"),
        new("comparisons", Body + "      assert 1", " < 1", "\n"),
        new("conditions", Body + "      assert true", " and true or false", "\n"),

        // Statements.
        new("assignments", Body, "      n = n + 1\n", ""),
        new("locals", Body, "      let a@ = n\n", ""),
        new("locals that use the one before", Body + "      let a0 = n\n", "      let a@ = a~ + 1\n", ""),
        new("unknown names", Body, "      n = name@\n", ""),
        new("wrong names beside many right ones", Body, "      let name@ = n\n      n = nam@e\n", ""),
        new("unknown methods", Body, "      xs.puhs@(1)\n", ""),
        new("wrong types", Body, "      n = \"a\"\n", ""),
        new("wrong statements", Body, "      n n n ) ]\n", ""),
        new("blocks in blocks", Body, "if true {\n", ""),
        new("blocks in blocks, closed", Body, "      if true { while true { for i@ in xs { n = 1 } } }\n", ""),
        new("choices after choices", Body + "      if n == 0 { n = 1 }", " else if n == @ { n = 2 }", "\n"),
        new("loops in loops", Body, "      for i@ in 0..n { for j@ in 0..n { xs.push(i@ + j@) } }\n", ""),
        new("lines without end", Body + "      n = ", "n +\n        ", "n\n"),
        new(
            "matches",
            Body,
            "      match \"a\" {\n        \"b{x}c\" => n = x.size()\n        else => n = 2\n      }\n",
            ""),
        new(
            "arms of a match",
            Body + "      match \"a\" {\n",
            "        \"b@{x}c\" => n = x.size()\n",
            "        else => n = 1\n      }\n"),
        new(
            "holes of a pattern",
            Body + "      match \"a\" {\n        \"",
            "{a@},",
            "\" => n = 1\n        else => n = 1\n      }\n"),
        new("unreachable lines", Body + "      return\n", "      n = 1\n", ""),
        new("asks of nobody", Body, "      ask nobody.thing() within 1s\n", ""),
        new("answers", Body, "      let a@ = ask nobody.thing() within 1s else { return }\n", ""),
        new(
            "asks with many locals",
            HostilePieces.Asking,
            "      let a@ = ask o.get(x = n) within 1s else { return }\n",
            "      n = a1\n"),
        new("logs", Body, "      log(\"a {n}\", n = n)\n", ""),
        new("timers", Body, "      every 1s tick@\n", ""),
        new("publications", Body, "      publish(\"a/b@\", n)\n", ""),
        new("lambdas", Body, "      n = xs.sum(x => x + n) + xs.filter(x => x < n).len()\n", ""),
        new("deep places", Body, "      xs[xs[xs[xs[n]]]] = xs[xs[n]]\n", ""),

        // Declarations.
        new("functions", Head + "functions:\n", "  f@: { with: { x: int }, returns: int, do: a }\n", Stop),
        new("functions that call the one before", HostilePieces.Functions, HostilePieces.NextFunction, Stop),
        new(
            "functions that call the one behind",
            Head + "functions:\n",
            "  f~:\n    returns: int\n    do: |\n      return f@()\n",
            Stop),
        new(
            "functions with one wrong name",
            Head + "functions:\n",
            "  function@:\n    returns: int\n    do: |\n      return functoin@()\n",
            Stop),
        new("templates", Head + "functions:\n", "  f@:\n    with: { x: int }\n    text: |\n      a {x}\n", Stop),
        new("constants that need the one before", Head + "constants:\n  c0: int = 1\n", "  c@: int = c~ + 1\n", Stop),
        new("constants that need the one behind", Head + "constants:\n", "  c~: int = c@ + 1\n", Stop),
        new("types that hold the one before", Head + "types:\n  T0: { a: int }\n", "  T@: { a: T~, b: T~ }\n", Stop),
        new("types that hold the one behind", Head + "types:\n", "  T~: { a: T@, b: list<T@> }\n", Stop),
        new("types nobody knows", Head + "types:\n", "  Type@: { a: Tpye@ }\n", Stop),
        new("fields", Head + "types:\n  T:\n", "    f@: int = 1\n", "state:\n  t: T = T()\n" + Stop),
        new("cases", Head + "types:\n  T:\n", "    - c@\n", Stop),
        new("state", Head + "state:\n", "  s@: int = @\n", Stop),
        new("state of large types", Head + "state:\n", "  s@: map<int, list<map<text, int>>> = []\n", Stop),
        new("params", Head + "params:\n", "  p@: { type: int, value: @, about: A. }\n", Stop),
        new("handlers", Head + "handlers:\n", "  timer t@:\n    do: |\n      every 1s t@\n", ""),
        new("asks to handle", Head + "handlers:\n", "  ask a@:\n    returns: int\n    do: |\n      return @\n", ""),
        new("asks to handle, beyond the limit", Head + "handlers:\n", "  ask a@: {}\n", ""),
        new("functions beyond the limit", Head + "functions:\n", "  f@: {}\n", Stop),
        new("not events", Head + "handlers:\n", "  what @:\n    do: |\n      n = 1\n", ""),
        new("procedures", Head + "procedures:\n", "  p@:\n    do: |\n      p~()\n", Stop),
        new("procedures that ask each other", Head + "procedures:\n", "  p@:\n    do: |\n      ask p~()\n", Stop),
        new(
            "messages",
            HostilePieces.Subscribing,
            "  message a/{x}/{y}/c@ as v:\n    do: |\n      log(\"a\", x = x)\n",
            ""),
        new(
            "messages that overlap",
            HostilePieces.Subscribing,
            "  message a/{x@}/{y}/{z} as v:\n    do: |\n      log(\"a\", x = y)\n",
            ""),
        new("channels", Head + "capabilities:\n  subscribe:\n", "    a/b@/+/c: int\n", Stop),
        new("not channels", Head + "capabilities:\n  subscribe:\n", "    A//@/ß: int\n", Stop),
        new("devices", Head + "capabilities:\n  devices:\n", "    d@: console\n", Stop),
        new(
            "agents",
            Head + "agentic:\n  supervision: { strategy: one_for_one, restarts: 1, within: 1s }\n  agents:\n",
            "    a@:\n      role: R.\n      handlers:\n        start:\n          do: |\n            exit()\n",
            ""),
        new("agents that spawn", HostilePieces.Spawning, HostilePieces.Spawner, ""),
        new(
            "routes",
            Head + "capabilities:\n  serve: [/a]\nhandlers:\n",
            "  http GET /a/{x}/b@ as r:\n    do: |\n      return Response(status = 200)\n",
            ""),

        // Judgement.
        new("beliefs", Head + "belief_graph:\n  beliefs:\n", "    b@: { claim: C., prior: 0.5 }\n", Stop),
        new(
            "relations nobody knows",
            HostilePieces.Beliefs(64) + "  relations:\n",
            "    - { from: bx@, attacks: by@, weight: 0.5 }\n",
            Stop),
        new(
            "relations",
            HostilePieces.Beliefs(64) + "  relations:\n",
            "    - { from: b0, attacks: b1, weight: 0.5 }\n",
            Stop),
        new("metrics", Head + "metrics:\n", "  m@: { kind: once, goal: maximize }\n", Stop),
        new("reports", Head + "metrics:\n  a: { kind: once, goal: maximize }\n" + Stop, "      metric(a, 1)\n", ""),
        new("tests", Head + "tests:\n", "  - name: t@\n    do: |\n      assert 1 == @\n", Stop),
        new("scenarios", Head + Stop + "scenarios:\n", "  - { name: s@, seed: 1, runs_for: 1s }\n", ""),
        new(
            "steps",
            Head + Stop + "scenarios:\n  - name: s\n    seed: 1\n    runs_for: 1s\n    steps:\n",
            "      - { at: 1s, publish: a/b@, value: 1 }\n",
            ""),
        new(
            "expectations",
            Head + Stop + "scenarios:\n  - name: s\n    seed: 1\n    runs_for: 1s\n    expect:\n",
            "      - traps() == @ and alive(m)\n",
            ""),
        new(
            "paths",
            Head + Stop + "evolution:\n  objective: a\n  versions_per_session: 1\n  approval: manual\n  may_change:\n",
            "    - handlers.strat@.do\n",
            ""),
        new(
            "reflections",
            Head + Stop + "metrics:\n  a: { kind: last, goal: maximize }\nreflection:\n",
            "  - { when: a < @, diagnose: D., suggest: [handlers.start.do] }\n",
            ""),

        // Whole graphs, which no repetition makes.
        new("beliefs that attack each other densely", HostilePieces.DenseBeliefs(support: false), "", Stop),
        new("beliefs that support each other densely", HostilePieces.DenseBeliefs(support: true), "", Stop),
        new("beliefs in one long circle", HostilePieces.LongCircle(), "", Stop),
        new("asking procedures that branch", HostilePieces.BranchingAsks(), "", ""),
        new("functions that branch", HostilePieces.BranchingFunctions(), "", Stop),
        new("types that double", HostilePieces.DoublingTypes(), "", Stop),
    ];

    public static IReadOnlyList<TrialCase> Cases() =>
    [
        .. All.Select((text, number) => new TrialCase(
            Name,
            number,
            $" ({text.Name})",
            () => Try(text, Limits.SourceBytesMax),
            text.Whole) { IsAlways = true }),
    ];

    public static Trial Try(HostileText text, int sizeMax) =>
        Trial.OfText(new SourceText("hostile.tars", text.OfSize(sizeMax)), new NoModules());
}

/// <summary>A text of one thing again and again.</summary>
internal sealed record HostileText(string Name, string Before, string Again, string After)
{
    /// <summary>As large as a metascript may be.</summary>
    public string Whole() => OfSize(Limits.SourceBytesMax);

    /// <summary>As many repetitions as fit.</summary>
    public string OfSize(int sizeMax)
    {
        var text = new StringBuilder(Before, sizeMax);
        int room = sizeMax - Encoding.UTF8.GetByteCount(Before) - Encoding.UTF8.GetByteCount(After);
        for (int number = 1; 0 < Again.Length; number++)
        {
            string piece = Again
                .Replace("@", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace("~", (number - 1).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            room -= Encoding.UTF8.GetByteCount(piece);
            if (room < 0)
            {
                break;
            }

            text.Append(piece);
        }

        return text.Append(After).ToString();
    }
}
