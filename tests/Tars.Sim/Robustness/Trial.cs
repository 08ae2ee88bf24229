using Tars.Base;
using Tars.Bundle.Container;
using Tars.Bundle.Wasm;
using Tars.Lang;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Formatting;
using Tars.Sim.Trees;

namespace Tars.Sim.Robustness;

/// <summary>What must hold of any text and any module, tried on one.</summary>
/// <param name="Problem">Null when all of it held.</param>
/// <param name="IsWhole">Whether it compiled, or was a valid module.</param>
/// <param name="Time">Processor time of the longest part; other threads of the process included.</param>
internal sealed record Trial(string? Problem, bool IsWhole, TimeSpan Time)
{
    // The trees of larger texts, spelled out, would not fit into the memory that a trial has.
    private const int ComparedMax = 100_000;

    /// <summary>
    /// A text compiles to a valid bundle or to diagnostics in the text; formatted it means the same, keeps its comments
    /// and does not change a second time.
    /// </summary>
    public static Trial OfText(SourceText source, IModuleSource modules)
    {
        try
        {
            var (result, compiling) = Timed(() => Compiler.Compile(source, modules, new CompileOptions()));
            string? problem = ProblemOf(result, source);
            var (formatted, formatting) = Timed(() => Formatted(source));
            problem ??= formatted is null ? null : ProblemOf(source, formatted);
            return new Trial(problem, result.Bundle is not null, compiling < formatting ? formatting : compiling);
        }
        catch (Exception e)
        {
            return Thrown(e);
        }
    }

    /// <summary>Bytes are a bundle or none, a module or none, and are told so without an exception.</summary>
    public static Trial OfModule(byte[] bytes)
    {
        try
        {
            var (isValid, time) = Timed(() =>
            {
                BundleReader.Read(bytes);
                return ModuleDecoder.Decode(bytes) is DecodeResult.Decoded decoded
                    && ModuleValidator.Validate(decoded.Module) is ValidationResult.Valid;
            });
            return new Trial(Problem: null, isValid, time);
        }
        catch (Exception e)
        {
            return Thrown(e);
        }
    }

    private static Trial Thrown(Exception e)
    {
        string[] lines = e.ToString().Split('\n');
        return new Trial(string.Join(' ', lines.Take(4).Select(line => line.Trim())), IsWhole: false, TimeSpan.Zero);
    }

    private static (T Result, TimeSpan Time) Timed<T>(Func<T> run)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        T result = run();
        return (result, Environment.CpuUsage.TotalTime - before);
    }

    private static string? ProblemOf(CompileResult result, SourceText source)
    {
        var outside = result.Check.Diagnostics.FirstOrDefault(one =>
            one.Span.Start < 0 || source.Text.Length < one.Span.End || one.Title.Length == 0);
        if (outside is not null)
        {
            return $"{outside.Code} stands at {outside.Span}, outside the text";
        }

        if (result.Bundle is not { } bundle)
        {
            bool isTold = result.Files.Any(file => file.Diagnostics.Any(one => one.Severity == Severity.Error));
            return isTold ? null : "neither a bundle nor a diagnostic";
        }

        return BundleReader.Read(bundle.AsMemory()) is BundleReading.Refused refused
            ? $"the bundle is refused: {refused.Reason}"
            : ModuleDecoder.Decode(bundle.AsSpan()) is not DecodeResult.Decoded decoded
                ? "the module is malformed"
                : ModuleValidator.Validate(decoded.Module) is ValidationResult.Valid ? null : "the module is not valid";
    }

    /// <summary>Null for a text with a mistake in its YAML, which has no canonical layout.</summary>
    private static string? Formatted(SourceText source)
    {
        var bag = new DiagnosticBag();
        string text = Formatter.Format(source, bag);
        return bag.HasErrors ? null : text;
    }

    private static string? ProblemOf(SourceText source, string formatted)
    {
        var once = new SourceText(source.Name, formatted);
        var bag = new DiagnosticBag();
        string twice = Formatter.Format(once, bag);
        if (bag.HasErrors)
        {
            var first = bag.ToSorted()[0];
            int line = once.PositionOf(first.Span.Start).Line;
            return $"formatted it has a mistake: {first.Code} {first.Title}: {once.LineText(line)}";
        }

        if (ComparedMax < source.Text.Length)
        {
            return Difference(formatted, twice, "formatted twice");
        }

        return Difference(formatted, twice, "formatted twice")
            ?? Difference(Comments(source), Comments(once), "the comments, formatted")
            ?? Difference(DocumentTree.Of(source), DocumentTree.Of(once), "the meaning, formatted");
    }

    private static string Comments(SourceText source) => string.Join('\n', DocumentTree.Comments(source));

    /// <summary>The first line that differs, or null.</summary>
    private static string? Difference(string before, string after, string what) => before
        .Split('\n').Append("")
        .Zip(after.Split('\n').Append("").Append(""))
        .Where(pair => pair.First != pair.Second)
        .Select(pair => $"{what}: `{pair.First}` became `{pair.Second}`")
        .FirstOrDefault();
}
