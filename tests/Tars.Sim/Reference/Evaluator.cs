using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Lang.Binding;
using Tars.Lang.Symbols;

namespace Tars.Sim.Reference;

/// <summary>Runs handlers by walking the bound tree: the slow and obvious meaning of a program, to hold the compiler
/// to.</summary>
/// <remarks>One evaluator is one process. State is replaced as a whole at the commit, so a trap needs no
/// undo.</remarks>
internal sealed partial class Evaluator
{
    private readonly ModuleSymbol _module;
    private readonly AgentSymbol _agent;
    private readonly Dictionary<ParamSymbol, object?> _params = [];
    private readonly Dictionary<ConstantSymbol, object?> _constants = [];
    private Dictionary<StateSymbol, object?> _state = [];
    private Dictionary<StateSymbol, object?> _committed = [];
    private Frame _frame = new();
    private long _now;
    private int _depth;
    private HandlerRun? _pending;
    private HandlerRun? _running;
    private int _answersUsed;

    public Evaluator(ModuleSymbol module, AgentSymbol agent)
    {
        _module = module;
        _agent = agent;
        foreach (var param in module.Params)
        {
            _params[param] = Evaluate(param.Value!);
        }

        foreach (var field in agent.State.Where(f => f.Initial is not null))
        {
            _state[field] = Evaluate(field.Initial!);
        }

        _committed = new(_state);
    }

    /// <summary>The effects of the last committed handler, in order.</summary>
    public List<ReferenceEffect> Effects { get; } = [];

    /// <summary>True when the handler waits for an answer.</summary>
    public bool IsWaiting => _pending is not null;

    /// <summary>Runs one handler as a transaction, to its end or to its first ask.</summary>
    /// <returns>Why it trapped, or null when it committed.</returns>
    public GuestTrap? Handle(HandlerSymbol handler, IReadOnlyList<object?> payload, long now) =>
        Run(new HandlerRun(handler, payload, new(_committed), now, []));

    /// <summary>
    /// Runs the rest of the handler that waits. It is run from its beginning with all its answers, in the state that it
    /// began in: what it has done is done again in the same way, and only what comes new counts.
    /// </summary>
    /// <param name="value">A value, or a <see cref="Failed"/>.</param>
    public GuestTrap? Answer(object? value, long now) =>
        Run(_pending! with { Answers = [.. _pending!.Answers, (value, now)] });

    private GuestTrap? Run(HandlerRun run)
    {
        _pending = null;
        _state = new(run.Before);
        _frame = new Frame();
        _now = run.Now;
        _depth = 0;
        _answersUsed = 0;
        _running = run;
        Effects.Clear();
        for (int at = 0; at < run.Handler.Parameters.Length; at++)
        {
            _frame.Locals[run.Handler.Parameters[at]] = run.Payload[at];
        }

        try
        {
            Execute(run.Handler.Body!);
            if (run.Handler.Kind == Tars.Bundle.Manifest.HandlerKind.Ask)
            {
                Reply(run.Handler, _frame.Returned);
            }

            return Commit();
        }
        catch (EvaluatorSuspendedException)
        {
            var trap = Commit();
            _pending = trap is null ? run : null;
            return trap;
        }
        catch (EvaluatorTrapException trap)
        {
            Effects.Clear();
            return trap.Trap;
        }
    }

    private GuestTrap? Commit()
    {
        try
        {
            foreach (var invariant in _agent.Invariants)
            {
                _frame = new Frame();
                Require(Bool(invariant.Condition), GuestTrap.InvariantBroken);
            }

            _committed = _state;
            return null;
        }
        catch (EvaluatorTrapException trap)
        {
            Effects.Clear();
            return trap.Trap;
        }
    }

    private object? Ask(BoundSource.Ask ask)
    {
        long slot = ask.Target is BoundTarget.Value target
            ? Int(target.Reference)
            : ((BoundTarget.Slot)ask.Target).Place;
        object?[] values = [.. ask.Arguments.Select(Evaluate)];
        long within = Int(ask.Within);
        Require(0 < within, GuestTrap.ValueOutOfRange);
        if (_answersUsed < _running!.Answers.Length)
        {
            Effects.Clear();
            (object? value, _now) = _running.Answers[_answersUsed++];
            return value;
        }

        var writer = new ByteWriter();
        for (int parameter = 0; parameter < values.Length; parameter++)
        {
            int index = ask.ArgumentOrder.IndexOf(parameter);
            ValueWriter.Write(writer, ask.Arguments[index].Type, values[index]);
        }

        // The number of the place is the compiler's own business.
        Effects.Add(new ReferenceEffect(HostCall.Ask, [slot, ask.Operation, within, 0], [writer.ToArray()]));
        throw new EvaluatorSuspendedException();
    }

    /// <summary>The committed state fields in the value encoding.</summary>
    public byte[] SavedState()
    {
        var writer = new ByteWriter();
        foreach (var field in _agent.State)
        {
            ValueWriter.Write(writer, field.Type, _committed[field]);
        }

        return writer.ToArray();
    }

    private static void Require(bool condition, GuestTrap trap)
    {
        if (!condition)
        {
            throw new EvaluatorTrapException(trap);
        }
    }

    private void Reply(HandlerSymbol handler, object? value)
    {
        var writer = new ByteWriter();
        bool failed = value is Failed;
        if (value is Failed failure)
        {
            writer.U16((ushort)((CaseValue)failure.Failure.Fields[0]!).Case);
            writer.Text((string)failure.Failure.Fields[1]!);
        }
        else
        {
            ValueWriter.Write(writer, handler.Returns, value);
        }

        Effects.Add(new ReferenceEffect(HostCall.Reply, [failed ? 1 : 0], [writer.ToArray()]));
    }

    private object? Evaluate(BoundExpr expr) => expr switch
    {
        BoundExpr.BoolLiteral one => one.Value,
        BoundExpr.IntLiteral one => one.Value,
        BoundExpr.FloatLiteral one => one.Value,
        BoundExpr.TextLiteral one => one.Value,
        BoundExpr.None => null,
        BoundExpr.Some one => Evaluate(one.Value),
        BoundExpr.Success one => Evaluate(one.Value),
        BoundExpr.FailureOf one => new Failed((RecordValue)Evaluate(one.Value)!),
        BoundExpr.Local one => _frame.Locals[one.Symbol],
        BoundExpr.State one => _state[one.Symbol],
        BoundExpr.Param one => _params[one.Symbol],
        BoundExpr.Constant one => Constant(one.Symbol),
        BoundExpr.Field one => FieldOf(Evaluate(one.Target)!, one.FieldIndex),
        BoundExpr.Index one => ElementOf(Evaluate(one.Target)!, Evaluate(one.At)!),
        BoundExpr.MakeRecord one => new RecordValue(Fields(one.Symbol.Fields.Length, one.Fields)),
        BoundExpr.MakeCase one => new CaseValue(one.Case.Index, Fields(one.Case.Fields.Length, one.Fields)),
        BoundExpr.ListLiteral one => ImmutableList.CreateRange(one.Items.Select(item => Evaluate(item)!)),
        BoundExpr.MapLiteral one => MapOf(one),
        BoundExpr.If one => Bool(one.Condition) ? Evaluate(one.Then) : Evaluate(one.Else),
        BoundExpr.And one => Bool(one.Left) && Bool(one.Right),
        BoundExpr.Or one => Bool(one.Left) || Bool(one.Right),
        BoundExpr.Not one => !Bool(one.Operand),
        BoundExpr.Negate one =>
            Evaluate(one.Operand) is double x ? (object)-x : Arithmetic.Subtract(0, Int(one.Operand)),
        BoundExpr.Binary one => Arithmetic.Apply(one.Op, Evaluate(one.Left)!, Evaluate(one.Right)!, one.Type),
        BoundExpr.Compare one => Compare(one.Op, Evaluate(one.Left), Evaluate(one.Right)),
        BoundExpr.Coalesce one => Evaluate(one.Left) ?? Evaluate(one.Right),
        BoundExpr.Template one => Text(one.Parts),
        BoundExpr.CallFunction one => Call(one.Function.Parameters, one.Arguments, one.Function.Body!),
        BoundExpr.CallProcedure one => Call(one.Procedure.Parameters, one.Arguments, one.Procedure.Body!),
        BoundExpr.CallBuiltIn one => CallBuiltIn(one),
        BoundExpr.CallMethod one => CallMethod(one),
        BoundExpr.LambdaMethod one => CallLambda(one),
        _ => throw new UnreachableException(expr.GetType().Name),
    };

    private bool Bool(BoundExpr expr) => (bool)Evaluate(expr)!;

    private long Int(BoundExpr expr) => (long)Evaluate(expr)!;

    private object? Constant(ConstantSymbol symbol)
    {
        if (!_constants.TryGetValue(symbol, out object? value))
        {
            value = Evaluate(symbol.Value!);
            _constants[symbol] = value;
        }

        return value;
    }

    private static object? FieldOf(object record, int field) => ((RecordValue)record).Fields[field];

    private static object ElementOf(object collection, object at)
    {
        switch (collection)
        {
            case ImmutableList<object> list:
                Require(0 <= (long)at && (long)at < list.Count, GuestTrap.IndexOutOfRange);
                return list[(int)(long)at];
            case Octets octets:
                Require(0 <= (long)at && (long)at < octets.Bytes.Length, GuestTrap.IndexOutOfRange);
                return (long)octets.Bytes[(int)(long)at];
            default:
                var map = (ImmutableSortedDictionary<object, object>)collection;
                return map.TryGetValue(at, out object? value) ? value
                    : throw new EvaluatorTrapException(GuestTrap.KeyAbsent);
        }
    }

    private ImmutableArray<object?> Fields(int count, ImmutableArray<BoundFieldValue> given)
    {
        object?[] fields = new object?[count];
        foreach (var one in given)
        {
            fields[one.FieldIndex] = Evaluate(one.Value);
        }

        return [.. fields];
    }

    private ImmutableSortedDictionary<object, object> MapOf(BoundExpr.MapLiteral literal)
    {
        var map = Values.EmptyMap;
        foreach (var (key, value) in literal.Entries)
        {
            object place = Evaluate(key)!;
            map = map.SetItem(place, Evaluate(value)!);
        }

        return map;
    }

    private static bool Compare(BoundCompareOp op, object? left, object? right)
    {
        if (op is BoundCompareOp.Equal or BoundCompareOp.NotEqual)
        {
            return ValueOrder.AreEqual(left, right) == (op == BoundCompareOp.Equal);
        }

        if (left is double x && right is double y && (double.IsNaN(x) || double.IsNaN(y)))
        {
            return false;
        }

        int order = ValueOrder.Instance.Compare(left, right);
        return op switch
        {
            BoundCompareOp.Less => order < 0,
            BoundCompareOp.LessOrEqual => order <= 0,
            BoundCompareOp.Greater => order > 0,
            BoundCompareOp.GreaterOrEqual => order >= 0,
            BoundCompareOp.Equal or BoundCompareOp.NotEqual => throw new UnreachableException(),
        };
    }

    private string Text(ImmutableArray<BoundTemplatePart> parts)
    {
        var text = new System.Text.StringBuilder();
        foreach (var part in parts)
        {
            text.Append(part switch
            {
                BoundTemplatePart.Literal literal => literal.Text,
                BoundTemplatePart.Hole hole => Rendering.Of(hole.Value.Type, Evaluate(hole.Value)!, hole.Digits),
                _ => throw new UnreachableException(),
            });
        }

        return text.ToString();
    }

    private object? Call(ImmutableArray<LocalSymbol> parameters, ImmutableArray<BoundExpr> arguments, BoundBlock body)
    {
        var inner = new Frame();
        for (int at = 0; at < parameters.Length; at++)
        {
            inner.Locals[parameters[at]] = Evaluate(arguments[at]);
        }

        Require(++_depth <= 1_000, GuestTrap.StackExhausted);
        var outer = _frame;
        _frame = inner;
        Execute(body);
        _frame = outer;
        _depth--;
        return inner.Returned;
    }

    /// <summary>A handler with all that its run depends on.</summary>
    /// <param name="Before">The state before its first transaction.</param>
    /// <param name="Answers">What was answered so far, and when.</param>
    private sealed record HandlerRun(
        HandlerSymbol Handler,
        IReadOnlyList<object?> Payload,
        Dictionary<StateSymbol, object?> Before,
        long Now,
        ImmutableArray<(object? Value, long Now)> Answers);

    private sealed class Frame
    {
        public Dictionary<LocalSymbol, object?> Locals { get; } = [];

        public object? Returned { get; set; }
    }
}
