using Tars.Base;

namespace Tars.Lang.Diagnostics;

/// <summary>TARS0110 to TARS0120: something stands in a place of the document where it does not belong.</summary>
public static partial class Report
{
    /// <param name="nearest">The known key that is most like it, or empty.</param>
    public static Diagnostic UnknownKey(TextSpan at, string key, string block, string nearest) => Error(
        "TARS0110",
        at,
        $"unknown key `{Short(key)}` in {block}",
        nearest.Length == 0 ? "delete it, or look up the keys of this block" : $"did you mean `{nearest}`?");

    public static Diagnostic MissingKey(TextSpan at, string block, string key) => Error(
        "TARS0111", at, $"{block} needs the key `{key}`", $"add `{key}: …`");

    public static Diagnostic NotAnEvent(TextSpan at, string key, string hint) => Error(
        "TARS0112", at, $"`{Short(key)}` is not an event", hint);

    public static Diagnostic NotTheInterface(TextSpan at, string kind, string wanted) => Error(
        "TARS0113", at, $"the interface `{kind}` asks for `{wanted}`", "add the handler with exactly this shape");

    public static Diagnostic TypeExpected(TextSpan at) => Error(
        "TARS0114", at, "expected a type", "write a type, such as `int`, `list<text>` or `Reading?`");

    /// <param name="wanted">What belongs there, with its article: <c>a mapping</c>.</param>
    public static Diagnostic WrongKindOfValue(TextSpan at, string place, string wanted) => Error(
        "TARS0115", at, $"`{Short(place)}` must be {wanted}", $"write {wanted} here");

    public static Diagnostic CodeNotLiteral(TextSpan at, string key) => Error(
        "TARS0116",
        at,
        $"`{key}` is always written as a block after `|`",
        $"write `{key}: |` and put the lines below it, indented");

    public static Diagnostic ExpressionsInFlow(TextSpan at) => Error(
        "TARS0117",
        at,
        "expressions in a list between brackets",
        "write one expression a line, each after `- `: a comma or bracket inside one would cut it");

    public static Diagnostic NotALiteral(TextSpan at, string written, string type, string hint) => Error(
        "TARS0120", at, $"`{Short(written)}` is not a literal of type {type}", hint);
}
