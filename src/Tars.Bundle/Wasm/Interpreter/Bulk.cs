namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>Copies out of segments, which instructions and instantiation have in common.</summary>
internal static class Bulk
{
    public static bool CanInitMemory(OracleInstance instance, int segment, uint to, uint from, uint count) =>
        Inside(from, count, instance.Data[segment].Length) && instance.Memory!.Holds(to, count);

    public static void InitMemory(OracleInstance instance, int segment, uint to, uint from, uint count) =>
        instance.Data[segment].Span.Slice((int)from, (int)count).CopyTo(instance.Memory!.Bytes[(int)to..]);

    public static bool CanInitTable(
        OracleInstance instance, int table, int segment, uint to, uint from, uint count) =>
        Inside(from, count, instance.Elements[segment].Length) && instance.Tables[table].Holds(to, count);

    public static void InitTable(OracleInstance instance, int table, int segment, uint to, uint from, uint count)
    {
        var elements = instance.Elements[segment].AsSpan((int)from, (int)count);
        elements.CopyTo(instance.Tables[table].Elements[(int)to..]);
    }

    private static bool Inside(uint from, uint count, int length) => (ulong)from + count <= (ulong)length;
}
