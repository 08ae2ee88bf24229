using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Syntax;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>Text with holes: literals, templates, channels.</summary>
internal sealed partial class BodyBinder
{
    /// <summary>The body of a <c>text:</c> function: one return of the filled template.</summary>
    public BoundBlock BindTemplate(TemplateSyntax template)
    {
        BoundExpr text = BindText(template.Parts, template.Span);
        return new BoundBlock([new BoundStmt.Return(text, template.Span)], Leaves: true, template.Span);
    }

    private BoundExpr BindText(ImmutableArray<TextPart> parts, TextSpan span)
    {
        var bound = BindParts(parts);
        return bound switch
        {
            [] => new BoundExpr.TextLiteral("", span),
            [BoundTemplatePart.Literal only] => new BoundExpr.TextLiteral(only.Text, span),
            _ => new BoundExpr.Template(bound, span),
        };
    }

    private ImmutableArray<BoundTemplatePart> BindParts(ImmutableArray<TextPart> parts)
    {
        var bound = ImmutableArray.CreateBuilder<BoundTemplatePart>(parts.Length);
        foreach (TextPart part in parts)
        {
            switch (part)
            {
                case TextPart.Literal { Value.Length: > 0 } literal:
                    bound.Add(new BoundTemplatePart.Literal(literal.Value));
                    break;
                case TextPart.Hole hole:
                    bound.Add(BindHole(hole));
                    break;
                default:
                    break;
            }
        }

        return bound.ToImmutable();
    }

    private BoundTemplatePart.Hole BindHole(TextPart.Hole hole)
    {
        _isInHole = true;
        BoundExpr value = BindSome(hole.Value);
        _isInHole = false;
        if (!TypeRules.CanBeText(value.Type))
        {
            if (!ReportAbsent(value, hole.Value.Span))
            {
                Report(Diagnostics.Report.NoTextForm(hole.Value.Span, TypeText.Of(value.Type)));
            }

            return new BoundTemplatePart.Hole(new BoundExpr.Bad(hole.Span), Digits: null);
        }

        if (hole.Format is not Identifier format)
        {
            return new BoundTemplatePart.Hole(value, Digits: null);
        }

        bool isDigits = format.Text is ['.', >= '0' and <= '9'];
        if (!isDigits || value.Type is not (LangType.Float or LangType.Error))
        {
            Report(Diagnostics.Report.HoleFormat(format.Span, format.Text, TypeText.Of(value.Type)));
        }

        return new BoundTemplatePart.Hole(value, isDigits ? format.Text[1] - '0' : 0);
    }
}
