using Tars.Base;
using Tars.Lang.Syntax;

namespace Tars.Lang.Binding;

/// <summary>What a piece of code does by itself, read off its text before any name is resolved.</summary>
/// <remarks>Since no name hides another, a root that has the name of a state field is that field.</remarks>
internal sealed class CodeFacts : CodeWalk
{
    private readonly List<PlacePath> _writes = [];
    private readonly List<string> _names = [];
    private readonly List<string> _calls = [];
    private readonly List<string> _askedProcedures = [];
    private readonly List<MetricReport> _reports = [];
    private readonly List<string> _observed = [];
    private int _loopDepth;

    private CodeFacts()
    {
    }

    public IReadOnlyList<PlacePath> Writes => _writes;

    /// <summary>Every name that stands as a value.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Everything that is called by a name alone: functions, procedures and built-ins.</summary>
    public IReadOnlyList<string> Calls => _calls;

    public IReadOnlyList<string> AskedProcedures => _askedProcedures;

    /// <summary>Where metrics are reported.</summary>
    public IReadOnlyList<MetricReport> Reports => _reports;

    /// <summary>The beliefs that it gives evidence for.</summary>
    public IReadOnlyList<string> Observed => _observed;

    public bool Asks { get; private set; }

    /// <summary>The word of the first effect other than log, or empty.</summary>
    public string Effect { get; private set; } = "";

    public static CodeFacts Of(Block block)
    {
        var facts = new CodeFacts();
        facts.Visit(block);
        return facts;
    }

    public static CodeFacts Of(Expr expr)
    {
        var facts = new CodeFacts();
        facts.Visit(expr);
        return facts;
    }

    public static CodeFacts Of(Action<CodeFacts> visit)
    {
        var facts = new CodeFacts();
        visit(facts);
        return facts;
    }

    public override void Visit(Stmt statement)
    {
        switch (statement)
        {
            case Stmt.Assign assign:
                AddWrite(assign.Place);
                break;
            case Stmt.Tell:
                AddEffect("tell");
                break;
            case Stmt.Timer timer:
                AddEffect(timer.Kind == TimerKind.Every ? "every" : "after");
                break;
            case Stmt.Cancel:
                AddEffect("cancel");
                break;
            default:
                break;
        }

        bool isLoop = statement is Stmt.While or Stmt.ForEach or Stmt.ForRange;
        _loopDepth += isLoop ? 1 : 0;
        base.Visit(statement);
        _loopDepth -= isLoop ? 1 : 0;
    }

    public override void Visit(Source source)
    {
        switch (source)
        {
            case Source.Ask ask:
                Asks = true;
                AddEffect("ask");
                if (ask.Operation is null)
                {
                    _askedProcedures.Add(ask.Target.Text);
                }

                break;
            case Source.Spawn:
                AddEffect("spawn");
                break;
            default:
                break;
        }

        base.Visit(source);
    }

    public override void Visit(Expr expr)
    {
        switch (expr)
        {
            case Expr.Name name:
                _names.Add(name.Value);
                break;
            case Expr.Call call:
                _calls.Add(call.Callee.Text);
                AddReport(call);
                if (call.Callee.Text == "blob_of"
                    || (call.Callee.Text != "log" && BuiltInNames.IsEffect(call.Callee.Text)))
                {
                    AddEffect(call.Callee.Text);
                }

                break;
            case Expr.Method method when MethodTable.Mutates(method.Member.Text):
                AddWrite(method.Target);
                break;
            default:
                break;
        }

        base.Visit(expr);
    }

    private void AddWrite(Expr place)
    {
        if (PlacePath.Of(place) is PlacePath path)
        {
            _writes.Add(path);
        }
    }

    private void AddReport(Expr.Call call)
    {
        if (call.Arguments.Items is not [{ Value: ArgumentValue.Value { Expr: Expr.Name id } }, ..])
        {
            return;
        }

        if (call.Callee.Text == "metric")
        {
            _reports.Add(new MetricReport(id.Value, call.Span, 0 < _loopDepth));
        }
        else if (call.Callee.Text == "observe")
        {
            _observed.Add(id.Value);
        }
    }

    private void AddEffect(string word)
    {
        if (Effect.Length == 0)
        {
            Effect = word;
        }
    }
}

/// <summary>A call of <c>metric</c>.</summary>
internal sealed record MetricReport(string Metric, TextSpan Span, bool IsInLoop);
