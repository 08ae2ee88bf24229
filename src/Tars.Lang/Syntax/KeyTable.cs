using System.Collections.Immutable;

namespace Tars.Lang.Syntax;

/// <summary>
/// Every key of the language, once: what the formatter sorts by, the checker checks and the schema prints.
/// </summary>
/// <remarks>
/// To add a key add a row to its block, in the place where the formatter shall write it. To add a block add it to
/// <see cref="Blocks"/> and refer to it with <c>In</c>. Rules between keys (one of <c>do</c> and <c>text</c>) are the
/// checker's.
/// </remarks>
public static partial class KeyTable
{
    public const string ModuleBlock = "module";

    private static KeyShape Prose => Of(Reading.Text);

    private static KeyShape Named => Of(Reading.Name);

    private static KeyShape Path => Of(Reading.Path);

    private static KeyShape TypeOnly => Of(Reading.Type);

    private static KeyShape Declared => Of(Reading.Declaration);

    private static KeyShape Condition => Of(Reading.Expression);

    private static KeyShape Code => Of(Reading.Code);

    private static KeyShape Template => Of(Reading.Template);

    private static KeyShape Data => new KeyShape.Data();

    private static KeyShape Fields => Map(Reading.Name, Declared);


    /// <summary>In the order of the language's reference.</summary>
    public static ImmutableArray<KeyBlock> Blocks { get; } =
    [
        Module(),
        .. ModuleParts(),
        .. AgentParts(),
        .. JudgementParts(),
    ];

    private static ImmutableDictionary<string, KeyBlock> ByName { get; } =
        Blocks.ToImmutableDictionary(block => block.Name, StringComparer.Ordinal);

    /// <summary>The block of a name that a <see cref="KeyShape.Fixed"/> holds.</summary>
    public static KeyBlock Block(string name) => ByName[name];

    /// <summary>The shape of a whole document.</summary>
    public static KeyShape Root { get; } = In(ModuleBlock);

    private static KeyBlock Module() => new(
        ModuleBlock,
        "One metascript: what a small system may touch, what it does, how it is judged and how it may change.",
        [
            Must("tars", Literal("int"), "The version of the language: 1."),
            Must("module", Named, "The module's name."),
            Must("version", Prose, "The module's semantic version."),
            Must("summary", Prose, "What the module is for, in a sentence."),
            May("code", Word("tars", "wasm"), "wasm: an interface; the handlers' code is a file of WebAssembly."),
            May("implements", Either(Word(DeviceKinds), In("interface")), "The interface that the module offers."),
            May(
                "imports",
                Map(Reading.Name, Either(Path, In("import"))),
                "Name to file: its types, constants, functions and agents."),
            May("capabilities", In("capabilities"), "All that the module may touch."),
            May(
                "types",
                Map(Reading.TypeName, Either(Fields, List(Either(Named, Map(Reading.Name, Fields))))),
                "Records (a mapping of fields) and variants (a list of cases)."),
            Section("constants", Map(Reading.Name, Declared), "Name to TYPE = EXPR, worked out by the compiler."),
            May("params", Map(Reading.Name, In("param")), "Numbers and words to be tuned from outside."),
            May("functions", Map(Reading.Name, In("function")), "Pure functions and text templates."),
            May("agentic", In("agentic"), "Several agents and how they are supervised."),
            .. OneAgentRows(),
            May("belief_graph", In("belief_graph"), "Beliefs and how they support and attack each other."),
            May("metrics", Map(Reading.Name, In("metric")), "The numbers by which the module is judged."),
            May("reflection", List(In("reflection")), "What a bad metric means and what to try."),
            May("tests", List(In("test")), "Checks of the functions."),
            May("scenarios", List(In("scenario")), "Runs in virtual time and what is expected of them."),
            May("evolution", In("evolution"), "What may change, towards what, and who approves."),
        ]);

    private static KeyShape.Scalar Of(Reading reading) => new(reading, LiteralType: "", []);

    private static KeyShape.Scalar Literal(string type) => new(Reading.Literal, type, []);

    private static KeyShape.Scalar Word(params ImmutableArray<string> words) =>
        new(Reading.Word, LiteralType: "", words);

    private static KeyShape.Fixed In(string block) => new(block);

    private static KeyShape.MapOf Map(Reading key, KeyShape value) => new(key, value);

    private static KeyShape.ListOf List(KeyShape item) => new(item);

    private static KeyShape.Either Either(params ImmutableArray<KeyShape> options) => new(options);

    private static KeyBlock Compact(string name, string about, ImmutableArray<KeyRow> rows) =>
        new(name, about, rows) { IsCompact = true };

    private static KeyRow Section(string key, KeyShape shape, string about) =>
        new(key, IsRequired: false, shape, about) { IsSection = true };

    private static KeyRow Must(string key, KeyShape shape, string about) => new(key, IsRequired: true, shape, about);

    private static KeyRow May(string key, KeyShape shape, string about) => new(key, IsRequired: false, shape, about);
}
