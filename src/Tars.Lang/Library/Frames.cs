using Tars.Bundle.Abi;
using Tars.Lang.Emitting.Writing;

namespace Tars.Lang.Library;

/// <summary>The shadow stack: where values lie that have no register.</summary>
internal static class Frames
{
    /// <summary>Takes so many bytes and answers where they begin; <see cref="Leave"/> gives them back.</summary>
    public static Variable Enter(Body body, Term size)
    {
        var frame = body.I32(Term.I32(MemoryMap.StackTop).Load32());
        var top = body.I32(frame + size);
        body.TrapIf(top.Above(MemoryMap.Stack + MemoryMap.StackSize), GuestTrap.StackExhausted);
        body.Store32(MemoryMap.StackTop, top);
        return frame;
    }

    public static void Leave(Body body, Variable frame) => body.Store32(MemoryMap.StackTop, frame);
}
