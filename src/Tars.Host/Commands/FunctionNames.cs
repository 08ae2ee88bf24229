using System.Globalization;
using Tars.Base;
using Tars.Bundle.Wasm;

namespace Tars.Host.Commands;

/// <summary>What functions of a module are called, for whoever reads about a fault. Names are data, never
/// trusted.</summary>
internal static class FunctionNames
{
    private const byte FunctionSubsection = 1;
    private const int NameBytesMax = 1_024;

    /// <summary>The name in the name section, else of an import or export, else the number.</summary>
    public static string Of(ValidatedModule module, int function)
    {
        if (function < 0)
        {
            return "";
        }

        return NameSection(module.Module, function)
            ?? Import(module, function)
            ?? module.Module.Exports.FirstOrDefault(
                export => export.Kind is ExternKind.Func && export.Index == function)?.Name
            ?? string.Create(CultureInfo.InvariantCulture, $"function {function}");
    }

    private static string? Import(ValidatedModule module, int function) =>
        module.Module.Imports.Where(import => import.Type is ImportType.OfFunc).ElementAtOrDefault(function)?.Name;

    private static string? NameSection(WasmModule module, int function)
    {
        if (module.CustomSections.FirstOrDefault(section => section.Name == "name") is not { } section)
        {
            return null;
        }

        var reader = new ByteReader(section.Bytes.Span);
        while (!reader.AtEnd && !reader.Failed)
        {
            byte kind = reader.U8();
            var content = reader.Bytes(Number(ref reader));
            if (kind == FunctionSubsection)
            {
                return Find(content, function);
            }
        }

        return null;
    }

    private static string? Find(ReadOnlySpan<byte> content, int function)
    {
        var reader = new ByteReader(content);
        for (uint left = Number(ref reader); 0 < left && !reader.Failed; left--)
        {
            uint index = Number(ref reader);
            var name = reader.Bytes(Number(ref reader));
            if (index == (uint)function && !reader.Failed && name.Length <= NameBytesMax)
            {
                return System.Text.Encoding.UTF8.GetString(name);
            }
        }

        return null;
    }

    // A LEB128 number of 32 bits.
    private static uint Number(ref ByteReader reader)
    {
        uint value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte next = reader.U8();
            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        reader.Fail();
        return 0;
    }
}
