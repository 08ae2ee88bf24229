using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;

namespace Tars.Sim.Reference;

/// <summary>Order and equality of values as the language defines them.</summary>
internal sealed class ValueOrder : IComparer<object>
{
    public static ValueOrder Instance { get; } = new();

    public int Compare(object? x, object? y) => (x, y) switch
    {
        (bool a, bool b) => a.CompareTo(b),
        (long a, long b) => a.CompareTo(b),
        (double a, double b) => a < b ? -1 : a > b ? 1 : 0,
        (string a, string b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)),
        (Octets a, Octets b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes.AsSpan()),
        (CaseValue a, CaseValue b) => a.Case.CompareTo(b.Case),
        _ => throw new UnreachableException(),
    };

    /// <summary>Deep equality; floats by IEEE 754, so a NaN differs from itself.</summary>
    public static bool AreEqual(object? x, object? y) => (x, y) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        (double a, double b) => a == b,
        (ImmutableList<object> a, ImmutableList<object> b) =>
            a.Count == b.Count && a.Zip(b).All(p => AreEqual(p.First, p.Second)),
        (ImmutableSortedDictionary<object, object> a, ImmutableSortedDictionary<object, object> b) =>
            a.Count == b.Count && a.Zip(b).All(p =>
                AreEqual(p.First.Key, p.Second.Key) && AreEqual(p.First.Value, p.Second.Value)),
        (RecordValue a, RecordValue b) => Same(a.Fields, b.Fields),
        (CaseValue a, CaseValue b) => a.Case == b.Case && Same(a.Fields, b.Fields),
        (Failed a, Failed b) => AreEqual(a.Failure, b.Failure),
        (Failed, _) or (_, Failed) => false,
        _ => x.Equals(y),
    };

    private static bool Same(ImmutableArray<object?> a, ImmutableArray<object?> b)
    {
        for (int at = 0; at < a.Length; at++)
        {
            if (!AreEqual(a[at], b[at]))
            {
                return false;
            }
        }

        return true;
    }
}
