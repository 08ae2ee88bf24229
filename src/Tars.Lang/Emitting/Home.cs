using Tars.Lang.Emitting.Writing;
using Tars.Lang.Library;
using Tars.Lang.Lowering;

namespace Tars.Lang.Emitting;

/// <summary>Where a local, a temporary or a result is kept.</summary>
internal abstract record Home
{
    private Home()
    {
    }

    /// <summary>
    /// The value as the library takes it: from its register or memory, or its address when it lies there.
    /// </summary>
    public abstract Term Value(Layout layout);

    public sealed record Register(Variable Variable) : Home
    {
        public override Term Value(Layout layout) => Variable;
    }

    /// <summary>At an address that is a register and an offset.</summary>
    public sealed record Memory(Variable Base, int Offset) : Home
    {
        public Term Address => Offset == 0 ? Base : Base + Offset;

        public override Term Value(Layout layout) => Values.Load(layout, Base, Offset);

        public Memory At(int offset) => new(Base, Offset + offset);
    }
}
