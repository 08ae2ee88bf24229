namespace Tars.Lang.Library;

/// <summary>A fixed part of the state region: a header like that of a block, then fields at fixed offsets.</summary>
/// <param name="offset">Of the header, from the beginning of the state region.</param>
/// <param name="size">Of the fields, a multiple of 8; the last root may still grow while code is written.</param>
internal sealed class Root(int offset, int size)
{
    public int Offset { get; } = offset;

    public int Size { get; private set; } = size;

    public int Fields => Offset + 8;

    public int End => Offset + 8 + Size;

    /// <summary>Makes room for a further field and answers its offset from the beginning of the state region.</summary>
    public int Take(int size)
    {
        int at = Fields + Size;
        Size += (size + 7) & ~7;
        return at;
    }
}
