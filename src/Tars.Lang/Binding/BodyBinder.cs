using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;
using Tars.Lang.Syntax;
using Tars.Lang.Types;

namespace Tars.Lang.Binding;

/// <summary>
/// Turns one piece of code into a bound tree: names to symbols, types checked, conversions and defaults made visible.
/// </summary>
/// <remarks>
/// Use: one binder for each body or expression; declare its parameters, then bind once.
///
/// Invariants:
///   I1  It never throws and never gives null: what is wrong becomes Bad, of a type that fits everywhere.
///   I2  A statement gets at most one error (see <see cref="Complaints"/>); all that stands in it is bound all the
///       same, so that what it names counts as used.
/// </remarks>
internal sealed partial class BodyBinder
{
    private readonly ModuleScope _module;
    private readonly AgentScope? _agent;
    private readonly CodeKind _kind;
    private readonly Complaints _complaints;
    private readonly TypeBinder _types;
    private readonly LocalScopes _locals = new();

    // What a return gives; Unit where it gives nothing.
    private LangType _returns = CoreTypes.Unit;

    // Something could not be read, so nobody knows whether it would have left, or what it would have covered.
    private bool _hasLostCode;

    private int _loopDepth;
    private int _lambdaDepth;
    private bool _isInHole;

    public BodyBinder(ModuleScope module, AgentScope? agent, CodeKind kind)
    {
        _module = module;
        _agent = agent;
        _kind = kind;
        _complaints = module.Complaints;
        _types = new TypeBinder(module);
    }

    /// <summary>What an expectation may name besides the module's own things.</summary>
    public ExpectationScope? Expectation { get; init; }

    /// <summary>The first place where the body waits for an answer; null when it never does.</summary>
    public TextSpan? FirstAsk { get; private set; }

    /// <summary>A parameter, what an event binds, or an answer: made when the thing was declared.</summary>
    public void DeclareGiven(LocalSymbol local)
    {
        if (WhatIs(local.Name) is string what)
        {
            Report(Diagnostics.Report.NameTaken(local.Span, local.Name, what));
        }

        _locals.Add(local);
    }

    /// <param name="at">Where a missing return is reported.</param>
    public BoundBlock BindBody(Block body, LangType returns, TextSpan at)
    {
        _returns = returns;
        BoundBlock bound = BindBlock(body);
        if (!bound.Leaves && !_hasLostCode && TypeRules.Core(returns) is not (LangType.Unit or LangType.Error))
        {
            Report(Diagnostics.Report.MissingReturn(at, TypeText.Of(Given(returns))));
        }

        return bound;
    }

    public BoundExpr BindValue(Expr expr, LangType expected)
    {
        TextSpan? outer = _complaints.Enter(expr.Span);
        BoundExpr bound = BindAs(expr, expected);
        _complaints.Leave(outer);
        return bound;
    }

    /// <summary>An int or a float.</summary>
    public BoundExpr BindNumber(Expr expr)
    {
        TextSpan? outer = _complaints.Enter(expr.Span);
        BoundExpr bound = BindSome(expr, CoreTypes.Float);
        if (bound.Type is not LangType.Int)
        {
            bound = Convert(bound, CoreTypes.Float);
        }

        _complaints.Leave(outer);
        return bound;
    }

    private void Report(Diagnostic diagnostic) => _complaints.Add(diagnostic);

    /// <summary>What an author writes after return, where the kernel sees that or a Failure.</summary>
    private static LangType Given(LangType returns) =>
        returns is LangType.Fallible fallible ? fallible.Inner : returns;

    private LocalSymbol Declare(Identifier name, LangType type, bool isMutable)
    {
        var local = new LocalSymbol(name.Text, type, isMutable, name.Span);
        if (name.IsMissing)
        {
            return local;
        }

        if (WhatIs(name.Text) is string what)
        {
            Report(Diagnostics.Report.NameTaken(name.Span, name.Text, what));
            AddTwin(local);
            return local;
        }

        _locals.Add(local);
        return local;
    }

    /// <summary>
    /// A local whose name is taken. What follows may mean the one or the other, so it is not told again.
    /// </summary>
    private void AddTwin(LocalSymbol local)
    {
        var (type, isMutable) = ValueOf(local.Name);
        if (type is null)
        {
            _locals.Add(local);
        }
        else if (!type.Equals(local.Type) || (local.IsMutable && !isMutable))
        {
            _locals.Add(new LocalSymbol(local.Name, CoreTypes.Error, local.IsMutable, local.Span));
        }
    }

    /// <summary>The type of what a name stands for as a value; null for a function and the like.</summary>
    private (LangType? Type, bool IsMutable) ValueOf(string name)
    {
        if (_locals.Find(name) is LocalSymbol local)
        {
            return (local.Type, local.IsMutable);
        }

        if (_agent is not null && _agent.State.TryGetValue(name, out StateSymbol? state))
        {
            return (state.Type, IsMutable: true);
        }

        return _module.Constants.TryGetValue(name, out ConstantSymbol? constant) ? (constant.Type, IsMutable: false)
            : _module.Params.TryGetValue(name, out ParamSymbol? param) ? (param.Type, IsMutable: false)
            : (null, IsMutable: false);
    }

    private string? WhatIs(string name)
    {
        if (_locals.Has(name))
        {
            return "a local in scope here";
        }

        if (_agent is not null)
        {
            if (_agent.State.ContainsKey(name))
            {
                return "a state field";
            }

            if (_agent.Procedures.ContainsKey(name))
            {
                return "a procedure";
            }
        }

        return _kind == CodeKind.Expectation ? null : _module.WhatIs(name);
    }

    private int SlotOf(SlotKind kind, string subject) => _agent?.SlotOf(kind, subject) ?? 0;
}
