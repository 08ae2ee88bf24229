using System.Text;
using Tars.Base;
using Tars.Lang.Checking;
using Tars.Lang.Symbols;

namespace Tars.Lang.Library;

/// <summary>One module of the standard library that is written in the language itself.</summary>
/// <remarks>
/// It is read and checked when a compilation first uses it, and then kept: a checked tree never changes. To add one: a
/// file in <c>Source/</c> and a row here. Its functions may call <see cref="Binding.Intrinsics"/>.
/// </remarks>
internal sealed class StandardModule
{
    private readonly Lazy<CheckResult> _check;

    private StandardModule(string fileName)
    {
        FileName = fileName;
        _check = new Lazy<CheckResult>(() => ModuleChecker.CheckStandard(Open(fileName), new Sources()));
    }

    public static StandardModule Elementary { get; } = new("elementary.tars");

    public static StandardModule Circular { get; } = new("circular.tars");

    public static StandardModule Powers { get; } = new("powers.tars");

    public static StandardModule BigNumbers { get; } = new("big_numbers.tars");

    public static StandardModule FloatTexts { get; } = new("float_texts.tars");

    public static StandardModule FloatParsing { get; } = new("float_parsing.tars");

    public static StandardModule WholeNumbers { get; } = new("whole_numbers.tars");

    public static StandardModule Texts { get; } = new("texts.tars");

    public static StandardModule Octets { get; } = new("octets.tars");

    public static StandardModule Random { get; } = new("random.tars");

    public static StandardModule Json { get; } = new("json.tars");

    public static IReadOnlyList<StandardModule> All { get; } =
    [
        Elementary, Circular, Powers, BigNumbers, FloatTexts, FloatParsing, WholeNumbers, Texts, Octets, Random,
        Json,
    ];

    public string FileName { get; }

    public SourceText Source => Open(FileName);

    public CheckResult Check => _check.Value;

    public FunctionSymbol Function(string name)
    {
        Invariant.Holds(!Check.HasErrors);
        var function = Check.Module.Functions.FirstOrDefault(one => one.Name == name);
        Invariant.Holds(function is not null);
        return function;
    }

    private static SourceText Open(string fileName)
    {
        using Stream? stream = typeof(StandardModule).Assembly.GetManifestResourceStream(fileName);
        Invariant.Holds(stream is not null);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return new SourceText(fileName, reader.ReadToEnd());
    }

    /// <summary>The modules of the library import each other and nothing else.</summary>
    private sealed class Sources : IModuleSource
    {
        SourceText? IModuleSource.Open(SourceText from, string path) =>
            All.Any(one => one.FileName == path) ? StandardModule.Open(path) : null;
    }
}
