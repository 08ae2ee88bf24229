using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Base;
using Tars.Lang.Binding;
using Tars.Lang.Symbols;

namespace Tars.Lang.Lowering;

/// <summary>The branches of the bodies of a module, found by walking its bound code.</summary>
/// <remarks>
/// Code that is compiled into a module and stands in another's file has no branches here, and neither has the default
/// of a field, which is bound once and stands wherever it is left out.
/// </remarks>
internal sealed class BranchList
{
    private readonly Dictionary<object, int> _places = new(ReferenceEqualityComparer.Instance);
    private readonly ImmutableArray<Branch>.Builder _all = ImmutableArray.CreateBuilder<Branch>();
    private readonly HashSet<int> _written = [];
    private Branch _body = new(BranchKind.Body, "", "", -1, default, -1);

    private BranchList()
    {
    }

    /// <summary>What the code that was written counts.</summary>
    /// <param name="address">Of the first counter.</param>
    public BranchCounters CountersAt(int address) =>
        new([.. _all.Select((one, place) => one with { IsCounted = _written.Contains(place) })], address);

    public static BranchList Of(ModuleSymbol module)
    {
        var list = new BranchList();
        foreach (var function in module.Functions)
        {
            list.AddBody("", function.Name, handler: -1, function.Span, function.Body);
        }

        foreach (var agent in module.Agents)
        {
            foreach (var procedure in agent.Procedures)
            {
                list.AddBody(agent.Name, procedure.Name, handler: -1, procedure.Span, procedure.Body);
            }

            foreach (var handler in agent.Handlers)
            {
                list.AddBody(agent.Name, "", handler.Index, handler.Span, handler.Body);
            }
        }

        return list;
    }

    /// <summary>The place of the branch that begins at a node, for code that counts it; null for none.</summary>
    /// <param name="node">A block, the side of a choice between two expressions, or an `if` for its missing `else`.
    /// </param>
    public int? Write(object node)
    {
        if (!_places.TryGetValue(node, out int place) || BranchCounters.CountMax <= place)
        {
            return null;
        }

        _written.Add(place);
        return place;
    }

    private void AddBody(string agent, string name, int handler, TextSpan span, BoundBlock? body)
    {
        if (body is not null)
        {
            _body = new Branch(BranchKind.Body, agent, name, handler, span, Within: -1);
            Visit(body, BranchKind.Body, span, within: -1);
        }
    }

    private int Add(object node, BranchKind kind, TextSpan span, TextSpan code, int within)
    {
        // Were a node ever to stand at two places, both would be one branch: its code counts for either.
        if (!_places.TryGetValue(node, out int place))
        {
            place = _all.Count;
            _places.Add(node, place);
            _all.Add(_body with { Kind = kind, Span = span, Code = code, Within = within });
        }

        return place;
    }

    private void Visit(BoundBlock block, BranchKind kind, TextSpan span, int within)
    {
        int here = Add(block, kind, span, block.Span, within);
        foreach (var statement in block.Statements)
        {
            Visit(statement, here);
        }
    }

    private void Visit(BoundStmt statement, int within)
    {
        foreach (var expr in ExpressionsOf(statement))
        {
            Visit(expr, within);
        }

        switch (statement)
        {
            case BoundStmt.Let let:
                Visit(let.Else, let.Span, within);
                break;
            case BoundStmt.Do act:
                Visit(act.Else, act.Span, within);
                break;
            case BoundStmt.If branch:
                Visit(branch, branch.Then, branch.Else, within);
                break;
            case BoundStmt.IfLet branch:
                Visit(branch, branch.Then, branch.Else, within);
                break;
            case BoundStmt.MatchVariant match:
                VisitArms(match.Arms.Select(arm => arm.Body).Append(match.Else), within);
                break;
            case BoundStmt.MatchText match:
                VisitArms(match.Arms.Select(arm => arm.Body).Append(match.Else), within);
                break;
            case BoundStmt.While or BoundStmt.ForRange or BoundStmt.ForList or BoundStmt.ForMap:
                Visit(CodeLocals.BlocksOf(statement).Single(), BranchKind.Turn, statement.Span, within);
                break;
            default:
                break;
        }
    }

    private void Visit(BoundStmt branch, BoundBlock then, BoundBlock? otherwise, int within)
    {
        Visit(then, BranchKind.Then, branch.Span, within);
        if (otherwise is not null)
        {
            Visit(otherwise, BranchKind.Else, otherwise.Span, within);
        }
        else
        {
            Add(branch, BranchKind.Passed, branch.Span, default, within);
        }
    }

    private void VisitArms(IEnumerable<BoundBlock?> arms, int within)
    {
        foreach (var arm in arms.OfType<BoundBlock>())
        {
            Visit(arm, BranchKind.Arm, arm.Span, within);
        }
    }

    private void Visit(BoundElse? otherwise, TextSpan span, int within)
    {
        if (otherwise is not null)
        {
            Visit(otherwise.Block, BranchKind.Otherwise, span, within);
            if (otherwise.Value is { } value)
            {
                Visit(value, _places[otherwise.Block]);
            }
        }
    }

    private void Visit(BoundExpr expr, int within)
    {
        switch (expr)
        {
            case BoundExpr.If choice:
                Visit(choice.Condition, within);
                Visit(choice.Then, Add(choice.Then, BranchKind.Then, choice.Span, choice.Then.Span, within));
                Visit(choice.Else, Add(choice.Else, BranchKind.Else, choice.Else.Span, choice.Else.Span, within));
                break;
            case BoundExpr.MakeRecord make:
                VisitFields(make.Fields, make.Symbol.Fields, within);
                break;
            case BoundExpr.MakeCase make:
                VisitFields(make.Fields, make.Case.Fields, within);
                break;
            default:
                foreach (var child in BoundWalk.Children(expr))
                {
                    Visit(child, within);
                }

                break;
        }
    }

    private void VisitFields(ImmutableArray<BoundFieldValue> values, ImmutableArray<FieldSymbol> fields, int within)
    {
        foreach (var (index, value) in values)
        {
            if (!ReferenceEquals(value, fields[index].Default))
            {
                Visit(value, within);
            }
        }
    }

    // What a statement works out itself; what stands in its blocks is not among it.
    private static IEnumerable<BoundExpr> ExpressionsOf(BoundStmt statement) => statement switch
    {
        BoundStmt.Let let => ExpressionsOf(let.Source),
        BoundStmt.Do act => ExpressionsOf(act.Source),
        BoundStmt.Assign assign => [.. ExpressionsOf(assign.Value), .. ExpressionsOf(assign.Place)],
        BoundStmt.Update update => [update.Value, .. ExpressionsOf(update.Place)],
        BoundStmt.Mutate mutate => [.. mutate.Arguments, .. ExpressionsOf(mutate.Place)],
        BoundStmt.If branch => [branch.Condition],
        BoundStmt.IfLet branch => ExpressionsOf(branch.Source),
        BoundStmt.While loop => [loop.Condition],
        BoundStmt.ForRange loop => [loop.Low, loop.High],
        BoundStmt.ForList loop => [loop.List],
        BoundStmt.ForMap loop => [loop.Map],
        BoundStmt.MatchVariant match => [match.Subject],
        BoundStmt.MatchText match => [match.Subject],
        _ => WriteAnalysis.ExpressionsOf(statement),
    };

    private static IEnumerable<BoundExpr> ExpressionsOf(BoundPlace place) =>
        place.Path.OfType<BoundStep.Index>().Select(step => step.At);

    private static IEnumerable<BoundExpr> ExpressionsOf(BoundSource source) => source switch
    {
        BoundSource.Value value => [value.Expr],
        BoundSource.Ask ask => [.. OfTarget(ask.Target), .. ask.Arguments, ask.Within],
        BoundSource.AskProcedure ask => ask.Arguments,
        BoundSource.Spawn spawn => spawn.Arguments,
        BoundSource.Some some => ExpressionsOf(some.Inner),
        BoundSource.Narrow narrow => [.. OfTarget(narrow.From), .. narrow.Arguments],
        _ => throw new UnreachableException(),
    };

    private static ImmutableArray<BoundExpr> OfTarget(BoundTarget target) =>
        target is BoundTarget.Value value ? [value.Reference] : [];
}
