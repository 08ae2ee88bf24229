using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Compiling;
using Tars.Engine.Vm.Kvm;
using Tars.Engine.Vm.Machine;
using Tars.Sim.Fuzz;
using Xunit;

namespace Tars.Tests.EngineVm;

/// <summary>What code is compiled for follows from what the processor has, and from nothing else.</summary>
public sealed class ProcessorLevelTests
{
    private const ulong SseAndAvx = 0b111;
    private const ulong SseAlone = 0b011;

    // FMA, MOVBE, AVX, F16C of leaf 1; BMI1, AVX2, BMI2 of leaf 7; LZCNT of leaf 8000_0001h.
    public static IEnumerable<TheoryDataRow<int, int>> Needed =>
    [
        new(1, 12), new(1, 22), new(1, 28), new(1, 29), new(2, 3), new(2, 5), new(2, 8), new(3, 5),
    ];

    [Fact]
    public void All_features_and_the_state_of_AVX_make_the_third_level()
    {
        const uint All = uint.MaxValue;
        Assert.Equal(ProcessorLevel.V3, ProcessorLevels.Of(SseAndAvx, All, All, All));
        Assert.Equal(ProcessorLevel.V2, ProcessorLevels.Of(SseAlone, All, All, All));
    }

    [Theory]
    [MemberData(nameof(Needed))]
    public void One_feature_less_makes_the_second(int register, int bit)
    {
        uint less = ~(1u << bit);
        uint Of(int number) => number == register ? less : uint.MaxValue;
        Assert.Equal(ProcessorLevel.V2, ProcessorLevels.Of(SseAndAvx, Of(1), Of(2), Of(3)));
    }

    [Fact]
    public void The_text_of_a_module_says_what_it_is_for()
    {
        var module = ((ValidationResult.Valid)ModuleValidator.Validate(WasmGenerator.Module(seed: 3))).Module;
        var plan = ModulePlan.OfCommand(module, [], GuestMap.Control.Module, tableElementsMax: 100);
        Assert.Contains("\"target-cpu\"=\"x86-64-v2\"", TextOf(plan), StringComparison.Ordinal);
        Assert.Contains(
            "\"target-cpu\"=\"x86-64-v3\"", TextOf(plan with { Level = ProcessorLevel.V3 }), StringComparison.Ordinal);
    }

    private static string TextOf(ModulePlan plan) =>
        System.Text.Encoding.UTF8.GetString(ModuleEmitter.Emit(new ModuleFacts(plan)).First()!);
}
