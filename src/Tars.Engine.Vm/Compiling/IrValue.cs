using System.Globalization;
using Tars.Bundle.Wasm;

namespace Tars.Engine.Vm.Compiling;

/// <summary>An operand: what it is called in LLVM's text, and how much its bits can be trusted.</summary>
/// <param name="Text">A name or a constant.</param>
/// <param name="Flag">The name of an i8 with its <see cref="Looseness"/>, when only a run can tell.</param>
internal readonly record struct IrValue(
    string Text, ValType Type, Looseness Loose = Looseness.Exact, string? Flag = null)
{
    /// <summary>The i8 that says how loose it is.</summary>
    public string FlagText => Flag ?? ((int)Loose).ToString(CultureInfo.InvariantCulture);

    /// <summary>The value of an i32 that is written as a number.</summary>
    public uint? Constant => Type is ValType.I32
        && int.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? (uint)number
            : null;
}
