using System.Collections.Immutable;
using Tars.Lang.Syntax;

namespace Tars.Lang.Binding;

/// <summary>Visits all of a piece of code in the order of its text: statements, sources and expressions.</summary>
internal abstract class CodeWalk
{
    public void Visit(Block block)
    {
        foreach (Stmt statement in block.Statements)
        {
            Visit(statement);
        }
    }

    public virtual void Visit(Stmt statement)
    {
        switch (statement)
        {
            case Stmt.Let let:
                Visit(let.Value);
                Visit(let.Else);
                break;
            case Stmt.Assign assign:
                Visit(assign.Place);
                Visit(assign.Value);
                break;
            case Stmt.If branch:
                Visit(branch.Condition);
                Visit(branch.Then);
                Visit(branch.Else);
                break;
            case Stmt.While loop:
                Visit(loop.Condition);
                Visit(loop.Body);
                break;
            case Stmt.ForRange loop:
                Visit(loop.From);
                Visit(loop.To);
                Visit(loop.Body);
                break;
            case Stmt.ForEach loop:
                Visit(loop.Collection);
                Visit(loop.Body);
                break;
            case Stmt.Match match:
                Visit(match.Subject);
                foreach (MatchArm arm in match.Arms)
                {
                    Visit(arm.Body);
                }

                break;
            default:
                VisitSimple(statement);
                break;
        }
    }

    public virtual void Visit(Source source)
    {
        switch (source)
        {
            case Source.Value value:
                Visit(value.Expr);
                break;
            case Source.Ask ask:
                Visit(ask.Arguments);
                if (ask.Within is not null)
                {
                    Visit(ask.Within);
                }

                break;
            case Source.Spawn spawn:
                Visit(spawn.Arguments);
                break;
            default:
                break;
        }
    }

    public virtual void Visit(Expr expr)
    {
        switch (expr)
        {
            case Expr.Text text:
                Visit(text.Parts);
                break;
            case Expr.Parenthesized inner:
                Visit(inner.Inner);
                break;
            case Expr.Unary unary:
                Visit(unary.Operand);
                break;
            case Expr.Binary binary:
                Visit(binary.Left);
                Visit(binary.Right);
                break;
            case Expr.Field field:
                Visit(field.Target);
                break;
            case Expr.Method method:
                Visit(method.Target);
                Visit(method.Arguments);
                break;
            case Expr.Index index:
                Visit(index.Target);
                Visit(index.At);
                break;
            case Expr.Call call:
                Visit(call.Arguments);
                break;
            case Expr.Make make:
                Visit(make.Arguments);
                break;
            case Expr.Case { Arguments: ArgumentList arguments }:
                Visit(arguments);
                break;
            default:
                VisitCollection(expr);
                break;
        }
    }

    public void Visit(ImmutableArray<TextPart> parts)
    {
        foreach (TextPart part in parts)
        {
            if (part is TextPart.Hole hole)
            {
                Visit(hole.Value);
            }
        }
    }

    private void VisitSimple(Stmt statement)
    {
        switch (statement)
        {
            case Stmt.Return { Value: Expr value }:
                Visit(value);
                break;
            case Stmt.Fail fail:
                Visit(fail.Why);
                break;
            case Stmt.Assert assert:
                Visit(assert.Condition);
                break;
            case Stmt.Ask ask:
                Visit(ask.Request);
                Visit(ask.Else);
                break;
            case Stmt.Spawn spawn:
                Visit(spawn.Request);
                break;
            case Stmt.Tell tell:
                Visit(tell.Arguments);
                break;
            case Stmt.Timer timer:
                Visit(timer.Delay);
                break;
            case Stmt.Expression expression:
                Visit(expression.Value);
                break;
            default:
                break;
        }
    }

    private void VisitCollection(Expr expr)
    {
        switch (expr)
        {
            case Expr.List list:
                foreach (ListItem item in list.Items)
                {
                    Visit(item.Value);
                }

                break;
            case Expr.Map map:
                foreach (MapEntry entry in map.Entries)
                {
                    Visit(entry.Key);
                    Visit(entry.Value);
                }

                break;
            case Expr.If branch:
                Visit(branch.Condition);
                Visit(branch.Then);
                Visit(branch.Else);
                break;
            default:
                break;
        }
    }

    private void Visit(ElseClause? clause)
    {
        if (clause is not null)
        {
            Visit(clause.Body);
        }
    }

    private void Visit(ElseBranch? branch)
    {
        switch (branch)
        {
            case ElseBranch.Body body:
                Visit(body.Block);
                break;
            case ElseBranch.Chain chain:
                Visit(chain.If);
                break;
            default:
                break;
        }
    }

    private void Visit(Condition condition)
    {
        switch (condition)
        {
            case Condition.Test test:
                Visit(test.Expr);
                break;
            case Condition.Bind bind:
                Visit(bind.Value);
                break;
            default:
                break;
        }
    }

    private void Visit(ArgumentList arguments)
    {
        foreach (Argument argument in arguments.Items)
        {
            switch (argument.Value)
            {
                case ArgumentValue.Value value:
                    Visit(value.Expr);
                    break;
                case ArgumentValue.Lambda lambda:
                    Visit(lambda.Body);
                    break;
                default:
                    break;
            }
        }
    }
}
