using Tars.Lang.Syntax;

namespace Tars.Lang.Binding;

/// <summary>Which names bear on what a piece of code reports, assigns and calls, read off its text.</summary>
/// <remarks>
/// Rather too many than too few: whatever stands over a statement bears on it, and on what the code does at all
/// bears whatever stands over a way out of it.
/// </remarks>
internal sealed class CodeFlow : CodeWalk
{
    private const string WayOut = "";

    private readonly Stack<IEnumerable<string>> _over = new();
    private readonly Dictionary<string, HashSet<string>> _into = new(StringComparer.Ordinal);

    private CodeFlow()
    {
    }

    public static CodeFlow Of(Block block)
    {
        var flow = new CodeFlow();
        flow.Visit(block);
        return flow;
    }

    /// <summary>What bears on a name, and on whether the code comes to it.</summary>
    public IEnumerable<string> Into(string name) => Own(name).Concat(Own(WayOut));

    /// <summary>What bears on the reports of a metric; none when it is not reported here.</summary>
    public IEnumerable<string> IntoReports(string metric) =>
        _into.ContainsKey(ReportOf(metric)) ? Into(ReportOf(metric)) : [];

    /// <summary>What bears on calls of a procedure, and on what they give it.</summary>
    public IEnumerable<string> IntoCalls(string procedure) =>
        _into.ContainsKey(CallOf(procedure)) ? Into(CallOf(procedure)) : [];

    public override void Visit(Stmt statement)
    {
        switch (statement)
        {
            case Stmt.Let let:
                Bears(let.Name.Text, NamesOf(let));
                break;
            case Stmt.Assign assign when PlacePath.Of(assign.Place) is { } place:
                Bears(place.Root, NamesOf(assign));
                break;
            case Stmt.Return or Stmt.Fail or Stmt.Assert or Stmt.Break or Stmt.Continue:
                Bears(WayOut, NamesOf(statement));
                break;
            default:
                break;
        }

        _over.Push(HeadOf(statement));
        base.Visit(statement);
        _ = _over.Pop();
    }

    public override void Visit(Source source)
    {
        if (source is Source.Ask { Operation: null } ask)
        {
            Bears(CallOf(ask.Target.Text), NamesOf(source));
        }

        base.Visit(source);
    }

    public override void Visit(Expr expr)
    {
        switch (expr)
        {
            case Expr.Call
            {
                Callee.Text: "metric",
                Arguments.Items: [{ Value: ArgumentValue.Value { Expr: Expr.Name id } }, .. var values],
            }:
                Bears(ReportOf(id.Value), values.SelectMany(one => one.Value is ArgumentValue.Value value
                    ? NamesOf(value.Expr)
                    : []));
                break;
            case Expr.Call { Callee.Text: "exit" }:
                Bears(WayOut, NamesOf(expr));
                break;
            case Expr.Call call:
                Bears(CallOf(call.Callee.Text), NamesOf(expr));
                break;
            case Expr.Method method when MethodTable.Mutates(method.Member.Text)
                && PlacePath.Of(method.Target) is { } place:
                Bears(place.Root, NamesOf(expr));
                break;
            default:
                break;
        }

        base.Visit(expr);
    }

    private static string ReportOf(string metric) => $"metric {metric}";

    private static string CallOf(string procedure) => $"call {procedure}";

    private HashSet<string> Own(string name) => _into.GetValueOrDefault(name, []);

    private void Bears(string on, IEnumerable<string> names)
    {
        _ = _into.TryAdd(on, new HashSet<string>(StringComparer.Ordinal));
        _into[on].UnionWith(names);
        _into[on].UnionWith(_over.SelectMany(one => one));
    }

    private static IEnumerable<string> HeadOf(Stmt statement) => statement switch
    {
        Stmt.Let { Else: not null } let => NamesOf(let.Value),
        Stmt.If { Condition: Condition.Test test } => NamesOf(test.Expr),
        Stmt.If { Condition: Condition.Bind bind } => NamesOf(bind.Value),
        Stmt.While loop => NamesOf(loop.Condition),
        Stmt.ForRange loop => NamesOf(loop.From).Concat(NamesOf(loop.To)),
        Stmt.ForEach loop => NamesOf(loop.Collection),
        Stmt.Match match => NamesOf(match.Subject),
        _ => [],
    };

    private static List<string> NamesOf(Stmt statement) => NamesOf(facts => facts.Visit(statement));

    private static List<string> NamesOf(Source source) => NamesOf(facts => facts.Visit(source));

    private static List<string> NamesOf(Expr expr) => NamesOf(facts => facts.Visit(expr));

    private static List<string> NamesOf(Action<CodeFacts> visit)
    {
        var facts = CodeFacts.Of(visit);
        return [.. facts.Names, .. facts.Calls, .. facts.AskedProcedures];
    }
}
