using Tars.Bundle.Abi;
using Tars.Lang.Emitting.Writing;
using Tars.Lang.Lowering;

namespace Tars.Lang.Library;

/// <summary>Values as JSON; not in force yet, and a handler that needs it says so by a trap.</summary>
internal sealed class JsonWriting(Values values)
{
    /// <summary>(value or address): its JSON is written to the output.</summary>
    public Routine Write(Layout layout) => values.Named(
        "json.write", layout, [Values.PassedAs(layout)], [], body => body.Trap(GuestTrap.NotInForce));
}
