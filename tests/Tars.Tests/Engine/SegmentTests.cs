using Tars.Bundle.Wasm;
using Tars.Engine.Cil.Compiling;
using Tars.Engine.Cil.Runtime;
using Xunit;

namespace Tars.Tests.Engine;

/// <summary>Segments of an instance that comes to nothing: functions of it may lie in tables of others.</summary>
public sealed class SegmentTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(9, 0, 1)]
    [InlineData(0, 1 << 20, 1)]
    public void A_data_segment_that_was_not_copied_is_not_dropped(int element, int address, int left)
    {
        var builder = new ModuleBuilder();
        var nothing = builder.Func(builder.Type([], []), [], new CodeWriter().End());
        builder.Memory(new WasmRange(1, 1));
        builder.Elements(builder.Table(new TableType(ValType.FuncRef, new WasmRange(4, 4))), element, [nothing]);
        builder.Data(address, "a"u8.ToArray());
        var module = Assert.IsType<ValidationResult.Valid>(ModuleValidator.Validate(builder.Build())).Module;
        var code = ModuleCompiler.Compile(module, [], new TypeNumbers(), ModuleUse.Linked, Metering.Fuel, out _);
        using var instance = Instance.Create(code!, Guests.Limits, []);
        Assert.Equal(left != 0, instance!.CopySegments() is not null);
        Assert.Equal(left, instance.DataSegment(0).Length);
    }
}
