using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Lowering;

namespace Tars.Lang.Library;

/// <summary>Values of JSON; not in force yet, and a handler that needs it says so by a trap.</summary>
internal sealed class JsonReading(Values values)
{
    /// <summary>(bytes, to): the value, or the Failure malformed, is put into memory.</summary>
    public Routine Decode(Layout layout) => values.Named(
        "json.decode", layout, [ValType.I32, ValType.I32], [], body => body.Trap(GuestTrap.NotInForce));
}
