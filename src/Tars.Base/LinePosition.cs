namespace Tars.Base;

/// <summary>A line and a column, both counted from one.</summary>
public readonly record struct LinePosition(int Line, int Column)
{
    public override string ToString() => $"{Line}:{Column}";
}
