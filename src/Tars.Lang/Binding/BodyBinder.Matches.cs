using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>Matches on variants and on text.</summary>
internal sealed partial class BodyBinder
{
    private BoundStmt BindMatch(Stmt.Match match)
    {
        BoundExpr subject = BindSome(match.Subject);
        switch (subject.Type)
        {
            case LangType.Variant variant:
                return BindVariantMatch(match, subject, variant.Symbol);
            case LangType.Text:
                return BindTextMatch(match, subject);
            default:
                if (!subject.Type.IsBad() && !ReportAbsent(subject, match.Subject.Span))
                {
                    Report(Diagnostics.Report.NotMatchable(
                        match.Subject.Span,
                        TypeText.Of(subject.Type),
                        "compare it with `if`, or match a variant or a text"));
                }

                return BindLostMatch(match);
        }
    }

    /// <summary>
    /// Of a subject without a known type: the arms are checked, with binds of which nothing is known.
    /// </summary>
    private BoundStmt.Bad BindLostMatch(Stmt.Match match)
    {
        foreach (MatchArm arm in match.Arms)
        {
            int mark = _locals.Open();
            IEnumerable<Identifier?> names = arm.Pattern switch
            {
                Pattern.Case one => one.Binds.Select(bind => bind.Name),
                Pattern.Text text => text.Parts.OfType<PatternPart.Hole>().Select(hole => hole.Name),
                _ => [],
            };
            foreach (Identifier? name in names)
            {
                DeclareBind(name, CoreTypes.Error);
            }

            BindBlock(arm.Body);
            _locals.Close(mark);
        }

        // Nobody knows which arms it would have had to have.
        _hasLostCode = true;
        return new BoundStmt.Bad(match.Span);
    }

    private LocalSymbol? DeclareBind(Identifier? name, LangType type) =>
        name is Identifier given ? Declare(given, type, isMutable: false) : null;

    private BoundStmt.MatchVariant BindVariantMatch(Stmt.Match match, BoundExpr subject, VariantSymbol variant)
    {
        var arms = ImmutableArray.CreateBuilder<BoundCaseArm>();
        var seen = new HashSet<int>();
        BoundBlock? otherwise = null;
        bool hasLostArm = false;
        foreach (MatchArm arm in match.Arms)
        {
            TextSpan? outer = _complaints.Enter(arm.Pattern.Span);
            int mark = _locals.Open();
            if (otherwise is not null)
            {
                Report(Diagnostics.Report.Unreachable(arm.Pattern.Span));
            }

            switch (arm.Pattern)
            {
                case Pattern.Case one:
                    CaseSymbol? found = FindCase(variant, one.Name);
                    hasLostArm |= found is null;
                    var binds = BindPayload(one, found);
                    if (found is not null && !seen.Add(found.Index))
                    {
                        Report(Diagnostics.Report.Unreachable(one.Span));
                    }

                    BoundBlock body = BindBlock(arm.Body);
                    if (found is not null)
                    {
                        arms.Add(new BoundCaseArm(found, binds, body));
                    }

                    break;
                case Pattern.Else:
                    otherwise = BindBlock(arm.Body);
                    break;
                default:
                    hasLostArm = true;
                    if (arm.Pattern is Pattern.Text)
                    {
                        Report(Diagnostics.Report.NotMatchable(
                            arm.Pattern.Span, variant.Name, "name a case, without quotes"));
                    }

                    BindBlock(arm.Body);
                    break;
            }

            _locals.Close(mark);
            _complaints.Leave(outer);
        }

        if (otherwise is null && !hasLostArm && !HasLostArm(match))
        {
            ReportUncovered(match, variant, seen);
        }

        return new BoundStmt.MatchVariant(subject, arms.ToImmutable(), otherwise, match.Span);
    }

    private bool HasLostArm(Stmt.Match match) => _complaints.IsWrong(match.Span)
        && match.Arms.Any(arm => arm.Pattern is Pattern.Missing || arm.Body.Statements.Any(one => one is Stmt.Missing));

    private void ReportUncovered(Stmt.Match match, VariantSymbol variant, HashSet<int> seen)
    {
        string missing = string.Join(
            ", ", variant.Cases.Where(one => !seen.Contains(one.Index)).Select(one => one.Name));
        if (missing.Length > 0)
        {
            Report(Diagnostics.Report.NotExhaustive(HeaderOf(match), missing));
        }
    }

    private ImmutableArray<LocalSymbol?> BindPayload(Pattern.Case pattern, CaseSymbol? found)
    {
        if (found is not null && !pattern.Binds.IsEmpty && pattern.Binds.Length != found.Fields.Length)
        {
            Report(Diagnostics.Report.PayloadCount(
                pattern.Span, found.Name, found.Fields.Length, pattern.Binds.Length));
        }

        var binds = ImmutableArray.CreateBuilder<LocalSymbol?>();
        for (int index = 0; index < pattern.Binds.Length; index++)
        {
            LangType type = found is not null && index < found.Fields.Length
                ? found.Fields[index].Type
                : CoreTypes.Error;
            binds.Add(DeclareBind(pattern.Binds[index].Name, type));
        }

        // Without brackets nothing is bound.
        while (found is not null && binds.Count < found.Fields.Length)
        {
            binds.Add(null);
        }

        return binds.ToImmutable();
    }

    private BoundStmt BindTextMatch(Stmt.Match match, BoundExpr subject)
    {
        var arms = ImmutableArray.CreateBuilder<BoundTextArm>();
        BoundBlock? otherwise = null;
        bool hasLostArm = false;
        foreach (MatchArm arm in match.Arms)
        {
            TextSpan? outer = _complaints.Enter(arm.Pattern.Span);
            int mark = _locals.Open();
            if (otherwise is not null)
            {
                Report(Diagnostics.Report.Unreachable(arm.Pattern.Span));
            }

            switch (arm.Pattern)
            {
                case Pattern.Text text:
                    var (first, holes) = BindTextPattern(text);
                    arms.Add(new BoundTextArm(first, holes, BindBlock(arm.Body)));
                    break;
                case Pattern.Else:
                    otherwise = BindBlock(arm.Body);
                    break;
                default:
                    hasLostArm = true;
                    if (arm.Pattern is Pattern.Case)
                    {
                        Report(Diagnostics.Report.NotMatchable(
                            arm.Pattern.Span, "text", "text is matched by patterns between double quotes"));
                    }

                    BindBlock(arm.Body);
                    break;
            }

            _locals.Close(mark);
            _complaints.Leave(outer);
        }

        if (otherwise is null)
        {
            if (!hasLostArm)
            {
                Report(Diagnostics.Report.NotExhaustive(HeaderOf(match), ""));
            }

            _hasLostCode = true;
            return new BoundStmt.Bad(match.Span);
        }

        return new BoundStmt.MatchText(subject, arms.ToImmutable(), otherwise, match.Span);
    }

    private (string First, ImmutableArray<BoundPatternHole> Holes) BindTextPattern(Pattern.Text pattern)
    {
        string first = "";
        var holes = ImmutableArray.CreateBuilder<BoundPatternHole>();
        bool endsWithHole = false;
        foreach (PatternPart part in pattern.Parts)
        {
            switch (part)
            {
                case PatternPart.Literal { Value: "" }:
                    break;
                case PatternPart.Literal literal when holes.Count == 0:
                    first += literal.Value;
                    endsWithHole = false;
                    break;
                case PatternPart.Literal literal:
                    holes[^1] = holes[^1] with { Then = holes[^1].Then + literal.Value };
                    endsWithHole = false;
                    break;
                case PatternPart.Hole hole:
                    if (endsWithHole)
                    {
                        Report(Diagnostics.Report.AdjacentHoles(hole.Span));
                    }

                    holes.Add(new BoundPatternHole(DeclareBind(hole.Name, TypeOfHole(hole)), Then: ""));
                    endsWithHole = true;
                    break;
                default:
                    break;
            }
        }

        return (first, holes.ToImmutable());
    }

    private LangType TypeOfHole(PatternPart.Hole hole)
    {
        switch (hole.Format?.Text)
        {
            case null or "text":
                return CoreTypes.Text;
            case "int":
                return CoreTypes.Int;
            case "float":
                return CoreTypes.Float;
            default:
                Report(Diagnostics.Report.PatternHole(hole.Format!.Value.Span, hole.Format.Value.Text));
                return CoreTypes.Error;
        }
    }
}
