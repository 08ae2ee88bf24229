using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Beliefs;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;

namespace Tars.Lang.Checking;

/// <summary>A module after checking, with all that there is to say about it.</summary>
/// <param name="Diagnostics">Of the module's own file, in the order of the text.</param>
/// <param name="Files">
/// Every file that was read: the module's own first, then the others in the order of their names.
/// </param>
/// <param name="Measures">The metrics that the kernel works out.</param>
/// <param name="Scenarios">Checked scenarios, in order of declaration.</param>
public sealed record CheckResult(
    ModuleSymbol Module,
    ImmutableArray<Diagnostic> Diagnostics,
    ImmutableArray<CheckedFile> Files,
    ImmutableArray<CheckedMeasure> Measures,
    ImmutableArray<CheckedScenario> Scenarios,
    ImmutableArray<CheckedReflection> Reflections,
    CheckedEvolution? Evolution)
{
    /// <summary>The modules that the bundle has to hold, each after those that it needs itself.</summary>
    public ImmutableArray<NeededModule> Needed { get; init; } = [];

    /// <summary>What is odd about the module's beliefs; each is among its diagnostics.</summary>
    public ImmutableArray<BeliefFinding> BeliefFindings { get; init; } = [];

    /// <summary>Whether anything stands in the way of a bundle, in this file or in one that it needs.</summary>
    public bool HasErrors => Files.Any(file => file.Diagnostics.Any(one => one.Severity == Severity.Error));

    /// <summary>What stands in the way first, in this file or in one that it needs; there is something.</summary>
    public Diagnostic FirstError =>
        Files.SelectMany(file => file.Diagnostics).First(one => one.Severity == Severity.Error);

    /// <summary>The same, with one more thing to say about the module's own file.</summary>
    public CheckResult With(Diagnostic diagnostic) => this with
    {
        Diagnostics = Diagnostics.Insert(0, diagnostic),
        Files = Files.SetItem(0, Files[0] with { Diagnostics = Files[0].Diagnostics.Insert(0, diagnostic) }),
    };
}

/// <summary>A metric `from: channels`: a number over what was published.</summary>
/// <param name="Metric">Its place among the metrics of the module.</param>
public sealed record CheckedMeasure(int Metric, BoundExpr Value);

/// <summary>A module of which another names agents.</summary>
/// <param name="Code">Of an interface, the guest; null for a module with code of its own.</param>
public sealed record NeededModule(ModuleSymbol Module, SourceText Source, ReadOnlyMemory<byte>? Code);

/// <summary>One file that was read, the name of its module, and what there is to say about it.</summary>
public sealed record CheckedFile(SourceText Source, string Module, ImmutableArray<Diagnostic> Diagnostics);
