using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Compiling;
using Tars.Engine.Vm.Llvm;
using Tars.Engine.Vm.Loading;
using Tars.Engine.Vm.Machine;
using Tars.Sim.Fuzz;
using Xunit;

namespace Tars.Tests.Engine.Vm;

/// <summary>
/// Modules become text for LLVM, objects and images. What the code then does is the business of the suites that run it.
/// </summary>
public sealed class CompileTests
{
    private const int ModuleCount = 6;
    private const int DamageCount = 400;

    [Fact]
    public void Any_module_becomes_an_image()
    {
        SkipWithoutLlvm();
        for (ulong seed = 1; seed <= ModuleCount; seed++)
        {
            var facts = Facts(WasmGenerator.Module(seed));
            Assert.NotNull(Link(facts, Objects(facts, seed % 2 == 0 ? CodeTier.O0 : CodeTier.O1), out string refusal));
            Assert.Equal("", refusal);
        }
    }

    [Fact]
    public void Equal_modules_become_equal_text()
    {
        var module = WasmGenerator.Module(seed: 11);
        Assert.Equal(ModuleEmitter.Emit(Facts(module)).First(), ModuleEmitter.Emit(Facts(module)).First());
    }

    [Fact]
    public void A_damaged_object_is_refused_or_gives_an_image_of_the_same_size()
    {
        SkipWithoutLlvm();
        var facts = Facts(WasmGenerator.Module(seed: 3));
        byte[] whole = Objects(facts, CodeTier.O0)[0].ToArray();
        int textSize = Link(facts, [whole], out _)!.Text.Length;
        var random = new Xoshiro256(seed: 1);
        for (int trial = 0; trial < DamageCount; trial++)
        {
            byte[] damaged = [.. whole];
            for (int octet = 0; octet < 3; octet++)
            {
                // The table of sections stands at the end, where a mistake does most.
                bool isAtEnd = random.Next(2) == 0;
                int range = isAtEnd ? Math.Min(2048, whole.Length) : whole.Length;
                damaged[whole.Length - 1 - random.Next(range)] = (byte)random.Next(256);
            }

            var image = Link(facts, [damaged], out string refusal);
            Assert.True(image is null ? refusal != "" : image.Text.Length <= Math.Max(textSize, whole.Length) + 4096);
        }
    }

    [Fact]
    public void A_cut_object_is_refused()
    {
        SkipWithoutLlvm();
        var facts = Facts(WasmGenerator.Module(seed: 3));
        byte[] whole = Objects(facts, CodeTier.O0)[0].ToArray();
        for (int size = 0; size < whole.Length; size += 97)
        {
            Assert.Null(Link(facts, [whole.AsMemory(..size)], out string refusal));
            Assert.NotEqual("", refusal);
        }
    }

    [Fact]
    public void What_LLVM_cannot_read_is_refused_with_its_words()
    {
        SkipWithoutLlvm();
        Assert.Null(LlvmCompiler.Compile("define i32 @f() { ret i64 0 }"u8, CodeTier.O0, out string refusal));
        Assert.Contains("module:1:23: error", refusal, StringComparison.Ordinal);
    }

    private static void SkipWithoutLlvm() =>
        Assert.SkipWhen(LlvmLibrary.Missing is not null, LlvmLibrary.Missing ?? "");

    private static ModuleFacts Facts(WasmModule module)
    {
        var valid = ((ValidationResult.Valid)ModuleValidator.Validate(module)).Module;
        return new ModuleFacts(ModulePlan.OfCommand(valid, [], GuestMap.Control.Module, tableElementsMax: 100));
    }

    private static List<ReadOnlyMemory<byte>> Objects(ModuleFacts facts, CodeTier tier)
    {
        var objects = new List<ReadOnlyMemory<byte>>();
        foreach (byte[]? text in ModuleEmitter.Emit(facts))
        {
            Assert.NotNull(text);
            byte[]? made = LlvmCompiler.Compile(text, tier, out string refusal);
            Assert.Equal("", refusal);
            objects.Add(made);
        }

        return objects;
    }

    private static GuestImage? Link(
        ModuleFacts facts, IReadOnlyList<ReadOnlyMemory<byte>> objects, out string refusal) =>
        ImageLinker.Link(facts, objects, new Dictionary<string, long>(), ImagePlace.Alone, out refusal);
}
