using Tars.Bundle.Wasm;
using Xunit;

namespace Tars.Tests.Bundle.Wasm;

/// <summary>Modules to bytes and back.</summary>
public sealed class ModuleTests
{
    [Fact]
    public void A_module_decodes_to_what_was_encoded()
    {
        var module = Sample();
        byte[] bytes = ModuleEncoder.Encode(module);
        var decoded = Assert.IsType<DecodeResult.Decoded>(ModuleDecoder.Decode(bytes)).Module;
        Assert.Equal(bytes, ModuleEncoder.Encode(decoded));
        Assert.Equal(module.Types.ToArray(), decoded.Types.ToArray());
        Assert.Equal(module.Imports.ToArray(), decoded.Imports.ToArray());
        Assert.Equal(module.Exports.ToArray(), decoded.Exports.ToArray());
        Assert.Equal(module.Tables.ToArray(), decoded.Tables.ToArray());
        Assert.Equal(module.Start, decoded.Start);
        Assert.Equal("note", Assert.Single(decoded.CustomSections).Name);
    }

    [Fact]
    public void A_prefix_of_a_module_is_malformed_or_a_smaller_module()
    {
        byte[] bytes = ModuleEncoder.Encode(Sample());
        for (int length = 0; length < bytes.Length; length++)
        {
            switch (ModuleDecoder.Decode(bytes.AsSpan(0, length)))
            {
                case DecodeResult.Decoded smaller:
                    Assert.Equal(bytes[..length], ModuleEncoder.Encode(smaller.Module));
                    break;
                case DecodeResult.Malformed malformed:
                    Assert.InRange(malformed.Error.Offset!.Value, 0, length);
                    break;
            }
        }
    }

    [Fact]
    public void The_module_does_not_change_when_the_bytes_do()
    {
        byte[] bytes = ModuleEncoder.Encode(Sample());
        byte[] before = [.. bytes];
        var module = Assert.IsType<DecodeResult.Decoded>(ModuleDecoder.Decode(bytes)).Module;
        bytes.AsSpan().Clear();
        Assert.Equal(before, ModuleEncoder.Encode(module));
    }

    private static WasmModule Sample()
    {
        var builder = new ModuleBuilder();
        var unary = builder.Type([ValType.I32], [ValType.I32]);
        var nothing = builder.Type([], []);
        var imported = builder.ImportFunc("env", "twice", unary);
        builder.ImportMemory("env", "memory", new WasmRange(1, 2));
        var table = builder.Table(new TableType(ValType.FuncRef, new WasmRange(4, null)));
        var global = builder.Global(new GlobalType(ValType.I64, Mutable: true), new CodeWriter().I64Const(-5).End());
        var code = new CodeWriter().LocalGet(new LocalIndex(0)).Call(imported).LocalTee(new LocalIndex(2)).End();
        var function = builder.Func(unary, [ValType.F64, ValType.I32, ValType.I32], code);
        var start = builder.Func(nothing, [], new CodeWriter().I64Const(1).GlobalSet(global).End());
        builder.Export("run", function);
        builder.Export("state", global);
        builder.Start(start);
        builder.Elements(table, 1, [imported, function]);
        builder.Data(16, "hello"u8.ToArray());
        builder.Data(new DataSegment(new SegmentMode.Passive(), "later"u8.ToArray()));
        builder.Custom("note", [1, 2, 3]);
        return builder.Build();
    }
}
