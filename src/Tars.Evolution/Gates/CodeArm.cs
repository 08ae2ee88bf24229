using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Formatting;
using Tars.Lang.Parsing;
using Tars.Lang.Syntax;
using Tars.Lang.Yaml;

namespace Tars.Evolution.Gates;

/// <summary>A piece of code that a run may leave out: a side of an `if`, an arm, a turn of a loop, an `else`.</summary>
/// <param name="Code">Where it stands in the file.</param>
/// <param name="Said">What leads to it and what it says, whatever the layout: the same of two arms that are the same.
/// </param>
/// <param name="Does">What it says alone.</param>
/// <param name="IsHarmless">Whether it does nothing of its own: see decision 255.</param>
/// <param name="MayGo">Whether nobody misses it, though nothing comes to it: see decision 268.</param>
internal sealed record CodeArm(TextSpan Code, string Said, string Does, bool IsHarmless, bool MayGo)
{
    /// <summary>All arms of a body or a template, inner ones too.</summary>
    /// <param name="text">The file in which it stands.</param>
    /// <param name="isPure">Whether it can do no more than give a value: a function.</param>
    public static ImmutableArray<CodeArm> Of(YamlNode.Scalar body, Reading reading, string text, bool isPure)
    {
        var walk = new Walk(text, isPure);
        if (reading == Reading.Template)
        {
            var template = CodeParser.ParseTemplate(body.Slice, new DiagnosticBag());
            foreach (var hole in template.Parts.OfType<TextPart.Hole>())
            {
                walk.Choices(CodeTree.Of(hole.Value));
            }
        }
        else
        {
            var block = CodeParser.ParseBody(body.Slice, new DiagnosticBag());
            walk.Statements(block);
            walk.Choices(CodeTree.Of(block));
        }

        return walk.Arms.ToImmutable();
    }

    private sealed class Walk(string text, bool isPure)
    {
        public ImmutableArray<CodeArm>.Builder Arms { get; } = ImmutableArray.CreateBuilder<CodeArm>();

        public void Statements(Block block)
        {
            foreach (var statement in block.Statements)
            {
                Statement(statement);
            }
        }

        // Sides of an `if` that is a value, wherever it stands.
        public void Choices(CodeTree tree)
        {
            if (tree.Value is Expr.If choice)
            {
                string condition = Words(choice.Condition.Span);
                Add(choice.Then.Span, $"then {condition}", isPure, isValue: false);
                Add(choice.Else.Span, $"else {condition}", isPure, isValue: false);
            }

            foreach (var part in tree.Parts)
            {
                Choices(part);
            }
        }

        private void Statement(Stmt statement)
        {
            switch (statement)
            {
                case Stmt.Let { Else: { } otherwise }:
                    Add(otherwise.Body, Head(statement, otherwise.Body), mayGive: true);
                    break;
                case Stmt.Ask { Else: { } otherwise }:
                    Add(otherwise.Body, Head(statement, otherwise.Body), mayGive: true);
                    break;
                case Stmt.If branch:
                    Add(branch.Then, $"then {Words(branch.Condition.Span)}", mayGive: isPure);
                    Otherwise(branch);
                    break;
                case Stmt.While loop:
                    Add(loop.Body, Head(statement, loop.Body), mayGive: isPure);
                    break;
                case Stmt.ForRange loop:
                    Add(loop.Body, Head(statement, loop.Body), mayGive: isPure);
                    break;
                case Stmt.ForEach loop:
                    Add(loop.Body, Head(statement, loop.Body), mayGive: isPure);
                    break;
                case Stmt.Match match:
                    foreach (var arm in match.Arms)
                    {
                        string way = $"match {Words(match.Subject.Span)} {Words(arm.Pattern.Span)}";
                        Add(arm.Body, way, mayGive: true);
                    }

                    break;
                default:
                    break;
            }
        }

        private void Otherwise(Stmt.If branch)
        {
            string way = $"else {Words(branch.Condition.Span)}";
            switch (branch.Else)
            {
                case ElseBranch.Body body:
                    Add(body.Block, way, mayGive: isPure);
                    break;
                case ElseBranch.Chain chain:
                    Add(chain.If.Span, way, isHarmless: false, isValue: false);
                    Statement(chain.If);
                    break;
                default:
                    break;
            }
        }

        private void Add(Block body, string way, bool mayGive)
        {
            bool isHarmless = body.Statements.All(one => Leaves(one) || (mayGive && Gives(one)));
            Add(body.Span, way, isHarmless, mayGive && body.Statements.All(Gives));
            Statements(body);
        }

        private void Add(TextSpan code, string way, bool isHarmless, bool isValue)
        {
            string does = Words(code);
            Arms.Add(new CodeArm(code, $"{way} : {does}", does, isHarmless, isPure || isValue));
        }

        private string Head(Stmt statement, Block body) =>
            Words(TextSpan.FromBounds(statement.Span.Start, body.Span.Start));

        private string Words(TextSpan span) => CodeForm.Said(text[span.Start..span.End]);
    }

    // Ends what was begun, or says that it came here: no guard does more.
    private static bool Leaves(Stmt statement) => statement switch
    {
        Stmt.Return { Value: null } or Stmt.Break or Stmt.Continue => true,
        Stmt.Fail fail => IsPlain(fail.Why),
        Stmt.Assert assert => IsPlain(assert.Condition),
        Stmt.Expression { Value: Expr.Call { Callee.Text: "log" } call } => ArePlain(call.Arguments),
        _ => false,
    };

    private static bool Gives(Stmt statement) => statement switch
    {
        Stmt.Return { Value: { } value } => IsPlain(value),
        Stmt.Expression { Value: var value } => IsPlain(value),
        _ => false,
    };

    // A value that calls nothing.
    private static bool IsPlain(Expr value) => value switch
    {
        Expr.Name or Expr.Self or Expr.None or Expr.Bool or Expr.Int or Expr.Float or Expr.Duration => true,
        Expr.Parenthesized brackets => IsPlain(brackets.Inner),
        Expr.Text text => text.Parts.OfType<TextPart.Hole>().All(hole => IsPlain(hole.Value)),
        Expr.Unary unary => IsPlain(unary.Operand),
        Expr.Binary binary => IsPlain(binary.Left) && IsPlain(binary.Right),
        Expr.Field field => IsPlain(field.Target),
        Expr.Index index => IsPlain(index.Target) && IsPlain(index.At),
        Expr.Make make => ArePlain(make.Arguments),
        Expr.Case { Arguments: var arguments } => arguments is null || ArePlain(arguments),
        Expr.List list => list.Items.All(item => IsPlain(item.Value)),
        Expr.Map map => map.Entries.All(entry => IsPlain(entry.Key) && IsPlain(entry.Value)),
        _ => false,
    };

    private static bool ArePlain(ArgumentList arguments) =>
        arguments.Items.All(one => one.Value is ArgumentValue.Value { Expr: var value } && IsPlain(value));
}
