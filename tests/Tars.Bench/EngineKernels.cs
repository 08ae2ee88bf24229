using System.Runtime.CompilerServices;
using Tars.Bundle.Abi;
using Tars.Bundle.Wasm;

namespace Tars.Bench;

/// <summary>Small guests that each press on one thing, and the same work in C#.</summary>
/// <remarks>
/// The work stands in <c>tars_run</c>, whose argument says how much of it; the result goes to address 0 as an i64.
/// </remarks>
internal static class EngineKernels
{
    public const int MemoryBytes = 1 << 20;

    /// <summary>What one turn of <see cref="Hash(byte[], int)"/> reads.</summary>
    public const int HashedBytes = 1 << 16;

    private const long FnvPrime = 1_099_511_628_211;
    private const long FnvBasis = unchecked((long)14_695_981_039_346_656_037);
    private const int ControlAddress = 64;

    private static readonly BlockType _nothing = BlockType.Empty;

    /// <summary>A loop of dependent 64-bit arithmetic.</summary>
    public static WasmModule Arithmetic()
    {
        var (count, total) = (new LocalIndex(0), new LocalIndex(1));
        var code = new CodeWriter().Loop(_nothing)
            .LocalGet(total).I64Const(31).Op(Opcode.I64Mul)
            .LocalGet(count).Op(Opcode.I64ExtendI32S).Op(Opcode.I64Add).LocalSet(total)
            .LocalGet(count).I32Const(1).Op(Opcode.I32Sub).LocalTee(count)
            .BrIf(0)
            .End()
            .I32Const(0).LocalGet(total).Store(Opcode.I64Store).End();
        return Guest([ValType.I64], _ => code);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Arithmetic(int count)
    {
        long total = 0;
        do
        {
            total = unchecked((total * 31) + count);
            count--;
        }
        while (count != 0);

        return total;
    }

    /// <summary>Calls that do next to nothing.</summary>
    public static WasmModule Calls() => Guest([], builder =>
    {
        var type = builder.Type([ValType.I32], [ValType.I64]);
        var function = builder.Declare(type);
        var number = new LocalIndex(0);
        var body = new CodeWriter()
            .LocalGet(number).I32Const(2).Op(Opcode.I32LtS)
            .If(BlockType.Of(ValType.I64)).LocalGet(number).Op(Opcode.I64ExtendI32S)
            .Else()
            .LocalGet(number).I32Const(1).Op(Opcode.I32Sub).Call(function)
            .LocalGet(number).I32Const(2).Op(Opcode.I32Sub).Call(function)
            .Op(Opcode.I64Add).End().End();
        builder.Define(function, [], body.ToArray());
        return new CodeWriter().I32Const(0).LocalGet(number).Call(function).Store(Opcode.I64Store).End();
    });

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Calls(int number) => number < 2 ? number : Calls(number - 1) + Calls(number - 2);

    /// <summary>One load and one multiplication for each octet of memory, over and over.</summary>
    public static WasmModule Hash()
    {
        var (count, hash, at) = (new LocalIndex(0), new LocalIndex(1), new LocalIndex(2));
        var code = new CodeWriter().I64Const(FnvBasis).LocalSet(hash)
            .Loop(_nothing)
            .I32Const(0).LocalSet(at)
            .Loop(_nothing)
            .LocalGet(hash).LocalGet(at).Load(Opcode.I64Load8U, offset: HashedBytes).Op(Opcode.I64Xor)
            .I64Const(FnvPrime).Op(Opcode.I64Mul).LocalSet(hash)
            .LocalGet(at).I32Const(1).Op(Opcode.I32Add).LocalTee(at)
            .I32Const(HashedBytes).Op(Opcode.I32LtU).BrIf(0)
            .End()
            .LocalGet(count).I32Const(1).Op(Opcode.I32Sub).LocalTee(count).BrIf(0)
            .End()
            .I32Const(0).LocalGet(hash).Store(Opcode.I64Store).End();
        return Guest([ValType.I64, ValType.I32], _ => code);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Hash(byte[] memory, int count)
    {
        long hash = FnvBasis;
        do
        {
            for (int at = 0; at < HashedBytes; at++)
            {
                hash = unchecked((hash ^ memory[HashedBytes + at]) * FnvPrime);
            }

            count--;
        }
        while (count != 0);

        return hash;
    }

    private static WasmModule Guest(ReadOnlySpan<ValType> locals, Func<ModuleBuilder, CodeWriter> run)
    {
        var builder = new ModuleBuilder();
        var memory = builder.Memory(new WasmRange(MemoryBytes >> 16, MemoryBytes >> 16));
        var type = builder.Type([ValType.I32], []);
        var runFunction = builder.Declare(type);
        builder.Define(runFunction, locals, run(builder).ToArray());
        var reserve = builder.Func(type, [], new CodeWriter().End());
        var control = builder.Global(
            new GlobalType(ValType.I32, Mutable: false), new CodeWriter().I32Const(ControlAddress).End());
        builder.Export(GuestExports.Memory, memory);
        builder.Export(ControlBlock.AddressExport, control);
        builder.Export(GuestExports.Run, runFunction);
        builder.Export(GuestExports.Reserve, reserve);
        return builder.Build();
    }
}
