namespace Tars.Engine.Vm;

/// <summary>How far the compilation of a module is.</summary>
/// <param name="Piece">The piece that is compiled now, from 1 on.</param>
/// <param name="Count">All of them.</param>
/// <param name="IsOver">Nothing is compiled any more, however it ended.</param>
public readonly record struct VmProgress(int Piece, int Count, bool IsOver);

/// <summary>Tells of the pieces of one module that are compiled, and not found, and that it is over.</summary>
internal sealed class ProgressTeller(Action<VmProgress>? hearer, int count) : IDisposable
{
    private int _piece;

    /// <summary>The next piece is wanted; it may be one that was kept.</summary>
    public void Next() => _piece++;

    /// <summary>It has to be compiled.</summary>
    public void Compiles() => hearer?.Invoke(new VmProgress(_piece, count, IsOver: false));

    public void Dispose() => hearer?.Invoke(new VmProgress(_piece, count, IsOver: true));
}
