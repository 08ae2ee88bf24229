using System.Collections.Immutable;
using Tars.Lang.Checking;

namespace Tars.Lang;

/// <summary>
/// What compiling a metascript gives: always what there is to say, and a bundle when nothing stands in the way.
/// </summary>
/// <param name="Bundle">The bytes of the bundle, or null when there are errors.</param>
public sealed record CompileResult(CheckResult Check, ImmutableArray<byte>? Bundle)
{
    public ImmutableArray<CheckedFile> Files => Check.Files;

    /// <summary>What the bundle counts; null unless that was asked for, and where there is none or no code of ours.
    /// </summary>
    public BranchCounters? Branches { get; init; }

    /// <summary>Declared things whose run-time part this version lacks, as a person reads them.</summary>
    public ImmutableArray<string> NotYetInForce => Check.Module.NotYetInForce;
}
