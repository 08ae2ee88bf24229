using Tars.Base;

namespace Tars.Lang.Diagnostics;

/// <summary>TARS0301 to TARS0320: types and the values that do not fit them.</summary>
public static partial class Report
{
    /// <param name="what">What was looked for: a type, an agent.</param>
    public static Diagnostic UnknownType(TextSpan at, string what, string name, string mend) => Error(
        "TARS0301",
        at,
        $"no {what} `{Short(name)}`",
        mend.Length > 0 ? mend : "declare it under `types:`, or use one that exists");

    /// <param name="form">What was written: an optional inside another, an optional as an element.</param>
    public static Diagnostic NestedOptional(TextSpan at, string form) => Error(
        "TARS0302", at, $"{form} cannot be", "leave absent elements out, or put the value into a record");

    public static Diagnostic FallibleStored(TextSpan at, string type) => Error(
        "TARS0302",
        at,
        $"a `{type}` cannot be kept",
        "unwrap it where it arises: `let x = … else why { … }`; only `returns` may have a `!`");

    public static Diagnostic NotAKey(TextSpan at, string type) => Error(
        "TARS0303", at, $"`{type}` cannot be the key of a map",
        "use int, text, bool, bytes, duration, instant, a ref, or a variant without payload");

    public static Diagnostic TypeUnknown(TextSpan at, string written) => Error(
        "TARS0304", at, $"the type of `{written}` is not known here", "write the type: `let name: TYPE = …`");

    public static Diagnostic RecursiveType(TextSpan at, string cycle) => Error(
        "TARS0305", at, $"a type holds itself: {cycle}", "keep keys into a `map`, or `ref`s, instead of the value");

    public static Diagnostic RecursiveValue(TextSpan at, string name) => Error(
        "TARS0306", at, $"the value of `{name}` needs itself", "break the circle: give one of them a literal");

    public static Diagnostic TypeTooLarge(TextSpan at, string type, int limit) => Error(
        "TARS0307",
        at,
        $"`{type}` grows beyond {limit} types within each other",
        "hold fewer large records inside records");

    public static Diagnostic ValueFails(TextSpan at, string name, string why) => Error(
        "TARS0308",
        at,
        $"the value of `{name}` cannot be worked out: {why}",
        "give a value that exists; it is worked out when the module is checked, with a limit of fuel");

    public static Diagnostic ConstantReadsParam(TextSpan at, string name) => Error(
        "TARS0309", at, $"the constant `{name}` reads a param, which may change", "make it a function");

    public static Diagnostic WrongType(TextSpan at, string expected, string given, string mend) => Error(
        "TARS0310", at, $"{Quoted(expected)} is expected, this is {Quoted(given)}", mend);

    public static Diagnostic MixedNumbers(TextSpan at) => Error(
        "TARS0310", at, "int and float do not mix", "write `float(…)` round the int");

    public static Diagnostic NoJson(TextSpan at, string type) => Error(
        "TARS0310", at, $"`{type}` has no form in JSON", "use a type without references and blobs");

    public static Diagnostic UnknownField(TextSpan at, string owner, string field, string mend) => Error(
        "TARS0311",
        at,
        $"`{owner}` has no field `{Short(field)}`",
        mend.Length > 0 ? mend : "use one that is declared");

    public static Diagnostic NoFields(TextSpan at, string type, string field, string mend) => Error(
        "TARS0311",
        at,
        $"{Quoted(type)} has no field `{Short(field)}`",
        mend.Length > 0 ? mend : "only records have fields");

    public static Diagnostic BranchesDiffer(TextSpan at, string then, string other) => Error(
        "TARS0312",
        at,
        $"one side gives {Quoted(then)}, the other {Quoted(other)}",
        "let both sides give the same type");

    public static Diagnostic NotComparable(TextSpan at, string verb, string left, string right, string mend) => Error(
        "TARS0313", at, $"{Quoted(left)} and {Quoted(right)} cannot be {verb}", mend);

    /// <param name="right">Empty for what takes one value.</param>
    public static Diagnostic NoSuchOperator(TextSpan at, string sign, string left, string right, string mend) => Error(
        "TARS0313",
        at,
        right.Length == 0 ? $"no `{sign}` for {Quoted(left)}" : $"no `{sign}` for {Quoted(left)} and {Quoted(right)}",
        mend);

    public static Diagnostic MayBeAbsent(TextSpan at, string type) => Error(
        "TARS0314",
        at,
        $"{Quoted(type)} may hold no value",
        type.EndsWith('?')
            ? "unwrap it first, with `if let`, `??` or `let … else`"
            : "unwrap it first: `let x = … else why { … }`");

    public static Diagnostic NoIndex(TextSpan at, string type) => Error(
        "TARS0315",
        at,
        $"{Quoted(type)} has no index",
        type == "text" ? "read text by patterns and methods, or take `.to_bytes()`" : "lists, maps and bytes have one");

    /// <param name="wanted">A record, a variant.</param>
    public static Diagnostic NotARecord(TextSpan at, string type, string wanted) => Error(
        "TARS0316",
        at,
        $"`{type}` is not {wanted}",
        wanted == "a record"
            ? "build a variant by its case: `Type.case`"
            : "build a record by its fields: `Type(field = value)`");

    public static Diagnostic TypeAsValue(TextSpan at) => Error(
        "TARS0317", at, "a type is not a value", "build a record with `Type(field = value)`, a case with `Type.case`");

    public static Diagnostic TypeArgumentExpected(TextSpan at, string form) => Error(
        "TARS0317", at, "a type is expected as this argument", $"write `{form}`");

    public static Diagnostic LambdaElsewhere(TextSpan at) => Error(
        "TARS0318", at, "`x => …` stands alone as the argument of a list method", "write a function instead");

    public static Diagnostic LambdaExpected(TextSpan at, string method) => Error(
        "TARS0318", at, $"`{method}` takes one lambda", $"write `.{method}(x => …)`");

    public static Diagnostic WholeDivision(TextSpan at) => Error(
        "TARS0319",
        at,
        "two whole numbers divided lose their fraction",
        "write one of them with a point, or write the result");

    public static Diagnostic TextSum(TextSpan at, bool isInHole) => Error(
        "TARS0320",
        at,
        "text is not joined by `+`",
        isInHole ? "write both into the text: `{a}{b}`" : "use holes: `\"{a}{b}\"`");

    // A type in back quotes, other words as they are.
    private static string Quoted(string type) => type.Contains(' ', StringComparison.Ordinal) && !type.Contains('<')
        ? type
        : $"`{type}`";
}
