using System.Numerics;
using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Compiling;
using Xunit;

namespace Tars.Tests.Engine;

/// <summary>Numbers that a careless translation, or the JIT itself, gets wrong.</summary>
public sealed class NumberTests
{
    private const ulong Canonical = 0x7FF8000000000000;

    [Fact]
    public void A_rotation_by_sums_of_shifts_is_a_rotation()
    {
        var random = new Xoshiro256(1);
        for (int round = 0; round < 10_000; round++)
        {
            ulong value = random.Next();
            int count = (int)random.Next();
            Assert.Equal(BitOperations.RotateLeft((uint)value, count), Rotation.RotateLeft((uint)value, count));
            Assert.Equal(BitOperations.RotateRight((uint)value, count), Rotation.RotateRight((uint)value, count));
            Assert.Equal(BitOperations.RotateLeft(value, count), Rotation.RotateLeft(value, count));
            Assert.Equal(BitOperations.RotateRight(value, count), Rotation.RotateRight(value, count));
        }
    }

    [Theory]
    [InlineData(Opcode.I32Rotl)]
    [InlineData(Opcode.I32Rotr)]
    public void A_rotation_by_a_constant_can_be_a_condition(Opcode rotation)
    {
        // The comparison before it leaves a flag that must not stand in for the condition.
        var result = Guests.Run(_ => new CodeWriter()
            .LocalGet(default).Op(Opcode.I32Eqz).If(BlockType.Empty)
            .LocalGet(default).I32Const(2).Op(Opcode.I32Add).I32Const(1).Op(rotation)
            .If(BlockType.Empty).Else().Op(Opcode.Unreachable).End()
            .End().End());

        Assert.Null(result.Fault);
    }

    [Fact]
    public void Arithmetic_gives_the_canonical_not_a_number_wherever_it_shows()
    {
        Assert.Equal(Canonical, Stored(code => NaN(code)));
        Assert.Equal(Canonical, Stored(code => NaN(code).F64Const(1).Op(Opcode.F64Add)));
        Assert.Equal(Canonical | (1UL << 63), Stored(code => NaN(code).Op(Opcode.F64Neg)));
        Assert.Equal(Canonical, Stored(code => NaN(code).LocalSet(new LocalIndex(1)).LocalGet(new LocalIndex(1))));
    }

    [Fact]
    public void What_is_no_arithmetic_keeps_the_bits_of_a_not_a_number()
    {
        const ulong payload = 0xFFF4000000001234;

        Assert.Equal(payload, Stored(code => code.I64Const(unchecked((long)payload)).Op(Opcode.F64ReinterpretI64)));
        Assert.Equal(payload & (ulong.MaxValue >> 1), Stored(code => code
            .I64Const(unchecked((long)payload)).Op(Opcode.F64ReinterpretI64).Op(Opcode.F64Abs)));
        Assert.Equal(payload, Stored(code => code
            .I64Const(unchecked((long)payload)).Op(Opcode.F64ReinterpretI64)
            .LocalSet(new LocalIndex(1)).LocalGet(new LocalIndex(1))));
    }

    // Zero by zero, of operands that are not known before it runs.
    private static CodeWriter NaN(CodeWriter code) => code
        .LocalGet(default).Op(Opcode.F64ConvertI32S)
        .LocalGet(default).Op(Opcode.F64ConvertI32S).Op(Opcode.F64Div);

    private static ulong Stored(Func<CodeWriter, CodeWriter> value)
    {
        var module = Guests.Module(
            _ => value(new CodeWriter().I32Const(0)).Store(Opcode.F64Store).End(), ValType.F64);
        using var guest = Guests.Start(module);
        Assert.Null(Guests.Run(guest).Fault);
        return BitConverter.ToUInt64(guest.Memory);
    }
}
