using Tars.Lang.Emitting.Writing;
using Tars.Lang.Lowering;

namespace Tars.Lang.Emitting;

/// <summary>
/// What a stretch of code owns: values to free, frame memory and registers to give back when it ends.
/// </summary>
internal sealed class Scope(Scope? parent, int frameMark)
{
    public Scope? Parent { get; } = parent;

    /// <summary>How much of the frame was taken when it opened.</summary>
    public int FrameMark { get; } = frameMark;

    /// <summary>Freed in the opposite order.</summary>
    public List<Owned> Values { get; } = [];

    public List<Variable> Registers { get; } = [];
}

/// <summary>A value that dies with its scope.</summary>
internal readonly record struct Owned(Layout Layout, Home Home);

/// <summary>Where a return goes, and what it takes along.</summary>
/// <param name="Outside">The scope that stays; all inside it end. Null for the whole routine.</param>
/// <param name="Place">Null when nothing is returned.</param>
internal readonly record struct ReturnTarget(Label Exit, Scope? Outside, Layout Layout, Home? Place);

/// <summary>A loop that code may leave or begin anew, with the scope around its body.</summary>
internal readonly record struct LoopContext(Label Break, Label Continue, Scope Outside);
