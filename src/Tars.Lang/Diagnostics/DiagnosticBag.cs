using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Lang.Diagnostics;

/// <summary>Collects what one compilation has to say, and gives it in the order of the text.</summary>
public sealed class DiagnosticBag
{
    private readonly List<Diagnostic> _items = [];

    public int Count => _items.Count;

    public bool HasErrors { get; private set; }

    /// <summary>Beyond the limit messages are dropped: a broken file stays broken, and memory stays bounded.</summary>
    public void Add(Diagnostic diagnostic)
    {
        HasErrors |= diagnostic.Severity == Severity.Error;
        if (_items.Count < Limits.DiagnosticCountMax)
        {
            _items.Add(diagnostic);
        }
    }

    /// <summary>Whether an error already covers a place inside this stretch, so that a second would be noise.</summary>
    public bool HasErrorWithin(TextSpan span) => _items.Exists(item =>
        item.Severity == Severity.Error && item.Span.Start <= span.End && span.Start <= item.Span.End);

    /// <summary>By place, then by code: the same for any order of the phases.</summary>
    public ImmutableArray<Diagnostic> ToSorted() =>
    [
        .. _items.OrderBy(item => item.Span.Start)
            .ThenBy(item => item.Code, StringComparer.Ordinal)
            .ThenBy(item => item.Span.Length),
    ];
}
