using Tars.Base;
using Tars.Lang.Diagnostics;

namespace Tars.Cli.Views;

/// <summary>A diagnostic with the file that it is about.</summary>
/// <param name="File">The path as the user would write it.</param>
internal sealed record PlacedDiagnostic(string File, SourceText Source, Diagnostic Diagnostic)
{
    public bool IsError => Diagnostic.Severity == Severity.Error;

    public LinePosition Start => Source.PositionOf(Diagnostic.Span.Start);

    public LinePosition End => Source.PositionOf(Diagnostic.Span.End);
}
