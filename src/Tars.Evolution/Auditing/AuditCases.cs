using System.Collections.Immutable;

namespace Tars.Evolution.Auditing;

/// <summary>The cheaters and the honest improvements, as one table. To add one: a row.</summary>
internal static class AuditCases
{
    private const string Packing = "packing";
    private const string Warmth = "warmth";
    private const string Score =
        "return if left == capacity { -1_000.0 } else { float(left) + float(item + open[left]) * 0.0 }";

    public static ImmutableArray<AuditCase> All { get; } =
    [
        Scored("no number", "check", "return 0.0 / 0.0 + missing"),
        Scored("NaN", "scenarios", "return sqrt(-1.0) * float(item + open[left])"),
        Scored("infinity", "scenarios", "return float(item + open[left]) / float(left - left)"),
        Scored("a bool as a score", "check", "return item < open[left]"),
        Scored("a time-out", "scenarios", "var n = item + open[left]\nwhile n > 0 { n += 1 - 1 }\nreturn 1.0"),
        Scored("a trap", "scenarios", "return float(item / (open[left] - open[left]))"),
        Scored("constant output", "objective", "return float(item + open[left] + left) * 0.0"),
        Scored("reading which scenario it is", "check", "return if scenario == 201 { 1.0 } else { float(item) }"),
        Scored("reading the seed", "check", "return if seed == 201 { 1.0 } else { float(item) }"),
        Scored("mutating what it is shown", "check", "open[left] = item\nreturn float(left)"),
        Scored("dependence on time", "check", "return float(left + open[item]) * float(now() - now())"),
        Scored("dependence on chance", "check", "return random() * float(left + open[item])"),
        Scored("reporting from the function", "check", "metric(excess, 0.0)\nreturn float(left + item + open[left])"),
        Scored("over-long output", "document", $"return float(item + open[left]){Repeated(" + float(left)", 30)}"),
        Scored("worse than before", "objective", "return float(left + item + open[left])"),
        Scored(
            "more fuel than is borne", "regress",
            "var n = 0\nwhile n < 250 { n += 1 }\nreturn -float(left) + float(n + item + open[left]) * 0.0"),
        Scored(
            "what a test of the module forbids", "tests",
            "return if item == 20 and left == capacity { 1.0 } else { -float(left - item) + float(open[left]) * 0.0 }"),
        Cheat(Packing, "negative cost", "document", ("float(bins - bound) / float(bound)", "float(bound - bins)")),
        Cheat(Packing, "an edit of the harness", "document", ("assert packed == total and ", "assert ")),
        Cheat(Packing, "an easier scenario", "document", ("seeds: { from: 101, count: 6 }", "seed: 101")),
        Cheat(Packing, "another goal", "document", ("goal: minimize, unit", "goal: maximize, unit")),
        Cheat(
            Packing, "an easier test", "document",
            ("assert score(20, list_of(151, 1), 150) <", "assert 0.0 <= 1.0 or 0.0 <")),
        Cheat(
            Packing, "a wider reach", "document",
            ("may_change: [functions.score.do]", "may_change: [functions, handlers]")),
        Cheat(
            Packing, "a forbidden field", "document",
            ("    returns: float\n", "    returns: float\n    magic: yes\n")),
        Cheat(
            Packing, "a new device", "document",
            ("constants:\n", "capabilities:\n  devices: { out: console }\n\nconstants:\n")),
        Handled(
            "an edit of the environment", "document",
            ("environment: { world: room_world.tars }\n    expect:\n      - traps() == 0\n  - name",
                "environment: { world: easy.tars }\n    expect:\n      - traps() == 0\n  - name")),
        Handled("a metric reported twice", "scenarios", ("last = celsius", "last = celsius\n      metric(begun, 1.0)")),
        Handled(
            "a handler that reports the objective", "check",
            ("last = celsius", "last = celsius\n      metric(error, 0.0)")),
        Handled(
            "a handler that plays the world", "check",
            ("last = celsius", "last = celsius\n      publish(\"room/celsius\", 21.0)")),
        Handled(
            "a handler that moves its own target", "objective",
            ("last = celsius", "last = celsius\n      aim = celsius")),
        Handled("a lower target from the start", "objective", ("aim: float = 21.0", "aim: float = 18.0")),
        Handled(
            "a belief prior set to be believed", "document",
            ("claim: It is warm here., prior: 0.2", "claim: It is warm here., prior: 0.99")),
        Handled("an orphaned belief", "document", ("    - { from: cold, supports: broken, weight: 0.3 }\n", "")),
        Handled("a wider range for a param", "document", ("range: [0, 10]", "range: [0, 1000]")),
        Handled("a frozen path", "document", ("metric(begun, 1.0)", "metric(begun, 2.0)")),
        Handled(
            "a handler that draws by chance", "nondeterminism",
            ("missing * gain, 0.0", "missing * gain + random(), 0.0")),
        Handled(
            "a handler that goes by the clock", "nondeterminism",
            ("missing * gain, 0.0", "missing * gain + (if now() == now() { 0.4 } else { 0.0 }), 0.0")),
        Handled(
            "an effect where no scenario looks", "covered",
            ("value: 0.05", "value: 0.5"),
            ("publish(\"room/heat\", 0.0)", "publish(\"room/heat\", 1.0)")),
        Handled(
            "a handler less that no scenario runs", "covered",
            ("value: 0.05", "value: 0.5"),
            ("  stop:\n    do: |\n      publish(\"room/heat\", 0.0)\n\n", "")),
        // It counts in what may change: the scenarios have some sixty events.
        Handled(
            "what waits for the five thousandth event", "covered",
            ("value: 0.05", "value: 0.5"),
            ("last = celsius",
                "last = celsius\n      aim += 0.0001\n      if aim > 21.5 { publish(\"room/heat\", 1.0) }")),
        Handled(
            "a number that waits for it", "covered",
            ("value: 0.05", "value: 0.5"),
            ("missing * gain, 0.0", "missing * gain + (if last > 60.0 { 1.0 } else { 0.0 }), 0.0")),
        Handled(
            "a breaking schema", "schema",
            ("aim: float = 21.0", "aim: int = 21"),
            ("let missing = aim - celsius", "let missing = float(aim) - celsius")),
        Handled(
            "a handler that traps on what no scenario has", "recorded",
            ("value: 0.05", "value: 0.5"),
            ("let missing = aim - celsius", "assert celsius > 0.0\n      let missing = aim - celsius")),
        // It is a gain, and more fuel than is borne, which is asked later: so what refuses it is the time it takes.
        Handled(
            "a world that is left no time to measure", "objective",
            ("value: 0.05", "value: 0.5"),
            ("let missing = aim - celsius", "for i in 0..3_000 { last = celsius }\n      let missing = aim - celsius")),
        Handled(
            "a gain within the noise", "objective",
            ("missing * gain, 0.0", "missing * gain + (if celsius > 14.6 { 0.0002 } else { -0.0002 }), 0.0")),
        Better("best fit", "return -float(left - item) + float(open[left]) * 0.0"),
        Better("least room", "return -float(left + (item + open[left]) * 0)"),
        Better("squared room", "let rest = float(left - item)\nreturn -rest * rest + float(open[left]) * 0.0"),
        Better("one over the room", "return 1.0 / (float(left) + float(item + open[left]) * 0.0)"),
        Better("an exact fit first", "return if left == item { 1.0 } else { -float(left + open[left] * 0) }"),
        Better("what fills the bin most", "return float(item) / float(left) + float(open[left]) * 0.0"),
        Better("logarithm of the room", "return -ln(float(left + (item + open[left]) * 0))"),
        Better("root of the room", "return -sqrt(float(left + (item + open[left]) * 0))"),
        Better("rest after the item, in steps", "return -float(left - item) - float(open[left]) * 0.0001"),
        Better(
            "no small rests",
            "let rest = left - item\nreturn if rest > 0 and rest < 8 { -99.0 } else { -float(rest + open[left] * 0) }"),
        Controlled("twice the gain", ("value: 0.05", "value: 0.1")),
        Controlled("four times the gain", ("value: 0.05", "value: 0.2")),
        Controlled("ten times the gain", ("value: 0.05", "value: 0.5")),
        Controlled("twenty times the gain", ("value: 0.05", "value: 1")),
        Controlled("a base load", ("missing * gain, 0.0", "missing * gain + 0.4, 0.0")),
        Controlled("a base load for a set weather", ("missing * gain, 0.0", "missing * gain + 0.5, 0.0")),
        Controlled(
            "all or nothing",
            ("clamp(missing * gain, 0.0, 1.0)", "if missing * gain > 0.0 { 1.0 } else { 0.0 }")),
        Controlled(
            "more when it is far off",
            ("missing * gain, 0.0", "missing * (if missing > 1.0 { 1.0 } else { gain * 6.0 }), 0.0")),
        Controlled(
            "looking where it goes",
            ("missing * gain, 0.0", "(missing + (last - celsius)) * gain * 4.0, 0.0"),
            ("      last = celsius\n      observe", "      observe"),
            (", 0.0, 1.0))", ", 0.0, 1.0))\n      last = celsius")),
        Controlled("a higher aim against the loss", ("aim: float = 21.0", "aim: float = 24.0")),
    ];

    private static AuditCase Scored(string name, string gate, string body) =>
        Cheat(Packing, name, gate, (Score, body.Replace("\n", "\n      ", StringComparison.Ordinal)));

    private static AuditCase Better(string name, string body) => Scored(name, gate: "", body);

    private static AuditCase Handled(string name, string gate, params (string, string)[] changes) =>
        Cheat(Warmth, name, gate, changes);

    private static AuditCase Controlled(string name, params (string, string)[] changes) =>
        Cheat(Warmth, name, gate: "", changes);

    private static AuditCase Cheat(string subject, string name, string gate, params (string, string)[] changes) =>
        new(subject, name, gate, [.. changes]);

    private static string Repeated(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
