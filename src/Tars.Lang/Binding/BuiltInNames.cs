using System.Collections.Immutable;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>
/// The built-in functions by name. To add one: a row here, its meaning in the emitter, docs/language.md.
/// </summary>
internal static class BuiltInNames
{
    private static readonly Dictionary<string, BuiltInRow> _rows = new(StringComparer.Ordinal)
    {
        ["sqrt"] = Float(BuiltIn.Sqrt, 1),
        ["exp"] = Float(BuiltIn.Exp, 1),
        ["ln"] = Float(BuiltIn.Ln, 1),
        ["sin"] = Float(BuiltIn.Sin, 1),
        ["cos"] = Float(BuiltIn.Cos, 1),
        ["ceil"] = Float(BuiltIn.Ceil, 1),
        ["round"] = Float(BuiltIn.Round, 1),
        ["pow"] = Float(BuiltIn.Pow, 2),
        ["atan2"] = Float(BuiltIn.Atan2, 2),
        ["int"] = new(BuiltIn.IntOfFloat, [CoreTypes.Float], CoreTypes.Int),
        ["float"] = new(BuiltIn.FloatOfInt, [CoreTypes.Int], CoreTypes.Float),
        ["now"] = new(BuiltIn.Now, [], CoreTypes.Instant),
        ["random"] = new(BuiltIn.Random, [], CoreTypes.Float),
        ["random_int"] = new(BuiltIn.RandomInt, [CoreTypes.Int, CoreTypes.Int], CoreTypes.Int),
        ["bytes_of"] = new(BuiltIn.BytesOf, [CoreTypes.Int], CoreTypes.Bytes),
        ["blob_of"] = new(BuiltIn.BlobOf, [CoreTypes.Bytes], CoreTypes.Blob),
    };

    /// <summary>Those whose arguments are read by rules of their own.</summary>
    private static readonly string[] _special =
        ["abs", "min", "max", "clamp", "list_of", "json_decode", "json_response", "belief", "narrow"];

    /// <summary>Those that give no value: a statement each.</summary>
    private static readonly string[] _effects =
        ["publish", "log", "metric", "observe", "retract", "exit", "revoke"];

    /// <summary>Those that look at a run from outside.</summary>
    private static readonly string[] _expectations = ["published", "traps", "alive"];

    private static readonly string[] _typeWords = ["list", "map", "ref", "cap"];

    /// <summary>The words that the grammar of code uses.</summary>
    public static readonly ImmutableArray<string> Keywords =
    [
        "let", "var", "if", "else", "while", "for", "in", "match", "return", "break", "continue", "fail", "assert",
        "and", "or", "not", "true", "false", "none", "self", "ask", "tell", "spawn", "within", "after", "every",
        "cancel",
    ];

    /// <summary>All that can be called, for the search for the nearest.</summary>
    public static IEnumerable<string> Callable { get; } = [.. _rows.Keys, .. _special, .. _effects];

    public static BuiltInRow? Find(string name) => _rows.GetValueOrDefault(name);

    public static bool IsEffect(string name) => Array.IndexOf(_effects, name) >= 0;

    public static bool IsExpectation(string name) => Array.IndexOf(_expectations, name) >= 0;

    /// <summary>Whether nobody may declare the name again.</summary>
    public static bool IsTaken(string name) =>
        _rows.ContainsKey(name)
        || Array.IndexOf(_special, name) >= 0
        || IsEffect(name)
        || IsExpectation(name)
        || CoreTypes.ByName.ContainsKey(name)
        || Array.IndexOf(_typeWords, name) >= 0
        || Keywords.Contains(name);

    private static BuiltInRow Float(BuiltIn builtIn, int count) =>
        new(builtIn, [.. Enumerable.Repeat(CoreTypes.Float, count)], CoreTypes.Float);
}

/// <summary>A built-in function with fixed types.</summary>
internal sealed record BuiltInRow(BuiltIn BuiltIn, ImmutableArray<LangType> Parameters, LangType Returns);
