using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Lang.Binding;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Sim.Reference;

/// <summary>Statements of the reference evaluator.</summary>
internal sealed partial class Evaluator
{
    /// <summary>How a statement ended.</summary>
    private enum Flow
    {
        Next,
        Break,
        Continue,
        Return,
    }

    private Flow Execute(BoundBlock block)
    {
        foreach (var stmt in block.Statements)
        {
            var flow = Execute(stmt);
            if (flow != Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    private Flow Execute(BoundStmt stmt)
    {
        switch (stmt)
        {
            case BoundStmt.Let one:
                return Let(one);
            case BoundStmt.Assign one:
                object? assigned = Source(one.Value);
                Write(one.Place, assigned);
                return Flow.Next;
            case BoundStmt.Update one:
                object operand = Evaluate(one.Value)!;
                Change(one.Place, old => Arithmetic.Apply(one.Op, old!, operand, one.Place.Type));
                return Flow.Next;
            case BoundStmt.Mutate one:
                return Mutate(one);
            case BoundStmt.If one:
                return Bool(one.Condition) ? Execute(one.Then) : one.Else is null ? Flow.Next : Execute(one.Else);
            case BoundStmt.IfLet one:
                return IfLet(one);
            case BoundStmt.While or BoundStmt.ForRange or BoundStmt.ForList or BoundStmt.ForMap:
                return Loop(stmt);
            case BoundStmt.MatchVariant one:
                return Match(one);
            case BoundStmt.MatchText one:
                return Match(one);
            case BoundStmt.Return one:
                _frame.Returned = one.Value is null ? null : Evaluate(one.Value);
                return Flow.Return;
            case BoundStmt.Break:
                return Flow.Break;
            case BoundStmt.Continue:
                return Flow.Continue;
            case BoundStmt.Fail one:
                throw new EvaluatorTrapException(GuestTrap.Failed, (string)Evaluate(one.Why)!);
            case BoundStmt.Assert one:
                Require(Bool(one.Condition), GuestTrap.AssertionFailed);
                return Flow.Next;
            case BoundStmt.Do one:
                return Do(one);
            default:
                Effect(stmt);
                return Flow.Next;
        }
    }

    private object? Source(BoundSource source) => source switch
    {
        BoundSource.Value one => Evaluate(one.Expr),
        BoundSource.Some one => Source(one.Inner),
        BoundSource.Ask one => Ask(one),
        BoundSource.AskProcedure one => Call(one.Procedure.Parameters, one.Arguments, one.Procedure.Body!),
        _ => throw new EvaluatorTrapException(GuestTrap.NotInForce),
    };

    private Flow Let(BoundStmt.Let let)
    {
        object? value = Source(let.Source);
        if (let.Else is not null && (let.Source.Type is LangType.Fallible ? value is Failed : value is null))
        {
            var flow = Otherwise(let.Else!, value, out value);
            if (flow != Flow.Next)
            {
                return flow;
            }
        }

        _frame.Locals[let.Local] = value;
        return Flow.Next;
    }

    private Flow Otherwise(BoundElse other, object? failed, out object? value)
    {
        if (other.Failure is { } name)
        {
            _frame.Locals[name] = ((Failed)failed!).Failure;
        }

        var flow = Execute(other.Block);
        value = flow == Flow.Next && other.Value is not null ? Evaluate(other.Value) : null;
        return flow;
    }

    private Flow Do(BoundStmt.Do stmt)
    {
        object? value = Source(stmt.Source);
        bool absent = stmt.Source.Type is LangType.Optional or LangType.Fallible && value is null or Failed;
        bool unitSuccess = stmt.Source.Type is LangType.Fallible && value is null;
        return stmt.Else is { } other && absent && !unitSuccess ? Otherwise(other, value, out _) : Flow.Next;
    }

    private Flow IfLet(BoundStmt.IfLet stmt)
    {
        object? value = Source(stmt.Source);
        if (value is null)
        {
            return stmt.Else is null ? Flow.Next : Execute(stmt.Else);
        }

        _frame.Locals[stmt.Local] = value;
        return Execute(stmt.Then);
    }

    private Flow Loop(BoundStmt stmt)
    {
        foreach (var body in Turns(stmt))
        {
            var flow = Execute(body);
            if (flow == Flow.Break)
            {
                break;
            }

            if (flow == Flow.Return)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    /// <summary>Binds the names of each turn and gives the body to run.</summary>
    private IEnumerable<BoundBlock> Turns(BoundStmt stmt)
    {
        switch (stmt)
        {
            case BoundStmt.While one:
                while (Bool(one.Condition))
                {
                    yield return one.Body;
                }

                break;
            case BoundStmt.ForRange one:
                long low = Int(one.Low);
                long high = Int(one.High);
                for (long at = low; at < high; at++)
                {
                    _frame.Locals[one.Local] = at;
                    yield return one.Body;
                }

                break;
            case BoundStmt.ForList one:
                foreach (object item in (ImmutableList<object>)Evaluate(one.List)!)
                {
                    _frame.Locals[one.Item] = item;
                    yield return one.Body;
                }

                break;
            case BoundStmt.ForMap one:
                foreach (var (key, value) in (ImmutableSortedDictionary<object, object>)Evaluate(one.Map)!)
                {
                    _frame.Locals[one.Key] = key;
                    _frame.Locals[one.Value] = value;
                    yield return one.Body;
                }

                break;
            default:
                throw new UnreachableException();
        }
    }

    private Flow Match(BoundStmt.MatchVariant stmt)
    {
        var subject = (CaseValue)Evaluate(stmt.Subject)!;
        foreach (var arm in stmt.Arms.Where(arm => arm.Case.Index == subject.Case))
        {
            for (int at = 0; at < arm.Binds.Length; at++)
            {
                if (arm.Binds[at] is { } local)
                {
                    _frame.Locals[local] = subject.Fields[at];
                }
            }

            return Execute(arm.Body);
        }

        return Execute(stmt.Else!);
    }

    private Flow Match(BoundStmt.MatchText stmt)
    {
        string subject = (string)Evaluate(stmt.Subject)!;
        foreach (var arm in stmt.Arms)
        {
            if (Fits(arm, subject) is { } bound)
            {
                foreach (var (local, value) in bound)
                {
                    _frame.Locals[local] = value;
                }

                return Execute(arm.Body);
            }
        }

        return Execute(stmt.Else);
    }

    private static List<KeyValuePair<LocalSymbol, object>>? Fits(BoundTextArm arm, string subject)
    {
        var bound = new List<KeyValuePair<LocalSymbol, object>>();
        if (!subject.StartsWith(arm.First, StringComparison.Ordinal))
        {
            return null;
        }

        int at = arm.First.Length;
        for (int index = 0; index < arm.Holes.Length; index++)
        {
            var hole = arm.Holes[index];
            bool last = index == arm.Holes.Length - 1;
            int end = last
                ? subject.EndsWith(hole.Then, StringComparison.Ordinal) ? subject.Length - hole.Then.Length : -1
                : subject.IndexOf(hole.Then, at, StringComparison.Ordinal);
            if (end < at)
            {
                return null;
            }

            string run = subject[at..end];
            at = end + hole.Then.Length;
            if (hole.Local is { } local)
            {
                if (Parse(run, local.Type) is not { } value)
                {
                    return null;
                }

                bound.Add(new(local, value));
            }
        }

        return at == subject.Length ? bound : null;
    }

    private static object? Parse(string run, LangType type) => type switch
    {
        LangType.Int => run.Length > 0 && run[^1] is >= '0' and <= '9' && long.TryParse(
            run, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) && run[0] != '+'
                ? whole : null,
        LangType.Float => TextNumbers.ParseFloat(run),
        _ => run,
    };

    private void Effect(BoundStmt stmt)
    {
        switch (stmt)
        {
            case BoundStmt.Tell { Target: BoundTarget.Slot slot } one:
                var ordered = one.Arguments.Select(Evaluate).ToArray();
                Effects.Add(new(HostCall.Send, [slot.Place, one.Operation],
                    [Encoded(one.Arguments, ordered, one.ArgumentOrder)]));
                break;
            case BoundStmt.SetTimer one:
                long delay = Int(one.Delay);
                Effects.Add(new(HostCall.SetTimer, [one.Handler, delay, one.Every ? delay : 0], []));
                break;
            case BoundStmt.CancelTimer one:
                Effects.Add(new(HostCall.CancelTimer, [one.Handler], []));
                break;
            case BoundStmt.Publish one:
                string channel = Text(one.Channel);
                Effects.Add(new(HostCall.Publish, [one.Slot],
                    [System.Text.Encoding.UTF8.GetBytes(channel), Encode(one.Value)]));
                break;
            case BoundStmt.Log one:
                Effects.Add(new(HostCall.Log, [], [Entry(one)]));
                break;
            case BoundStmt.Metric one:
                double report = (double)Evaluate(one.Value)!;
                Require(double.IsFinite(report), GuestTrap.ValueOutOfRange);
                Effects.Add(new(HostCall.Metric, [one.Index, BitConverter.DoubleToInt64Bits(report)], []));
                break;
            case BoundStmt.Observe one:
                double evidence = (double)Evaluate(one.Value)!;
                Require(evidence is >= 0 and <= 1, GuestTrap.ValueOutOfRange);
                Effects.Add(new(HostCall.Observe, [one.Belief, BitConverter.DoubleToInt64Bits(evidence), 0], []));
                break;
            case BoundStmt.Exit:
                Effects.Add(new(HostCall.Exit, [], []));
                break;
            default:
                throw new EvaluatorTrapException(GuestTrap.NotInForce);
        }
    }

    private byte[] Encode(BoundExpr expr)
    {
        var writer = new ByteWriter();
        ValueWriter.Write(writer, expr.Type, Evaluate(expr));
        return writer.ToArray();
    }

    private static byte[] Encoded(ImmutableArray<BoundExpr> arguments, object?[] values, ImmutableArray<int> order)
    {
        var writer = new ByteWriter();
        for (int parameter = 0; parameter < arguments.Length; parameter++)
        {
            int at = order.IndexOf(parameter);
            ValueWriter.Write(writer, arguments[at].Type, values[at]);
        }

        return writer.ToArray();
    }

    private byte[] Entry(BoundStmt.Log log)
    {
        var writer = new ByteWriter();
        writer.Text((string)Evaluate(log.Message)!);
        writer.U32((uint)log.Fields.Length);
        foreach (var (name, value) in log.Fields)
        {
            writer.Text(name);
            writer.Text(Rendering.Of(value.Type, Evaluate(value)!, digits: null));
        }

        return writer.ToArray();
    }
}
