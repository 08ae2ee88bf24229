using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Tars.Engine.Vm.Loading;

/// <summary>Which line each address of code belongs to, read from what debuggers read (DWARF, version 4).</summary>
/// <remarks>Hostile octets end the reading, and so do too many rows: what was read until then stays.</remarks>
internal sealed class LineTable
{
    private readonly ImmutableArray<(long Address, long Line)> _rows;

    private LineTable(ImmutableArray<(long Address, long Line)> rows) => _rows = rows;

    public static LineTable Empty { get; } = new([]);

    /// <param name="tables">The section of each object, relocated.</param>
    public static LineTable Read(IEnumerable<byte[]> tables)
    {
        var rows = new List<(long Address, long Line)>();
        foreach (byte[] table in tables)
        {
            var units = new Reader(table);
            while (ReadUnit(ref units, rows))
            {
            }
        }

        // A stable order: of rows at one address the last counts.
        return new LineTable([.. rows.OrderBy(row => row.Address)]);
    }

    /// <summary>The line of the instruction at an address, or 0 when it has none.</summary>
    public long Find(long address)
    {
        int low = 0;
        int high = _rows.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_rows[middle].Address <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low == 0 ? 0 : _rows[low - 1].Line;
    }

    private static bool ReadUnit(ref Reader units, List<(long Address, long Line)> rows)
    {
        uint length = units.U32();
        var unit = units.Take(length);
        if (units.IsBad || length == 0)
        {
            return false;
        }

        ushort version = unit.U16();
        uint headerLength = unit.U32();
        var header = unit.Take(headerLength);
        byte instructionLength = header.U8();
        _ = version == 4 ? header.U8() : (byte)1;
        _ = header.U8();
        sbyte lineBase = (sbyte)header.U8();
        byte lineRange = header.U8();
        byte opcodeBase = header.U8();
        if (version is < 2 or > 4 || lineRange == 0 || opcodeBase == 0 || unit.IsBad || header.IsBad)
        {
            return false;
        }

        var lengths = new byte[opcodeBase];
        for (int opcode = 1; opcode < opcodeBase; opcode++)
        {
            lengths[opcode] = header.U8();
        }

        Run(ref unit, new Program(instructionLength, lineBase, lineRange, opcodeBase, lengths), rows);
        return true;
    }

    private static void Run(ref Reader code, Program program, List<(long Address, long Line)> rows)
    {
        long address = 0;
        long line = 1;
        while (!code.IsAtEnd && !code.IsBad && rows.Count < Limits.LineRowsMax)
        {
            byte opcode = code.U8();
            if (program.OpcodeBase <= opcode)
            {
                int step = opcode - program.OpcodeBase;
                address += step / program.LineRange * program.InstructionLength;
                line += program.LineBase + (step % program.LineRange);
                rows.Add((address, line));
                continue;
            }

            switch (opcode)
            {
                case 0:
                    Extended(ref code, rows, ref address, ref line);
                    break;
                case 1:
                    rows.Add((address, line));
                    break;
                case 2:
                    address += (long)code.Unsigned() * program.InstructionLength;
                    break;
                case 3:
                    line += code.Signed();
                    break;
                case 8:
                    address += (255 - program.OpcodeBase) / program.LineRange * program.InstructionLength;
                    break;
                case 9:
                    address += code.U16();
                    break;
                default:
                    for (int operand = 0; operand < program.Lengths[opcode]; operand++)
                    {
                        code.Unsigned();
                    }

                    break;
            }
        }
    }

    private static void Extended(
        ref Reader code, List<(long Address, long Line)> rows, ref long address, ref long line)
    {
        var instruction = code.Take(code.Unsigned());
        switch (instruction.U8())
        {
            case 1: // The end of a sequence: what follows has no line.
                rows.Add((address, 0));
                address = 0;
                line = 1;
                break;
            case 2:
                address = (long)instruction.U64();
                break;
            default:
                break;
        }
    }

    private sealed record Program(
        byte InstructionLength, sbyte LineBase, byte LineRange, byte OpcodeBase, byte[] Lengths);

    /// <summary>Takes numbers off octets; beyond their end all are 0, and it says so.</summary>
    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public bool IsBad { get; private set; }

        public readonly bool IsAtEnd => _rest.IsEmpty;

        public Reader Take(ulong length)
        {
            if ((ulong)_rest.Length < length)
            {
                IsBad = true;
                return default;
            }

            var taken = new Reader(_rest[..(int)length]);
            _rest = _rest[(int)length..];
            return taken;
        }

        public byte U8() => Bytes(1) is [var octet] ? octet : (byte)0;

        public ushort U16() =>
            Bytes(2) is { Length: 2 } octets ? BinaryPrimitives.ReadUInt16LittleEndian(octets) : (ushort)0;

        public uint U32() => Bytes(4) is { Length: 4 } octets ? BinaryPrimitives.ReadUInt32LittleEndian(octets) : 0;

        public ulong U64() => Bytes(8) is { Length: 8 } octets ? BinaryPrimitives.ReadUInt64LittleEndian(octets) : 0;

        public ulong Unsigned()
        {
            ulong value = 0;
            for (int shift = 0; !IsBad; shift += 7)
            {
                byte octet = U8();
                value |= shift < 64 ? (ulong)(octet & 0x7F) << shift : 0;
                if (octet < 0x80)
                {
                    break;
                }
            }

            return value;
        }

        public long Signed()
        {
            long value = 0;
            int shift = 0;
            byte octet = 0x80;
            while (0x80 <= octet && !IsBad)
            {
                octet = U8();
                value |= shift < 64 ? (long)(octet & 0x7F) << shift : 0;
                shift += 7;
            }

            return shift < 64 && (octet & 0x40) != 0 ? value | (-1L << shift) : value;
        }

        private ReadOnlySpan<byte> Bytes(int count)
        {
            if (_rest.Length < count)
            {
                IsBad = true;
                _rest = [];
                return [];
            }

            var taken = _rest[..count];
            _rest = _rest[count..];
            return taken;
        }
    }
}
