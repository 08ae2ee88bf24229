using System.Globalization;
using System.Text;

namespace Tars.Bundle.Wasm;

/// <summary>Spells one instruction as the text format does, indices as numbers.</summary>
public static class InstructionText
{
    public static string Of(in InstructionReader at)
    {
        string immediates = Immediates(in at);
        return immediates.Length == 0 ? at.Info.Name : $"{at.Info.Name} {immediates}";
    }

    private static string Immediates(in InstructionReader at) => at.Info.Immediate switch
    {
        Immediate.None or Immediate.MemoryIndex or Immediate.MemoryPair => "",
        Immediate.Block => Block(at.BlockType),
        Immediate.Label or Immediate.Func or Immediate.Local or Immediate.Global or Immediate.Table
            or Immediate.Elem or Immediate.Data or Immediate.DataMemory => Number(at.Index),
        Immediate.LabelTable => Labels(at.Labels),
        Immediate.CallIndirect => $"{Number(at.SecondIndex)} (type {Number(at.Index)})",
        Immediate.TablePair => $"{Number(at.Index)} {Number(at.SecondIndex)}",
        Immediate.ElemTable => $"{Number(at.SecondIndex)} {Number(at.Index)}",
        Immediate.Memory => Memory(in at),
        Immediate.MemoryLane => $"{Memory(in at)} {at.Lane}".TrimStart(),
        Immediate.I32 => at.I32.ToString(CultureInfo.InvariantCulture),
        Immediate.I64 => at.I64.ToString(CultureInfo.InvariantCulture),
        Immediate.F32 => Single(at.F32Bits),
        Immediate.F64 => Double(at.F64Bits),
        Immediate.V128 => "i8x16 " + Bytes(at.Bytes, "0x{0:x2}"),
        Immediate.Lane => at.Lane.ToString(CultureInfo.InvariantCulture),
        Immediate.Lanes => Bytes(at.Bytes, "{0}"),
        Immediate.RefType => at.RefType is ValType.FuncRef ? "func" : "extern",
        Immediate.SelectTypes => Types(at.Bytes),
    };

    private static string Block(BlockType type) =>
        type.Index is { } index ? $"(type {index.Value})"
        : type.Result is { } result ? $"(result {result.Name()})"
        : "";

    private static string Labels(LabelTable labels)
    {
        var text = new StringBuilder();
        foreach (int label in labels)
        {
            text.Append(text.Length == 0 ? "" : " ").Append(Number(label));
        }

        return text.ToString();
    }

    // As in the text format, what is usual is left out: offset zero and natural alignment.
    private static string Memory(in InstructionReader at)
    {
        string offset = at.Offset == 0 ? "" : $"offset={at.Offset}";
        string align = at.Align == at.Info.Align ? "" : $" align={1UL << (int)at.Align}";
        return (offset + align).TrimStart();
    }

    private static string Single(uint bits)
    {
        float value = BitConverter.UInt32BitsToSingle(bits);
        return float.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture)
            : Special(isNegative: bits >> 31 == 1, payload: bits & 0x7FFFFF);
    }

    private static string Double(ulong bits)
    {
        double value = BitConverter.UInt64BitsToDouble(bits);
        return double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture)
            : Special(isNegative: bits >> 63 == 1, payload: bits & 0xFFFFFFFFFFFFF);
    }

    private static string Special(bool isNegative, ulong payload) =>
        (isNegative ? "-" : "") + (payload == 0 ? "inf" : $"nan:0x{payload:x}");

    private static string Types(ReadOnlySpan<byte> codes)
    {
        var text = new StringBuilder("(result");
        foreach (byte code in codes)
        {
            text.Append(' ').Append(((ValType)code).Name());
        }

        return text.Append(')').ToString();
    }

    private static string Bytes(ReadOnlySpan<byte> bytes, string format)
    {
        var text = new StringBuilder();
        foreach (byte value in bytes)
        {
            text.Append(text.Length == 0 ? "" : " ").AppendFormat(CultureInfo.InvariantCulture, format, value);
        }

        return text.ToString();
    }

    private static string Number(int index) => ((uint)index).ToString(CultureInfo.InvariantCulture);
}
