using System.Collections.Immutable;
using System.Diagnostics;
using Tars.Bundle.Abi;
using Tars.Lang.Binding;

namespace Tars.Sim.Reference;

/// <summary>Writing to places: a path is rebuilt from its end to its root.</summary>
internal sealed partial class Evaluator
{
    private void Write(BoundPlace place, object? value) => Change(place, _ => value, insertAtEnd: true);

    /// <summary>Evaluates the indexes of the path in order, then replaces what lies at its end.</summary>
    private void Change(BoundPlace place, Func<object?, object?> change, bool insertAtEnd = false)
    {
        object?[] indexes = [.. place.Path.Select(step => step is BoundStep.Index index ? Evaluate(index.At) : null)];
        object? root = place.Local is { } local ? _frame.Locals[local] : _state[place.State!];
        object? changed = Rebuild(root, place.Path, indexes, depth: 0, change, insertAtEnd);
        if (place.Local is { } target)
        {
            _frame.Locals[target] = changed;
        }
        else
        {
            _state[place.State!] = changed;
        }
    }

    private static object? Rebuild(
        object? value,
        ImmutableArray<BoundStep> path,
        object?[] indexes,
        int depth,
        Func<object?, object?> change,
        bool insertAtEnd)
    {
        if (depth == path.Length)
        {
            return change(value);
        }

        if (path[depth] is BoundStep.Field field)
        {
            var record = (RecordValue)value!;
            object? inner = Rebuild(record.Fields[field.FieldIndex], path, indexes, depth + 1, change, insertAtEnd);
            return new RecordValue(record.Fields.SetItem(field.FieldIndex, inner));
        }

        object at = indexes[depth]!;
        bool inserts = insertAtEnd && depth == path.Length - 1 && value is ImmutableSortedDictionary<object, object>;
        object? old = inserts ? null : ElementOf(value!, at);
        object? next = Rebuild(old, path, indexes, depth + 1, change, insertAtEnd);
        return value switch
        {
            ImmutableSortedDictionary<object, object> map => map.SetItem(at, next!),
            ImmutableList<object> list => list.SetItem((int)(long)at, next!),
            Octets octets => new Octets(octets.Bytes.SetItem((int)(long)at, Octet((long)next!))),
            _ => throw new UnreachableException(),
        };
    }

    private static byte Octet(long value)
    {
        Require(value is >= 0 and <= 255, GuestTrap.ValueOutOfRange);
        return (byte)value;
    }

    private Flow Mutate(BoundStmt.Mutate stmt)
    {
        object?[] arguments = [.. stmt.Arguments.Select(Evaluate)];
        Change(stmt.Place, old => Mutated(stmt.Method, old!, arguments));
        return Flow.Next;
    }

    private static object Mutated(Method method, object old, object?[] arguments)
    {
        switch (method)
        {
            case Method.ListPush:
                return ((ImmutableList<object>)old).Add(arguments[0]!);
            case Method.ListRemoveAt:
                ElementOf(old, arguments[0]!);
                return ((ImmutableList<object>)old).RemoveAt((int)(long)arguments[0]!);
            case Method.MapRemove:
                return ((ImmutableSortedDictionary<object, object>)old).Remove(arguments[0]!);
            case Method.BytesSetU32:
                Require((long)arguments[1]! is >= 0 and <= uint.MaxValue, GuestTrap.ValueOutOfRange);
                return Overwritten((Octets)old, (long)arguments[0]!, BitConverter.GetBytes((uint)(long)arguments[1]!));
            case Method.BytesSetI64:
                return Overwritten((Octets)old, (long)arguments[0]!, BitConverter.GetBytes((long)arguments[1]!));
            case Method.BytesSetBytes:
                return Overwritten((Octets)old, (long)arguments[0]!, ((Octets)arguments[1]!).Bytes.AsSpan());
            default:
                throw new UnreachableException();
        }
    }

    private static Octets Overwritten(Octets old, long at, ReadOnlySpan<byte> bytes)
    {
        Require(0 <= at && at <= old.Bytes.Length - bytes.Length, GuestTrap.IndexOutOfRange);
        byte[] copy = [.. old.Bytes];
        bytes.CopyTo(copy.AsSpan((int)at));
        return new Octets([.. copy]);
    }
}
