using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Lang.Binding;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Lowering;

/// <summary>Finds the asks of one body, and for each what the code behind it still needs.</summary>
/// <remarks>
/// Two walks: forward for what is in scope at each ask, backward for which locals are read behind it. A loop's head
/// needs whatever is named in the loop and was declared outside, so that no loop is walked more than once.
/// </remarks>
internal sealed class WaitLiveness
{
    private readonly Dictionary<BoundSource, ImmutableHashSet<LocalSymbol>> _live =
        new(ReferenceEqualityComparer.Instance);

    private readonly List<KeptValue> _scope = [];
    private readonly Stack<(ImmutableHashSet<LocalSymbol> Break, ImmutableHashSet<LocalSymbol> Continue)> _loops = [];
    private readonly ImmutableArray<WaitSite>.Builder _sites = ImmutableArray.CreateBuilder<WaitSite>();

    private WaitLiveness()
    {
    }

    /// <summary>The asks of a body in order of the text.</summary>
    public static ImmutableArray<WaitSite> Of(ImmutableArray<LocalSymbol> parameters, BoundBlock body)
    {
        var walk = new WaitLiveness();
        walk.Before(body, []);
        foreach (var parameter in parameters)
        {
            walk.Enter(parameter);
        }

        walk.Collect(body);
        return walk._sites.ToImmutable();
    }

    private ImmutableHashSet<LocalSymbol> Before(BoundBlock? block, ImmutableHashSet<LocalSymbol> after)
    {
        for (int place = (block?.Statements.Length ?? 0) - 1; 0 <= place; place--)
        {
            after = Before(block!.Statements[place], after);
        }

        return after;
    }

    private ImmutableHashSet<LocalSymbol> Before(BoundStmt statement, ImmutableHashSet<LocalSymbol> after)
    {
        switch (statement)
        {
            case BoundStmt.Let let:
                var behind = after.Remove(let.Local);
                return Before(let.Source, let.Else is null ? behind : behind.Union(Before(let.Else, behind)));
            case BoundStmt.Do act:
                return Before(act.Source, act.Else is null ? after : after.Union(Before(act.Else, after)));
            case BoundStmt.Assign { Place: { Path.IsEmpty: true, Local: { } whole } } assign:
                return Before(assign.Value, after.Remove(whole));
            case BoundStmt.Assign assign:
                return Before(assign.Value, Read(after, CodeLocals.NamedIn(assign.Place)));
            case BoundStmt.If branch:
                return Read(
                    Before(branch.Then, after).Union(Before(branch.Else, after)),
                    CodeLocals.NamedIn(branch.Condition));
            case BoundStmt.IfLet branch:
                return Before(
                    branch.Source,
                    Before(branch.Then, after).Remove(branch.Local).Union(Before(branch.Else, after)));
            case BoundStmt.MatchVariant match:
                var arms = match.Arms.Aggregate(
                    match.Else is null ? [] : Before(match.Else, after),
                    (all, arm) => all.Union(Before(arm.Body, after)).Except(arm.Binds.OfType<LocalSymbol>()));
                return Read(arms, CodeLocals.NamedIn(match.Subject));
            case BoundStmt.MatchText match:
                var patterns = match.Arms.Aggregate(
                    Before(match.Else, after), (all, arm) => all.Union(Before(arm.Body, after)));
                return Read(patterns, CodeLocals.NamedIn(match.Subject));
            case BoundStmt.While or BoundStmt.ForRange or BoundStmt.ForList or BoundStmt.ForMap:
                return BeforeLoop(statement, after);
            case BoundStmt.Return leave:
                return leave.Value is null ? [] : [.. CodeLocals.NamedIn(leave.Value)];
            case BoundStmt.Fail fail:
                return [.. CodeLocals.NamedIn(fail.Why)];
            case BoundStmt.Break:
                return _loops.Count == 0 ? after : _loops.Peek().Break;
            case BoundStmt.Continue:
                return _loops.Count == 0 ? after : _loops.Peek().Continue;
            default:
                return Read(after, CodeLocals.NamedIn(statement));
        }
    }

    private ImmutableHashSet<LocalSymbol> BeforeLoop(BoundStmt loop, ImmutableHashSet<LocalSymbol> after)
    {
        var body = CodeLocals.BlocksOf(loop).First();
        var head = after.Union(CodeLocals.NamedIn(loop)).Except(CodeLocals.DeclaredIn(loop));
        _loops.Push((after, head));
        var inside = Before(body, head).Except(CodeLocals.DeclaredIn(loop));
        _loops.Pop();
        return head.Union(inside);
    }

    private ImmutableHashSet<LocalSymbol> Before(BoundElse otherwise, ImmutableHashSet<LocalSymbol> after)
    {
        var end = otherwise.Value is null ? after : Read(after, CodeLocals.NamedIn(otherwise.Value));
        var start = Before(otherwise.Block, end);
        return otherwise.Failure is null ? start : start.Remove(otherwise.Failure);
    }

    private ImmutableHashSet<LocalSymbol> Before(BoundSource source, ImmutableHashSet<LocalSymbol> after)
    {
        if (source is BoundSource.Some some)
        {
            return Before(some.Inner, after);
        }

        if (source is BoundSource.Ask or BoundSource.AskProcedure)
        {
            _live[source] = after;
        }

        return Read(after, CodeLocals.NamedIn(source));
    }

    private static ImmutableHashSet<LocalSymbol> Read(
        ImmutableHashSet<LocalSymbol> after, IEnumerable<LocalSymbol> names) => after.Union(names);

    private void Enter(LocalSymbol local) =>
        _scope.Add(new KeptValue(new KeptKey(local, KeptRole.Local), local.Name, local.Type));

    private void Collect(BoundBlock? block)
    {
        int mark = _scope.Count;
        foreach (var statement in block?.Statements ?? [])
        {
            Collect(statement);
        }

        Leave(mark);
    }

    private void Leave(int mark) => _scope.RemoveRange(mark, _scope.Count - mark);

    private void Collect(BoundStmt statement)
    {
        int mark = _scope.Count;
        switch (statement)
        {
            case BoundStmt.Let let:
                Collect(let.Source);
                Collect(let.Else);
                Enter(let.Local);
                return;
            case BoundStmt.Do act:
                Collect(act.Source);
                Collect(act.Else);
                break;
            case BoundStmt.Assign assign:
                Collect(assign.Value);
                break;
            case BoundStmt.If branch:
                Collect(branch.Then);
                Collect(branch.Else);
                break;
            case BoundStmt.IfLet branch:
                Collect(branch.Source);
                Enter(branch.Local);
                Collect(branch.Then);
                Leave(mark);
                Collect(branch.Else);
                break;
            case BoundStmt.MatchVariant match:
                foreach (var arm in match.Arms)
                {
                    CollectArm(arm.Binds.OfType<LocalSymbol>(), arm.Body);
                }

                Collect(match.Else);
                break;
            case BoundStmt.MatchText match:
                foreach (var arm in match.Arms)
                {
                    CollectArm(arm.Holes.Select(hole => hole.Local).OfType<LocalSymbol>(), arm.Body);
                }

                Collect(match.Else);
                break;
            case BoundStmt.While loop:
                Collect(loop.Body);
                break;
            case BoundStmt.ForRange or BoundStmt.ForList or BoundStmt.ForMap:
                CollectLoop(statement);
                break;
            default:
                break;
        }

        Leave(mark);
    }

    private void CollectArm(IEnumerable<LocalSymbol> binds, BoundBlock body)
    {
        int mark = _scope.Count;
        foreach (var bind in binds)
        {
            Enter(bind);
        }

        Collect(body);
        Leave(mark);
    }

    // The item of a list and the value of a map follow from where the loop stands.
    private void CollectLoop(BoundStmt loop)
    {
        _scope.AddRange(HiddenIn(loop));
        Collect(CodeLocals.BlocksOf(loop).First());
    }

    private static ImmutableArray<KeptValue> HiddenIn(BoundStmt loop) => loop switch
    {
        BoundStmt.ForRange range =>
        [
            new(new KeptKey(range.Local, KeptRole.RangePlace), range.Local.Name, range.Local.Type),
            new(new KeptKey(range.Local, KeptRole.RangeEnd), $"{range.Local.Name}.end", range.Local.Type),
        ],
        BoundStmt.ForList list =>
        [
            new(new KeptKey(list.Item, KeptRole.ListItems), $"{list.Item.Name}.list", list.List.Type),
            new(new KeptKey(list.Item, KeptRole.ListPlace), $"{list.Item.Name}.place", CoreTypes.Int),
        ],
        BoundStmt.ForMap map =>
        [
            new(new KeptKey(map.Key, KeptRole.MapEntries), $"{map.Key.Name}.map", map.Map.Type),
            new(new KeptKey(map.Key, KeptRole.MapKey), map.Key.Name, map.Key.Type),
        ],
        _ => throw new UnreachableException(),
    };

    private void Collect(BoundElse? otherwise)
    {
        if (otherwise is null)
        {
            return;
        }

        int mark = _scope.Count;
        if (otherwise.Failure is { } name)
        {
            Enter(name);
        }

        Collect(otherwise.Block);
        Leave(mark);
    }

    private void Collect(BoundSource source)
    {
        if (source is BoundSource.Some some)
        {
            Collect(some.Inner);
        }
        else if (source is BoundSource.Ask or BoundSource.AskProcedure)
        {
            var live = _live[source];
            _sites.Add(new WaitSite(source, [.. _scope.Where(one => IsNeeded(one, live))]));
        }
    }

    // Where a loop stands is needed as long as the loop runs.
    private static bool IsNeeded(KeptValue value, ImmutableHashSet<LocalSymbol> live) =>
        value.Key.Role != KeptRole.Local || live.Contains(value.Key.Owner);
}

/// <summary>An ask in a body, of another process or of a procedure, and what the body keeps meanwhile.</summary>
internal sealed record WaitSite(BoundSource Source, ImmutableArray<KeptValue> Kept);
