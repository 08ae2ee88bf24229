using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Lang.Diagnostics;

/// <summary>TARS0110 to TARS0134, the part about what declarations say.</summary>
public static partial class Report
{
    public static Diagnostic NotAWord(
        TextSpan at, string written, ImmutableArray<string> words, string nearest) => Error(
        "TARS0120",
        at,
        $"`{Short(written)}` is not one of the words that may stand here",
        nearest.Length > 0 ? $"did you mean `{nearest}`?" : $"write one of: {string.Join(", ", words)}");

    public static Diagnostic NotAChannel(TextSpan at, string written) => Error(
        "TARS0120",
        at,
        $"`{Short(written)}` is not a channel",
        "write 1 to 8 segments of a-z, 0-9, `_` and `-` with `/` between them; `+` stands for any one segment");

    public static Diagnostic NotInRange(TextSpan at, string written, string range) => Error(
        "TARS0120", at, $"`{Short(written)}` is not in the range {range}", "write a value inside it");

    public static Diagnostic NotTheLanguage(TextSpan at, string written) => Error(
        "TARS0120", at, $"the language has no version `{Short(written)}`", "write `1`");

    public static Diagnostic NotAVersion(TextSpan at, string written) => Error(
        "TARS0120", at, $"`{Short(written)}` is not a version", "write three numbers, such as `1.0.0`");

    public static Diagnostic KeyNotHere(TextSpan at, string key, string where) => Error(
        "TARS0110", at, $"`{key}` does not belong to {where}", "delete it");

    public static Diagnostic OneOfKeys(TextSpan at, string owner, string first, string second) => Error(
        "TARS0111", at, $"{owner} needs `{first}` or `{second}`, and not both", $"keep one of them");

    public static Diagnostic NoDefaultHere(TextSpan at) => Error(
        "TARS0114", at, "a value after a type has no meaning here", "write the type alone");

    public static Diagnostic ConstantWithoutValue(TextSpan at, string name) => Error(
        "TARS0404", at, $"the constant `{name}` has no value", "write `TYPE = VALUE`");

    public static Diagnostic NotAParamType(TextSpan at, string type) => Error(
        "TARS0121",
        at,
        $"a param cannot be a `{type}`",
        "use bool, int, float, text, duration, or a variant without payload");

    public static Diagnostic TooManyEntries(TextSpan at, int count, int limit) => Error(
        "TARS0122", at, $"{count} entries, and no list or mapping has more than {limit}", "split the module");

    public static Diagnostic FileNotFound(TextSpan at, string path) => Error(
        "TARS0130", at, $"no file `{Short(path)}`", "write the path relative to this file");

    public static Diagnostic ImportCircle(TextSpan at, string path) => Error(
        "TARS0131", at, $"`{Short(path)}` imports this file again", "move what both need into a third module");

    public static Diagnostic ImportsTooDeep(TextSpan at) => Error(
        "TARS0131", at, "imports go too deep, or lead to too many files", "join small modules");

    public static Diagnostic WasmImport(TextSpan at, string alias) => Error(
        "TARS0132",
        at,
        $"`{Short(alias)}` is a module of WebAssembly, and nothing of one can be used yet",
        "import a `.tars` file; this version reads such imports and does not link them");
}
