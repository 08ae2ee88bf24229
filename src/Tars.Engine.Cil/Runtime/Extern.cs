using Tars.Bundle.Wasm;

namespace Tars.Engine.Cil.Runtime;

/// <summary>Something that an instance gives to others. The family is closed.</summary>
internal abstract record Extern(Instance Owner)
{
    public sealed record Function(Instance Owner, int Index) : Extern(Owner);

    public sealed record Table(Instance Owner, MemoryTable Elements) : Extern(Owner);

    public sealed record Memory(Instance Owner) : Extern(Owner);

    public sealed record Global(Instance Owner, nint Address, GlobalType Type) : Extern(Owner);
}
