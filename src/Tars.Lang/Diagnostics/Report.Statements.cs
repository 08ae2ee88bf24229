using Tars.Base;

namespace Tars.Lang.Diagnostics;

/// <summary>TARS0321 to TARS0337: statements that do not do what they must.</summary>
public static partial class Report
{
    public static Diagnostic MissingReturn(TextSpan at, string type) => Error(
        "TARS0321", at, $"not every path returns a {Quoted(type)}", "end each path with `return` or `fail`");

    public static Diagnostic NoReason(TextSpan at) => Error(
        "TARS0322", at, "a `T?` has no reason to name", "write `else { … }`; only a `T!` says why");

    public static Diagnostic ElseGivesNothing(TextSpan at, string type) => Error(
        "TARS0323",
        at,
        "this `else` neither leaves nor gives a value",
        $"end it with `return`, `break`, `continue`, `fail`, or a {Quoted(type)}");

    public static Diagnostic NothingToUnwrap(TextSpan at, string rule, string type) => Error(
        "TARS0324", at, $"{rule}, this is {Quoted(type)}", "use the value as it is");

    public static Diagnostic NothingToBind(TextSpan at) => Error(
        "TARS0325", at, "this gives no value to bind", "write it as a statement of its own");

    public static Diagnostic FailureNotHandled(TextSpan at) => Error(
        "TARS0326", at, "a failure is not handled", "add `else why { … }` to a `let`, or to the `ask` itself");

    public static Diagnostic CannotWalk(TextSpan at, string type, string mend) => Error(
        "TARS0327", at, $"`for` cannot walk {Quoted(type)} so", mend);

    public static Diagnostic WalkedAndChanged(TextSpan at, string root) => Error(
        "TARS0328", at, $"the body changes `{root}`, which it walks", "walk a copy, such as `.keys()` or a `let`");

    public static Diagnostic NoTextForm(TextSpan at, string type) => Error(
        "TARS0329", at, $"{Quoted(type)} cannot stand in text", "name one of its fields, or use a method");

    public static Diagnostic HoleFormat(TextSpan at, string format, string type) => Error(
        "TARS0329",
        at,
        $"no format `{Short(format)}` for {Quoted(type)}",
        "a format is `.N`, for a float: the digits after the point, 0 to 9");

    public static Diagnostic PatternHole(TextSpan at, string format) => Error(
        "TARS0330",
        at,
        $"a hole of a pattern cannot be `:{Short(format)}`",
        "write `{name}`, `{name:int}`, `{name:float}` or `{_}`");

    public static Diagnostic AdjacentHoles(TextSpan at) => Error(
        "TARS0331",
        at,
        "two holes stand side by side",
        "put text between them, so that it is known where the first ends");

    public static Diagnostic NotMatchable(TextSpan at, string type, string mend) => Error(
        "TARS0332", at, $"this pattern or match does not work for {Quoted(type)}", mend);

    /// <param name="cases">Those without an arm; empty for text.</param>
    public static Diagnostic NotExhaustive(TextSpan at, string cases) => Error(
        "TARS0333",
        at,
        cases.Length == 0 ? "text patterns never cover everything" : $"not covered: {Short(cases)}",
        cases.Length == 0 ? "end with `else => …`" : "add an arm for each, or `else => …`");

    public static Diagnostic NoSuchCase(TextSpan at, string variant, string name, string mend) => Error(
        "TARS0334",
        at,
        $"`{variant}` has no case `{Short(name)}`",
        mend.Length > 0 ? mend : "use one that is declared");

    public static Diagnostic PayloadCount(TextSpan at, string name, int fields, int binds) => Error(
        "TARS0335",
        at,
        $"`{name}` has {Count(fields, "field")}, the pattern binds {binds}",
        "bind each field in order; `_` skips one");

    public static Diagnostic OutsideLoop(TextSpan at, string word) => Error(
        "TARS0336", at, $"`{word}` outside a loop", "use `return`, or delete it");

    public static Diagnostic ValueGoesNowhere(TextSpan at, string type) => Error(
        "TARS0337", at, $"this {Quoted(type)} goes nowhere", "bind it with `let`, assign it, or delete it");

    private static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
