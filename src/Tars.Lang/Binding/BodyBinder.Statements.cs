using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>Statements: blocks, bindings, branches and what leaves.</summary>
internal sealed partial class BodyBinder
{
    private BoundBlock BindBlock(Block block)
    {
        int mark = _locals.Open();
        var (statements, leaves) = BindStatements(block.Statements);
        _locals.Close(mark);
        return new BoundBlock(statements, leaves, block.Span);
    }

    private (ImmutableArray<BoundStmt> Statements, bool Leaves) BindStatements(IEnumerable<Stmt> statements)
    {
        var bound = ImmutableArray.CreateBuilder<BoundStmt>();
        bool leaves = false;
        bool isReported = false;
        foreach (Stmt statement in statements)
        {
            if (leaves && !isReported)
            {
                TextSpan? outer = _complaints.Enter(HeaderOf(statement));
                Report(Diagnostics.Report.Unreachable(HeaderOf(statement)));
                _complaints.Leave(outer);
                isReported = true;
            }

            bound.Add(BindStatement(statement));
            leaves |= Leaves(bound[^1]);
        }

        return (bound.ToImmutable(), leaves);
    }

    /// <summary>Whether control cannot come out at the end of the statement.</summary>
    private static bool Leaves(BoundStmt statement) => statement switch
    {
        BoundStmt.Return or BoundStmt.Break or BoundStmt.Continue or BoundStmt.Fail => true,
        BoundStmt.If branch => branch.Then.Leaves && branch.Else is { Leaves: true },
        BoundStmt.IfLet branch => branch.Then.Leaves && branch.Else is { Leaves: true },
        BoundStmt.MatchVariant match => match.Arms.All(arm => arm.Body.Leaves) && match.Else is not { Leaves: false },
        BoundStmt.MatchText match => match.Arms.All(arm => arm.Body.Leaves) && match.Else.Leaves,
        _ => false,
    };

    /// <summary>The statement without the blocks in it.</summary>
    private static TextSpan HeaderOf(Stmt statement) => statement switch
    {
        Stmt.Let { Else: ElseClause clause } => Before(statement.Span, clause.Span.Start),
        Stmt.Ask { Else: ElseClause clause } => Before(statement.Span, clause.Span.Start),
        Stmt.If branch => Before(statement.Span, branch.Then.Span.Start),
        Stmt.While loop => Before(statement.Span, loop.Body.Span.Start),
        Stmt.ForRange loop => Before(statement.Span, loop.Body.Span.Start),
        Stmt.ForEach loop => Before(statement.Span, loop.Body.Span.Start),
        Stmt.Match match => Before(statement.Span, match.Subject.Span.End),
        _ => statement.Span,
    };

    private static TextSpan Before(TextSpan span, int end) =>
        TextSpan.FromBounds(span.Start, Math.Max(span.Start, end));

    private BoundStmt BindStatement(Stmt statement)
    {
        TextSpan header = HeaderOf(statement);
        if (statement is Stmt.Missing || _complaints.IsWrong(header))
        {
            _complaints.Recovery.LostCode(statement is Stmt.Missing ? _complaints.Recovery.Lines(header) : header);
            _hasLostCode |= statement is Stmt.Missing;
        }

        TextSpan? outer = _complaints.Enter(header);
        BoundStmt bound = BindKind(statement);
        _complaints.Leave(outer);
        return bound;
    }

    private BoundStmt BindKind(Stmt statement) => statement switch
    {
        Stmt.Let let => BindLet(let),
        Stmt.Assign assign => BindAssign(assign),
        Stmt.If branch => BindIfStatement(branch),
        Stmt.While loop => BindWhile(loop),
        Stmt.ForRange loop => BindForRange(loop),
        Stmt.ForEach loop => BindForEach(loop),
        Stmt.Match match => BindMatch(match),
        Stmt.Return giving => BindReturn(giving),
        Stmt.Break leaving => BindLeave(new BoundStmt.Break(leaving.Span), "break"),
        Stmt.Continue leaving => BindLeave(new BoundStmt.Continue(leaving.Span), "continue"),
        Stmt.Fail fail => new BoundStmt.Fail(BindAs(fail.Why, CoreTypes.Text), fail.Span),
        Stmt.Assert assert => new BoundStmt.Assert(BindAs(assert.Condition, CoreTypes.Bool), assert.Span),
        Stmt.Ask ask => BindAskStatement(ask),
        Stmt.Spawn spawn => new BoundStmt.Do(BindSpawn(spawn.Request), Else: null, spawn.Span),
        Stmt.Tell tell => BindTell(tell),
        Stmt.Timer timer => BindTimer(timer),
        Stmt.Cancel cancel => BindCancel(cancel),
        Stmt.Expression expression => BindExpressionStatement(expression),
        _ => new BoundStmt.Bad(statement.Span),
    };

    private BoundStmt.Let BindLet(Stmt.Let let)
    {
        LangType? declared = let.Type is null ? null : _types.Bind(let.Type, TypePlace.Plain);
        BoundSource source = BindSource(let.Value, HintFor(declared, let.Else is not null));
        bool isMutable = let.Kind == LetKind.Var;
        if (let.Else is ElseClause clause)
        {
            LangType? inner = InnerOf(source.Type);
            if (inner is null && !source.Type.IsBad())
            {
                Report(Diagnostics.Report.NothingToUnwrap(
                    let.Value.Span, "`else` needs a `T?` or a `T!`", TypeText.Of(source.Type)));
            }

            LangType plain = CheckBound(let, declared ?? inner ?? CoreTypes.Error, inner);
            BoundElse otherwise = BindElse(clause, source.Type, plain, needsValue: true);
            return new BoundStmt.Let(Declare(let.Name, plain, isMutable), source, otherwise, let.Span);
        }

        if (source.Type is LangType.Fallible)
        {
            Report(Diagnostics.Report.FailureNotHandled(let.Value.Span));
            return new BoundStmt.Let(
                Declare(let.Name, declared ?? InnerOf(source.Type)!, isMutable), source, Else: null, let.Span);
        }

        LangType type = declared ?? source.Type;
        if (declared is not null)
        {
            source = Fit(source, declared, let.Value.Span);
        }

        if (source.Type is LangType.Unit)
        {
            Report(Diagnostics.Report.NothingToBind(let.Value.Span));
            type = CoreTypes.Error;
        }
        else if (type is LangType.NoneLiteral or LangType.EmptyLiteral)
        {
            Report(Diagnostics.Report.TypeUnknown(let.Value.Span, TypeText.Of(type)));
            type = CoreTypes.Error;
        }

        return new BoundStmt.Let(Declare(let.Name, type, isMutable), source, Else: null, let.Span);
    }

    /// <summary>The type of the name of a <c>let … else</c>: what is unwrapped, as declared.</summary>
    private LangType CheckBound(Stmt.Let let, LangType type, LangType? inner)
    {
        if (inner is LangType.Unit)
        {
            Report(Diagnostics.Report.NothingToBind(let.Value.Span));
            return CoreTypes.Error;
        }

        if (inner is not null && !inner.IsBad() && !type.IsBad() && !inner.Equals(type))
        {
            Report(Diagnostics.Report.WrongType(
                let.Value.Span, TypeText.Of(type), TypeText.Of(inner), MendOf(inner, type)));
        }

        return type;
    }

    private static LangType? HintFor(LangType? declared, bool isUnwrapped) =>
        declared is not null && isUnwrapped && declared is not LangType.Optional
            ? new LangType.Optional(declared)
            : declared;

    private static LangType? InnerOf(LangType type) => type switch
    {
        LangType.Optional optional => optional.Inner,
        LangType.Fallible fallible => fallible.Inner,
        LangType.Error => CoreTypes.Error,
        _ => null,
    };

    /// <param name="plain">The type of the value that the block may end with.</param>
    private BoundElse BindElse(ElseClause clause, LangType source, LangType plain, bool needsValue)
    {
        int mark = _locals.Open();
        LocalSymbol? why = null;
        if (clause.Why is Identifier name)
        {
            if (source is LangType.Optional)
            {
                Report(Diagnostics.Report.NoReason(name.Span));
            }

            LangType type = source is LangType.Fallible
                ? new LangType.Record(BuiltInSymbols.Failure)
                : CoreTypes.Error;
            why = Declare(name, type, isMutable: false);
        }

        Stmt.Expression? last = needsValue ? LastValue(clause.Body) : null;
        var (statements, leaves) = BindStatements(
            last is null ? clause.Body.Statements : clause.Body.Statements.Take(clause.Body.Statements.Length - 1));
        BoundExpr? value = null;
        if (last is not null)
        {
            TextSpan? outer = _complaints.Enter(last.Span);
            value = BindAs(last.Value, plain);
            _complaints.Leave(outer);
        }

        bool isLost = clause.Body.Statements.Any(statement => statement is Stmt.Missing);
        if (needsValue && value is null && !leaves && !isLost)
        {
            Report(Diagnostics.Report.ElseGivesNothing(clause.Span, TypeText.Of(plain)));
        }

        _locals.Close(mark);
        return new BoundElse(why, new BoundBlock(statements, leaves, clause.Body.Span), value);
    }

    /// <summary>The value at the end of an else block; null when its last statement is one for its effect.</summary>
    private Stmt.Expression? LastValue(Block block)
    {
        if (block.Statements.LastOrDefault() is not Stmt.Expression last)
        {
            return null;
        }

        bool isEffect = last.Value switch
        {
            Expr.Call call => BuiltInNames.IsEffect(call.Callee.Text) || GivesNothing(call.Callee.Text),
            Expr.Method method => MethodTable.Mutates(method.Member.Text),
            _ => false,
        };
        return isEffect ? null : last;
    }

    private bool GivesNothing(string callee) =>
        _agent is not null && _agent.Procedures.TryGetValue(callee, out ProcedureSymbol? procedure)
        && procedure.Returns is LangType.Unit;

    private BoundStmt BindIfStatement(Stmt.If branch)
    {
        if (branch.Condition is Condition.Bind bind)
        {
            return BindIfLet(branch, bind);
        }

        BoundExpr condition = branch.Condition is Condition.Test test
            ? BindAs(test.Expr, CoreTypes.Bool)
            : new BoundExpr.Bad(branch.Condition.Span);
        BoundBlock then = BindBlock(branch.Then);
        return new BoundStmt.If(condition, then, BindElseBranch(branch.Else), branch.Span);
    }

    private BoundStmt.IfLet BindIfLet(Stmt.If branch, Condition.Bind bind)
    {
        BoundSource source = BindSource(bind.Value, hint: null);
        if (source.Type is LangType.Fallible)
        {
            Report(Diagnostics.Report.FailureNotHandled(bind.Value.Span));
        }
        else if (source.Type is not LangType.Optional && !source.Type.IsBad())
        {
            Report(Diagnostics.Report.NothingToUnwrap(
                bind.Value.Span, "`if let` needs a `T?`", TypeText.Of(source.Type)));
        }

        int mark = _locals.Open();
        LangType type = source.Type is LangType.Optional optional ? optional.Inner : CoreTypes.Error;
        LocalSymbol local = Declare(bind.Name, type, isMutable: false);
        BoundBlock then = BindBlock(branch.Then);
        _locals.Close(mark);
        return new BoundStmt.IfLet(local, source, then, BindElseBranch(branch.Else), branch.Span);
    }

    private BoundBlock? BindElseBranch(ElseBranch? branch)
    {
        switch (branch)
        {
            case ElseBranch.Body body:
                return BindBlock(body.Block);
            case ElseBranch.Chain chain:
                BoundStmt inner = BindStatement(chain.If);
                return new BoundBlock([inner], Leaves(inner), chain.If.Span);
            default:
                return null;
        }
    }

    private BoundStmt.Return BindReturn(Stmt.Return giving)
    {
        if (giving.Value is Expr value)
        {
            if (_returns is LangType.Unit)
            {
                BoundExpr loose = Bind(value, expected: null);
                if (!loose.Type.IsBad())
                {
                    Report(Diagnostics.Report.WrongType(
                        value.Span,
                        "no value",
                        TypeText.Of(loose.Type),
                        "write `return` alone, or declare `returns:`"));
                }

                return new BoundStmt.Return(loose, giving.Span);
            }

            return new BoundStmt.Return(BindAs(value, _returns), giving.Span);
        }

        if (Given(_returns) is not (LangType.Unit or LangType.Error))
        {
            Report(Diagnostics.Report.MissingReturn(giving.Span, TypeText.Of(Given(_returns))));
        }

        return new BoundStmt.Return(Value: null, giving.Span);
    }

    private BoundStmt BindLeave(BoundStmt statement, string word)
    {
        if (_loopDepth == 0)
        {
            Report(Diagnostics.Report.OutsideLoop(statement.Span, word));
        }

        return statement;
    }

    private BoundStmt BindExpressionStatement(Stmt.Expression statement)
    {
        switch (statement.Value)
        {
            case Expr.Call call when BuiltInNames.IsEffect(call.Callee.Text):
                return BindEffect(call);
            case Expr.Method method when MethodTable.Mutates(method.Member.Text):
                return BindMutation(method);
            case Expr.Missing:
                return new BoundStmt.Bad(statement.Span);
            default:
                break;
        }

        BoundExpr value = Bind(statement.Value, expected: null);
        if (value.Type is LangType.Fallible)
        {
            Report(Diagnostics.Report.FailureNotHandled(statement.Span));
        }
        else if (value is not BoundExpr.CallProcedure && value.Type is not LangType.Unit && !value.Type.IsBad())
        {
            Report(Diagnostics.Report.ValueGoesNowhere(statement.Span, TypeText.Of(value.Type)));
        }

        return new BoundStmt.Do(new BoundSource.Value(value), Else: null, statement.Span);
    }
}
