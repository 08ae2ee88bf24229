namespace Tars.Evolution.Edits;

/// <summary>What became of a list of edits: all of them were made, or none. The family is closed.</summary>
public abstract record EditResult
{
    private EditResult()
    {
    }

    /// <param name="Text">The whole document, in its one layout.</param>
    public sealed record Edited(string Text) : EditResult;

    /// <param name="Index">The first edit that could not be made.</param>
    public sealed record Refused(int Index, Refusal Why) : EditResult;
}
