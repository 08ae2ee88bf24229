using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using static Tars.Bundle.Wasm.Interpreter.LaneRows;

namespace Tars.Bundle.Wasm.Interpreter;

/// <summary>What loads make of the bytes they read, and stores of the value they write.</summary>
internal static class MemoryAccesses
{
    private static readonly Dictionary<Opcode, Load> _loads = new()
    {
        [Opcode.I32Load] = bytes => Value.Of(U32(bytes)),
        [Opcode.I64Load] = bytes => Value.Of(U64(bytes)),
        [Opcode.F32Load] = bytes => Value.Of(U32(bytes)),
        [Opcode.F64Load] = bytes => Value.Of(U64(bytes)),
        [Opcode.I32Load8S] = bytes => Value.Of((int)(sbyte)bytes[0]),
        [Opcode.I32Load8U] = bytes => Value.Of((uint)bytes[0]),
        [Opcode.I32Load16S] = bytes => Value.Of((int)(short)U16(bytes)),
        [Opcode.I32Load16U] = bytes => Value.Of((uint)U16(bytes)),
        [Opcode.I64Load8S] = bytes => Value.Of((long)(sbyte)bytes[0]),
        [Opcode.I64Load8U] = bytes => Value.Of((ulong)bytes[0]),
        [Opcode.I64Load16S] = bytes => Value.Of((long)(short)U16(bytes)),
        [Opcode.I64Load16U] = bytes => Value.Of((ulong)U16(bytes)),
        [Opcode.I64Load32S] = bytes => Value.Of((long)(int)U32(bytes)),
        [Opcode.I64Load32U] = bytes => Value.Of((ulong)U32(bytes)),
        [Opcode.V128Load] = bytes => new Value(U64(bytes), U64(bytes[8..])),
        [Opcode.V128Load8x8S] = bytes => Wide<sbyte, short>(bytes, x => x),
        [Opcode.V128Load8x8U] = bytes => Wide<byte, ushort>(bytes, x => x),
        [Opcode.V128Load16x4S] = bytes => Wide<short, int>(bytes, x => x),
        [Opcode.V128Load16x4U] = bytes => Wide<ushort, uint>(bytes, x => x),
        [Opcode.V128Load32x2S] = bytes => Wide<int, long>(bytes, x => x),
        [Opcode.V128Load32x2U] = bytes => Wide<uint, ulong>(bytes, x => x),
        [Opcode.V128Load8Splat] = bytes => Value.Of(Vector128.Create(bytes[0])),
        [Opcode.V128Load16Splat] = bytes => Value.Of(Vector128.Create(U16(bytes))),
        [Opcode.V128Load32Splat] = bytes => Value.Of(Vector128.Create(U32(bytes))),
        [Opcode.V128Load64Splat] = bytes => Value.Of(Vector128.Create(U64(bytes))),
        [Opcode.V128Load32Zero] = bytes => Value.Of(U32(bytes)),
        [Opcode.V128Load64Zero] = bytes => Value.Of(U64(bytes)),
    };

    private delegate Value Load(ReadOnlySpan<byte> bytes);

    public static Value Read(Opcode opcode, ReadOnlySpan<byte> bytes) => _loads[opcode](bytes);

    /// <summary>Writes the lowest bytes of the value, as many as the place is wide.</summary>
    public static void Write(Span<byte> bytes, Value value)
    {
        Span<byte> all = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(all, value.Low);
        BinaryPrimitives.WriteUInt64LittleEndian(all[8..], value.High);
        all[..bytes.Length].CopyTo(bytes);
    }

    /// <summary>The vector with one lane read anew.</summary>
    public static Value ReadLane(ReadOnlySpan<byte> bytes, Value vector, byte lane)
    {
        Span<byte> all = stackalloc byte[16];
        Write(all, vector);
        bytes.CopyTo(all[(lane * bytes.Length)..]);
        return new Value(U64(all), U64(all[8..]));
    }

    /// <summary>Writes one lane, as wide as the place.</summary>
    public static void WriteLane(Span<byte> bytes, Value vector, byte lane)
    {
        Span<byte> all = stackalloc byte[16];
        Write(all, vector);
        all.Slice(lane * bytes.Length, bytes.Length).CopyTo(bytes);
    }

    private static Value Wide<TFrom, TTo>(ReadOnlySpan<byte> bytes, Func<TFrom, TTo> f)
    {
        var narrow = new Value(U64(bytes)).Lanes<TFrom>();
        return Make<TTo>(lane => f(narrow[lane]));
    }

    private static ushort U16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static ulong U64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes);
}
