using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Lang.Diagnostics;

/// <summary>TARS0110 to TARS0135, the part about what declarations say.</summary>
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

    /// <param name="toAdd">What is to be written where none is there; null where both are.</param>
    public static Diagnostic OneOfKeys(TextSpan at, string owner, string first, string second, string? toAdd) => Error(
        "TARS0111",
        at,
        $"{owner} needs `{first}` or `{second}`, and not both",
        toAdd is null ? "keep one of them" : $"add `{toAdd}`");

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

    public static Diagnostic TooManyOperations(TextSpan at, long count, int limit) => Error(
        "TARS0122",
        at,
        $"the agents of this interface could ask and tell {count} things, and no more than {limit} are counted",
        "split the module");

    public static Diagnostic FileNotFound(TextSpan at, string path) => Error(
        "TARS0130", at, $"no file `{Short(path)}`", "write the path relative to this file");

    public static Diagnostic ImportCircle(TextSpan at, string path) => Error(
        "TARS0131", at, $"`{Short(path)}` imports this file again", "move what both need into a third module");

    public static Diagnostic ImportsTooDeep(TextSpan at) => Error(
        "TARS0131", at, "imports go too deep, or lead to too many files", "join small modules");

    /// <param name="reason">What is wrong with it.</param>
    public static Diagnostic NotAGuest(TextSpan at, string path, string reason) => Error(
        "TARS0133",
        at,
        $"`{Short(path)}` cannot be the code of a module: {reason}",
        "give a WebAssembly module that exports ABI v1; docs/abi.md says what that is, and sdk/c/tars.h has it for C");

    public static Diagnostic NotAnInterface(TextSpan at, string path) => Error(
        "TARS0134",
        at,
        $"`{Short(path)}` is no interface: its handlers have code of their own",
        "name a metascript with `code: wasm`, whose handlers have no `do`");

    public static Diagnostic InterfaceOfTwo(TextSpan at, string path) => Error(
        "TARS0134",
        at,
        $"the interface `{Short(path)}` has other code already",
        "give each file of WebAssembly an interface of its own, with its own module name");

    public static Diagnostic NoCode(TextSpan at, string module) => Error(
        "TARS0135",
        at,
        $"`{Short(module)}` is an interface, and nothing says where its code is",
        "import it as `{ wasm: PATH, interface: PATH }`, or build it with `tarscli build FILE --wasm PATH`");
}
