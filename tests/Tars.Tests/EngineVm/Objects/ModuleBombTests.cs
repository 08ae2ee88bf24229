using System.Diagnostics;
using Tars.Bundle.Wasm;
using Tars.Engine.Vm.Compiling;
using Tars.Engine.Vm.Llvm;
using Tars.Engine.Vm.Objects;
using Xunit;

namespace Tars.Tests.EngineVm.Objects;

/// <summary>Modules that cost a compiler far more than their length end within limits, compiled or refused.</summary>
public sealed class ModuleBombTests
{
    private static readonly CompileLimits _limits = new(
        CpuSeconds: 1, Wall: TimeSpan.FromSeconds(60), MemoryBytes: 1 << 30, ObjectBytes: 16 << 20);

    private static readonly LocalIndex _counter = new(0);

    public static TheoryData<string> Bombs => new(
        "a table of 20,000 ways out of 200 blocks", "loops in loops, 300 deep", "3,000 locals in 1,000 loops",
        "a turn of 4,000 operands", "blocks in blocks in a loop");

    [Theory]
    [MemberData(nameof(Bombs))]
    public void A_module_that_is_a_bomb_ends_within_the_limits(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the micro-VM engine is for Linux");
        Assert.SkipWhen(LlvmLibrary.Missing is not null, LlvmLibrary.Missing ?? "");
        using var compiler = new ObjectCompiler(() => CompileChild.Program(_limits), _limits, cache: null);
        long begin = Stopwatch.GetTimestamp();
        foreach (byte[]? text in ModuleEmitter.Emit(FactsOf(BombOf(name))))
        {
            Assert.NotNull(text);
            var answer = compiler.Compile(
                text, CodeTier.O2, options: "", stop: TestContext.Current.CancellationToken);
            if (answer is ObjectAnswer.Refused { Reason: var reason })
            {
                Assert.Matches("took more than|died of signal|ended with status|LLVM ", reason);
            }
        }

        Assert.True(Stopwatch.GetElapsedTime(begin) < _limits.Wall + TimeSpan.FromSeconds(10), "it took too long");
    }

    [Fact]
    public void All_pieces_of_a_module_together_have_a_limit()
    {
        var module = new ModuleBuilder();
        var type = module.Type([], []);
        byte[] body = [.. Enumerable.Repeat((byte)Opcode.Nop, 1 << 20), (byte)Opcode.End];
        for (int place = 0; place < 3; place++)
        {
            module.Define(module.Declare(type), [], body);
        }

        var facts = FactsOf(module.Build());
        long first = ModuleEmitter.Emit(facts).First()!.Length;
        Assert.Equal(3, ModuleEmitter.Emit(facts).Count(text => text is not null));
        Assert.Equal([true, false], ModuleEmitter.Emit(facts, first).Select(text => text is not null));
    }

    private static ModuleFacts FactsOf(WasmModule module) => new(ModulePlan.OfCommand(
        ((ValidationResult.Valid)ModuleValidator.Validate(module)).Module, [], start: 4096, tableElementsMax: 16));

    private static WasmModule BombOf(string name)
    {
        var module = new ModuleBuilder();
        _ = module.Memory(new WasmRange(1, 1));
        var code = new CodeWriter();
        int locals = name.StartsWith("3,000", StringComparison.Ordinal) ? 3_000 : 1;
        Action write = name switch
        {
            "loops in loops, 300 deep" => () => Nest(code, 300),
            "3,000 locals in 1,000 loops" => () => Rotate(code, locals),
            "a turn of 4,000 operands" => () => Pile(code),
            "blocks in blocks in a loop" => () => Shell(code),
            _ => () => Fan(code),
        };
        write();
        _ = module.Func(
            module.Type([], []), [.. Enumerable.Repeat(ValType.I32, locals)], code.End());
        return module.Build();
    }

    private static void Touch(CodeWriter code) =>
        _ = code.LocalGet(_counter).LocalGet(_counter).Load(Opcode.I32Load).Store(Opcode.I32Store);

    private static void Again(CodeWriter code) =>
        _ = code.LocalGet(_counter).I32Const(-4).Op(Opcode.I32Add).LocalTee(_counter).BrIf(0).End();

    private static void Nest(CodeWriter code, int depth)
    {
        for (int left = depth; 0 < left; left--)
        {
            code.Loop(BlockType.Empty);
            Touch(code);
        }

        for (int left = depth; 0 < left; left--)
        {
            Again(code);
        }
    }

    private static void Rotate(CodeWriter code, int locals)
    {
        for (int turn = 1; turn <= 1_000; turn++)
        {
            code.Loop(BlockType.Empty);
            Touch(code);
            code.LocalGet(new LocalIndex(turn)).LocalSet(new LocalIndex((turn * 7) % locals));
            Again(code);
        }
    }

    private static void Pile(CodeWriter code)
    {
        code.Loop(BlockType.Empty);
        for (int left = 2_000; 0 < left; left--)
        {
            code.LocalGet(_counter);
        }

        for (int left = 2_000; 0 < left; left--)
        {
            code.LocalSet(_counter);
        }

        Touch(code);
        Again(code);
    }

    private static void Shell(CodeWriter code)
    {
        code.Loop(BlockType.Empty);
        for (int left = 1_500; 0 < left; left--)
        {
            code.Block(BlockType.Empty).LocalGet(_counter).BrIf(0);
        }

        for (int left = 1_500; 0 < left; left--)
        {
            Touch(code);
            code.End();
        }

        Again(code);
    }

    private static void Fan(CodeWriter code)
    {
        for (int left = 200; 0 < left; left--)
        {
            code.Block(BlockType.Empty);
        }

        int[] ways = [.. Enumerable.Range(0, 20_000).Select(way => (way * 31) % 200)];
        code.LocalGet(_counter).BrTable(ways, 0);
        for (int left = 200; 0 < left; left--)
        {
            code.End();
            Touch(code);
        }
    }
}
