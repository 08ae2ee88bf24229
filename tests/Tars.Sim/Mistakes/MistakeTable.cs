using System.Collections.Immutable;

namespace Tars.Sim.Mistakes;

/// <summary>The mistakes that are planted. To add one: a row; it must be wrong by itself wherever its place
/// allows.</summary>
internal static class MistakeTable
{
    public static ImmutableArray<Mistake> All { get; } =
    [
        // What people bring along from other languages.
        Statement("TARS0210", "@++"),
        Statement("TARS0210", "let @ = 5;"),
        Statement("TARS0210", "// a note"),
        Statement("TARS0210", "if 1 == 1 && true { assert true }"),
        Statement("TARS0210", "const @ = 1"),
        Statement("TARS0211", "if !(1 == 1) { assert true }"),
        Statement("TARS0211", "let @ = 3 if true else 4"),
        Statement("TARS0211", "let @ = z => z + 1"),
        Statement("TARS0211", "let @ = if true { 1 }"),
        Statement("TARS0212", "if 0 < 1 < 3 { assert true }"),
        Statement("TARS0213", "let @ = 5 & 1 + 2"),
        Statement("TARS0210", "await @"),
        Statement("TARS0210", "try @"),
        Statement("TARS0210", "throw 1"),
        Statement("TARS0210", "switch 1"),
        Statement("TARS0210", "elif true { assert true }"),
        Statement("TARS0210", "import foo"),
        Statement("TARS0210", "let @ = 1 === 2"),
        Statement("TARS0210", "let @ = 1 ** 2"),
        Statement("TARS0210", "let @ = new Thing()"),
        Statement("TARS0211", "let @ = 1 ? 2 : 3"),
        Statement("TARS0211", "let @ = 1 <> 2"),
        Statement("TARS0211", "let @ = 1 in [1]"),
        Statement("TARS0211", "let @ = 1..2"),
        Statement("TARS0211", "let @ 1"),
        Statement("TARS0211", "let ="),
        Statement("TARS0211", "for @ [1] { assert true }"),
        Statement("TARS0211", "if true"),
        Statement("TARS0211", "while true"),
        Statement("TARS0211", "assert true true"),
        Statement("TARS0408", "let @ = null"),
        Statement("TARS0411", "sleep(1s)"),

        // Letters.
        Statement("TARS0201", "let @ = \"never closed"),
        Statement("TARS0202", "let @ = \"a \\q\""),
        Statement("TARS0202", "let @ = \"\\u{zz}\""),
        Statement("TARS0203", "let @ = \"a {1\""),
        Statement("TARS0203", "let @ = \"a }\""),
        Statement("TARS0204", "let @ = 5x"),
        Statement("TARS0205", "let @ = 99999999999999999999"),
        Statement("TARS0206", "let @Camel = 1"),
        Statement("TARS0204", "let @ = 5m2"),
        Statement("TARS0207", "let @ = 'a'"),
        Statement("TARS0207", "let @ = $5"),

        // Names.
        Statement("TARS0408", "let @ = no_such_name_anywhere"),
        Statement("TARS0411", "let @ = no_such_function(1)"),
        Statement("TARS0411", "let @ = [1].append(2)"),
        Statement("TARS0311", "let @ = \"abc\".length"),
        Statement("TARS0301", "let @: Nowhere = 1"),
        Statement("TARS0301", "let @ = Nowhere(a = 1)"),
        Statement("TARS0301", "let @: list<Nowhere> = []"),
        Statement("TARS0301", "let @ = Nowhere.red"),
        Statement("TARS0311", "let @ = \"a\".nosuch"),
        Statement("TARS0408", "@ = 1"),
        Statement("TARS0408", "@ += 1"),
        Statement("TARS0411", "print(\"a\")"),
        Statement("TARS0411", "let @ = true.size()"),
        Statement("TARS0418", "let @ = min(1)"),
        Statement("TARS0418", "let @ = clamp(1, 2)"),
        Statement("TARS0418", "let @ = list_of(1)"),
        Statement("TARS0418", "let @ = \"abc\".split()"),

        // Types.
        Statement("TARS0302", "let @: list<int?> = []"),
        Statement("TARS0303", "let @: map<float, int> = []"),
        Statement("TARS0304", "let @ = []"),
        Statement("TARS0310", "let @ = \"abc\".size() + 1.5"),
        Statement("TARS0310", "let @ = int(\"3\")"),
        Statement("TARS0310", "let @ = [1, \"a\"]"),
        Statement("TARS0310", "assert 5"),
        Statement("TARS0310", "while 5 { assert true }"),
        Statement("TARS0310", "let @ = not 5"),
        Statement("TARS0312", "let @ = if true { 1 } else { \"a\" }"),
        Statement("TARS0313", "let @ = true < false"),
        Statement("TARS0315", "let @ = \"abc\"[0]"),
        Statement("TARS0319", "let @ = 1 / 3"),
        Statement("TARS0320", "let @ = \"a\" + \"b\""),
        Statement("TARS0324", "let @ = 5 ?? 1"),
        Statement("TARS0324", "let @ = 5 else { fail \"no\" }"),
        Statement("TARS0327", "for @ in 5 { assert true }"),
        Statement("TARS0329", "let @ = \"{list_of(1, 1)}\""),
        Statement("TARS0332", "match 5 { else => assert true }"),
        Statement("TARS0337", "5 + 1"),
        Statement("TARS0302", "let @: int! = 1"),
        Statement("TARS0304", "let @ = none"),
        Statement("TARS0310", "let @: int = \"a\""),
        Statement("TARS0310", "let @: list<int> = [\"a\"]"),
        Statement("TARS0310", "let @: text = none"),
        Statement("TARS0310", "let @ = -true"),
        Statement("TARS0310", "let @ = if 5 { 1 } else { 2 }"),
        Statement("TARS0310", "for @ in 0..1.5 { assert true }"),
        Statement("TARS0310", "let @ = \"abc\".contains(1)"),
        Statement("TARS0310", "let @ = [1][true]"),
        Statement("TARS0310", "let @ = 1 or true"),
        Statement("TARS0313", "let @ = true + 1"),
        Statement("TARS0313", "let @ = 1s + 1"),
        Statement("TARS0313", "let @ = abs(\"a\")"),
        Statement("TARS0313", "let @ = \"a\" == 1"),
        Statement("TARS0315", "let @ = 5[0]"),
        Statement("TARS0318", "let @ = [1].map(1)"),
        Statement("TARS0324", "if let @ = 5 { assert true }"),
        Statement("TARS0329", "let @ = \"{1:.2}\""),

        // The document.
        TopLevel("TARS0110", "@: red"),
        TopLevel("TARS0106", "module: twice"),
    ];

    private static Mistake Statement(string code, string line) => new(code, MistakePlace.Statement, line);

    private static Mistake TopLevel(string code, string line) => new(code, MistakePlace.TopLevel, line);
}
