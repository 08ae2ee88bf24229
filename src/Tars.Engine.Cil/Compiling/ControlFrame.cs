using System.Reflection.Emit;
using Tars.Bundle.Wasm;

namespace Tars.Engine.Cil.Compiling;

/// <summary>A block that is open while its function is translated.</summary>
/// <param name="height">How many operands lie below its parameters.</param>
internal sealed class ControlFrame(Opcode opcode, FuncType type, int height, Label target)
{
    public Opcode Opcode => opcode;

    public FuncType Type => type;

    public int Height => height;

    /// <summary>The function itself: a branch to it returns.</summary>
    public bool IsFunction { get; init; }

    /// <summary>Where a branch leads: the head of a loop, the end of all else.</summary>
    public Label Target => target;

    /// <summary>Some branch leads to the target.</summary>
    public bool IsTargeted { get; set; }

    /// <summary>Where a loop that has two copies goes on after either.</summary>
    public Label? After { get; set; }

    /// <summary>Of the first copy of a loop whose turns are counted.</summary>
    public Counted? Turns { get; init; }

    /// <summary>What is known of a loop that is straight, up to its branch back.</summary>
    public StraightLoop? Straight { get; set; }

    /// <summary>Where an if goes when its condition is 0; null once it has been placed.</summary>
    public Label? Otherwise { get; set; }

    /// <param name="Left">How many turns are left.</param>
    /// <param name="Again">Where to go when none is.</param>
    /// <param name="IsBare">The state block is put aside while they run.</param>
    public sealed record Counted(LocalBuilder Left, Label Again, bool IsBare);
}
