using System.Diagnostics;
using Tars.Base;
using Tars.Lang;

namespace Tars.Evolution.Analysis;

/// <summary>What is said of a branch that no run came to.</summary>
internal static class BranchText
{
    /// <param name="source">The text in which it stands.</param>
    public static string Of(Branch branch, SourceText source)
    {
        string what = branch.Kind switch
        {
            BranchKind.Body => $"{branch.Name} is called in no scenario",
            BranchKind.Then => "a condition that holds in no scenario",
            BranchKind.Else => "an `else` that no scenario comes to",
            BranchKind.Passed => "a condition that holds in every scenario that comes to it",
            BranchKind.Arm => "an arm that no scenario comes to",
            BranchKind.Turn => "a loop that makes no turn in any scenario",
            BranchKind.Otherwise => "a value that is missing in no scenario",
            _ => throw new UnreachableException(),
        };
        return branch.Kind == BranchKind.Body ? what : $"{what}: {LineOf(branch, source)}";
    }

    private static string LineOf(Branch branch, SourceText source) => Printable.Shortened(
        source.LineText(source.PositionOf(branch.Span.Start).Line).Trim(), Limits.ShownCodeMax);
}
