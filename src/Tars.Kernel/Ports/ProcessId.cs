using System.Globalization;

namespace Tars.Kernel.Ports;

/// <summary>Names a process. Counts up from one and is never reused in a run; zero is the outside.</summary>
public readonly record struct ProcessId(long Value) : IComparable<ProcessId>
{
    public static ProcessId Outside => default;

    public static bool operator <(ProcessId left, ProcessId right) => left.Value < right.Value;

    public static bool operator <=(ProcessId left, ProcessId right) => left.Value <= right.Value;

    public static bool operator >(ProcessId left, ProcessId right) => left.Value > right.Value;

    public static bool operator >=(ProcessId left, ProcessId right) => left.Value >= right.Value;

    public int CompareTo(ProcessId other) => Value.CompareTo(other.Value);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"#{Value}");
}
