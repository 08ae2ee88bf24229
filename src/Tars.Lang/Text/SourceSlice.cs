using Tars.Base;

namespace Tars.Lang.Text;

/// <summary>A text taken out of a file, and the place in the file of each of its characters.</summary>
/// <remarks>
/// A block scalar loses its indentation and a quoted one its escapes, so the two do not run in step; the pieces say
/// where they part.
///
/// Invariants:
///   I1  Pieces are in ascending order of both offsets, and the first begins at 0 of the text.
/// </remarks>
public sealed class SourceSlice
{
    private readonly Piece[] _pieces;

    private SourceSlice(string text, Piece[] pieces)
    {
        Invariant.Holds(0 < pieces.Length);
        Invariant.Holds(pieces[0].InText == 0); // I1
        Text = text;
        _pieces = pieces;
    }

    public string Text { get; }

    /// <summary>A text that stands in the file as it is.</summary>
    public static SourceSlice Verbatim(string text, int fileOffset) => new(text, [new Piece(0, fileOffset)]);

    /// <summary>A text made of stretches of the file; each piece says where one begins in both.</summary>
    public static SourceSlice OfPieces(string text, IEnumerable<Piece> pieces) => new(text, [.. pieces]);

    /// <summary>The place in the file of a place in the text.</summary>
    public int ToFile(int offset)
    {
        int low = 0;
        int high = _pieces.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_pieces[middle].InText <= offset)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return _pieces[low].InFile + (offset - _pieces[low].InText);
    }

    /// <summary>
    /// The stretch of the file for a stretch of the text. The end is taken from the last character, so that it does
    /// not jump over an indentation into the next line.
    /// </summary>
    public TextSpan ToFile(TextSpan span) => span.Length == 0
        ? new TextSpan(ToFile(span.Start), 0)
        : TextSpan.FromBounds(ToFile(span.Start), ToFile(span.End - 1) + 1);

    /// <summary>From here on the text runs in step with the file.</summary>
    public readonly record struct Piece(int InText, int InFile);
}
