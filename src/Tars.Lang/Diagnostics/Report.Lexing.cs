using Tars.Base;

namespace Tars.Lang.Diagnostics;

/// <summary>TARS0201 to TARS0214: code that cannot be read, and how other languages' habits are written here.</summary>
public static partial class Report
{
    public static Diagnostic TextNotClosed(TextSpan at) => Error(
        "TARS0201", at, "the text is not closed on its line", "end it with `\"`; a line end inside is written `\\n`");

    public static Diagnostic UnknownEscape(TextSpan at, string escape) => Error(
        "TARS0202", at, $"unknown escape `{escape}`", "use one of `\\n \\t \\\" \\\\ \\{ \\} \\u{1F600}`");

    public static Diagnostic HoleNotClosed(TextSpan at) => Error(
        "TARS0203",
        at,
        "a `{` in text begins a hole, and this one is not closed",
        "close it with `}`, or write `\\{`; a hole holds no text, so bind such a value with `let` first");

    public static Diagnostic BraceInText(TextSpan at) => Error(
        "TARS0203", at, "a `}` in text closes nothing", "write `\\}` for the character");

    public static Diagnostic HoleHoldsOne(TextSpan at) => Error(
        "TARS0203", at, "a hole holds one expression", "write `{value}` or `{value:.2}`");

    public static Diagnostic PatternHole(TextSpan at) => Error(
        "TARS0203",
        at,
        "a hole of a pattern holds a name",
        "write `{name}`, `{name:int}`, `{name:float}`, or `{_}` to skip");

    public static Diagnostic NameBeginsWithDigit(TextSpan at, string written) => Error(
        "TARS0204",
        at,
        $"`{Short(written)}` is neither a number nor a name",
        "begin a name with a letter; write a duration as one whole number with a unit, such as `90s` or `1500ms`");

    public static Diagnostic NumberTooLarge(TextSpan at, string type) => Error(
        "TARS0205", at, $"the number is too large for {type}", "write a smaller one");

    public static Diagnostic WrongCase(TextSpan at, string written) => Error(
        "TARS0206",
        at,
        $"`{Short(written)}` is neither a name nor a type",
        "write names like `this_one` and types like `ThisOne`");

    public static Diagnostic NameTooLong(TextSpan at) => Error(
        "TARS0206", at, $"a name of more than {Limits.NameLengthMax} characters", "choose a shorter one");

    public static Diagnostic UnexpectedCharacter(TextSpan at, string written) => Error(
        "TARS0207",
        at,
        $"unexpected character `{Short(written)}`",
        written[0] is '\'' or '`' ? "put text between `\"`" : "delete it; outside text code is ASCII");

    public static Diagnostic ForeignSyntax(TextSpan at, string written, string mend) => Error(
        "TARS0210", at, $"`{Short(written)}` is not of this language", mend);

    /// <param name="wanted">What belongs there, with its article or in backticks.</param>
    public static Diagnostic Expected(TextSpan at, string wanted, string found, string hint) => Error(
        "TARS0211", at, $"expected {wanted}, found {Short(found)}", hint);

    public static Diagnostic NotClosed(TextSpan at, string opened, string closer) => Error(
        "TARS0211", at, $"this `{opened}` is not closed", $"close it with `{closer}`");

    public static Diagnostic ClosesNothing(TextSpan at, string closer) => Error(
        "TARS0211", at, $"this `{closer}` closes nothing", "delete it, or open a block before it");

    public static Diagnostic ChainedComparison(TextSpan at) => Error(
        "TARS0212", at, "comparisons do not chain", "join two comparisons with `and`");

    public static Diagnostic MixedBitOperators(TextSpan at, string first, string second) => Error(
        "TARS0213", at, $"`{first}` beside `{second}` needs parentheses", "put the part that is meant first in `( )`");

    public static Diagnostic CodeTooDeep(TextSpan at) => Error(
        "TARS0214", at, "the code is nested too deeply",
        "give parts of it names with `let`, or make functions of them");

    /// <param name="what">Holes, arguments.</param>
    public static Diagnostic TooMany(TextSpan at, string what, int limit) => Error(
        "TARS0214", at, $"more than {limit} {what} in one place", "take some of them out with `let`, or join them");

    public static Diagnostic TooManyStatements(TextSpan at, int limit) => Error(
        "TARS0214", at, $"more than {limit} statements in one body", "make functions or procedures of parts of it");

    /// <summary>Told by the compiler, which alone knows what becomes of the code.</summary>
    public static Diagnostic CodeTooLarge(TextSpan at, string name) => Error(
        "TARS0214", at, $"the code of `{Short(name)}` is too large", "make functions or procedures of parts of it");

    public static Diagnostic RecordBraces(TextSpan at, string type) => Error(
        "TARS0317",
        at,
        $"`{Short(type)} {{ … }}` does not make a record",
        $"write `{Short(type)}(field = value)`");

    public static Diagnostic TypeAsValue(TextSpan at, string type) => Error(
        "TARS0317",
        at,
        $"the type `{Short(type)}` stands where a value is needed",
        type switch
        {
            "True" => "write `true`",
            "False" => "write `false`",
            "None" => "write `none`",
            _ => $"make a value of it, such as `{Short(type)}(field = value)` or `{Short(type)}.case`",
        });
}
