namespace Tars.Engine.Vm;

/// <summary>How far the compilation of a module is.</summary>
/// <param name="Piece">The piece that is compiled now, from 1 on.</param>
/// <param name="Count">All of them.</param>
/// <param name="IsOver">Nothing is compiled any more, however it ended.</param>
public readonly record struct VmProgress(int Piece, int Count, bool IsOver);

/// <summary>Tells of the pieces of one module, and that it is over.</summary>
internal sealed class ProgressTeller(Action<VmProgress>? hearer, int count) : IDisposable
{
    private int _piece;

    public void Next() => hearer?.Invoke(new VmProgress(++_piece, count, IsOver: false));

    public void Dispose() => hearer?.Invoke(new VmProgress(_piece, count, IsOver: true));
}
