using Tars.Base;
using Tars.Lang.Diagnostics;

namespace Tars.Lang.Binding;

/// <summary>Lets each statement, or each value of the document, be wrong once.</summary>
/// <remarks>
/// Invariants:
///   I1  At most one error lies in a unit, the parser's included. A unit is a statement without the blocks in it.
/// </remarks>
internal sealed class Complaints(DiagnosticBag bag, Recovery recovery)
{
    private TextSpan? _unit;

    public Recovery Recovery { get; } = recovery;

    public bool HasErrors => bag.HasErrors;

    /// <summary>From here on what is reported belongs to this unit. The answer is for <see cref="Leave"/>.</summary>
    public TextSpan? Enter(TextSpan unit)
    {
        TextSpan? outer = _unit;
        _unit = unit;
        return outer;
    }

    public void Leave(TextSpan? outer) => _unit = outer;

    /// <summary>Whether one more error here would be dropped, so that nobody need find good words for it.</summary>
    public bool IsSettled => IsFull || (_unit is TextSpan unit && IsWrong(unit));

    /// <summary>Whether there are still few enough errors that each is worth a search for what was meant.</summary>
    public bool MaySuggest => bag.Count < Limits.SuggestionsMax;

    // A bag that takes nothing more need not be searched.
    private bool IsFull => bag.Count >= Limits.DiagnosticCountMax;

    public bool IsWrong(TextSpan unit) => bag.HasErrors && !IsFull && bag.HasErrorWithin(unit);

    public void Add(Diagnostic diagnostic)
    {
        if (diagnostic.Severity == Severity.Error && _unit is TextSpan unit)
        {
            if (IsFull || bag.HasErrorWithin(unit)) // I1
            {
                return;
            }

            Recovery.Mention(unit);
        }

        bag.Add(diagnostic);
    }
}
