using Tars.Bundle.Wasm;

namespace Tars.Engine.Vm.Compiling;

/// <summary>One row of the tables that say what LLVM's text for an instruction is.</summary>
/// <param name="Steps">
/// Instructions, parted by <c>;</c>. $0, $1 and $2 are the operands, $L the lane; a name %x is made unique; %r is the
/// result.
/// </param>
/// <param name="Takes">The kind of operands that it may get loose; all others it gets exact.</param>
/// <param name="Gives">What its result is.</param>
internal sealed record IrRow(Opcode Opcode, string Steps, Looseness Takes, Looseness Gives)
{
    /// <summary>It only moves lanes: what it gives is as loose as what it took.</summary>
    public bool Passes { get; init; }

    /// <summary>The steps one by one.</summary>
    public string[] Lines { get; } = Steps.Split(';', StringSplitOptions.TrimEntries);
}

/// <summary>Whether a NaN in a value may still have other bits than the canonical one; see decision 114.</summary>
internal enum Looseness : byte
{
    /// <summary>The bits are those that WebAssembly sees.</summary>
    Exact,

    /// <summary>A float, or four of them, in which each NaN stands for the canonical one.</summary>
    Single,

    /// <summary>A double, or two of them, likewise.</summary>
    Double,

    /// <summary>Which of the three it is will be known when the code runs.</summary>
    Known,
}
