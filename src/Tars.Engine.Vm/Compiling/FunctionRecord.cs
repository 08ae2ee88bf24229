namespace Tars.Engine.Vm.Compiling;

/// <summary>A function as a value: where in its record, which is read-only data, each field lies.</summary>
internal static class FunctionRecord
{
    /// <summary>i64: the address of the code.</summary>
    public const int Code = 0;

    /// <summary>i32: the number of the type.</summary>
    public const int Type = 8;

    /// <summary>i32: the index of the function in its module.</summary>
    public const int Index = 12;

    public const int Size = 16;
}
