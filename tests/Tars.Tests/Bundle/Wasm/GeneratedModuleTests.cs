using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;
using Tars.Sim.Fuzz;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Bundle.Wasm;

/// <summary>Properties of modules that nobody wrote: seeded valid ones, and damaged ones.</summary>
public sealed class GeneratedModuleTests
{
    private const ulong SeedCount = 300;

    private static readonly OracleLimits _limits =
        new(Fuel: 3_000, DepthSlots: 2_000, MemoryPages: 8, TableElements: 64);

    [Fact]
    public void Encoded_modules_decode_to_the_same_module()
    {
        for (ulong seed = 0; seed < SeedCount; seed++)
        {
            var module = WasmGenerator.Module(seed);
            byte[] bytes = ModuleEncoder.Encode(module);
            var decoded = Assert.IsType<DecodeResult.Decoded>(ModuleDecoder.Decode(bytes)).Module;
            Assert.Equal(ModuleText.Of(module), ModuleText.Of(decoded));
            Assert.Equal(bytes, ModuleEncoder.Encode(decoded));
        }
    }

    [Fact]
    public void Generated_modules_are_valid_and_run_alike_twice()
    {
        var outcomes = new List<string>();
        for (ulong seed = 0; seed < SeedCount; seed++)
        {
            outcomes.Add(Outcome(seed));
            Assert.Equal(outcomes[^1], Outcome(seed));
        }

        // The generator is worth something only when its programs end in many ways.
        string all = string.Join('\n', outcomes);
        string[] ways =
        [
            "returned", nameof(WasmTrap.OutOfFuel), nameof(WasmTrap.MemoryOutOfBounds),
            nameof(WasmTrap.TableOutOfBounds), nameof(WasmTrap.IndirectCallTypeMismatch),
            nameof(WasmTrap.IntegerDivideByZero), nameof(WasmTrap.StackExhausted),
        ];
        Assert.All(ways, way => Assert.Contains(way, all, StringComparison.Ordinal));
    }

    [Fact]
    public void Ten_thousand_damaged_modules_are_refused_or_run_without_an_exception()
    {
        var random = new Xoshiro256(20_260_101);
        byte[][] modules =
        [
            .. Enumerable.Range(0, 20).Select(seed => ModuleEncoder.Encode(WasmGenerator.Module((ulong)seed))),
        ];
        int valid = 0;
        for (int round = 0; round < 10_000; round++)
        {
            byte[] bytes = WasmMutation.Of(modules[round % modules.Length], random);
            if (ModuleDecoder.Decode(bytes) is DecodeResult.Decoded decoded
                && ModuleValidator.Validate(decoded.Module) is ValidationResult.Valid found)
            {
                valid++;
                Run(found.Module);
            }
        }

        // Were all refused or none, the damage would be the wrong sort.
        Assert.InRange(valid, 300, 9_000);
    }

    [Theory]
    [InlineData("wasm-validate", "--enable-tail-call")]
    [InlineData("wasm-objdump", "-d")]
    [InlineData("node", "-e", "new WebAssembly.Module(require('fs').readFileSync(process.argv[1]))")]
    public void Other_tools_accept_what_is_encoded(string tool, params string[] arguments)
    {
        string path = Path.Combine(Path.GetTempPath(), $"tars-{Guid.NewGuid():n}.wasm");
        try
        {
            for (ulong seed = 0; seed < 4; seed++)
            {
                File.WriteAllBytes(path, ModuleEncoder.Encode(WasmGenerator.Module(seed)));
                Assert.Equal("", ForeignTool.ErrorsOf(tool, [.. arguments, path]));
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Outcome(ulong seed)
    {
        var result = ModuleValidator.Validate(WasmGenerator.Module(seed));
        return Run(Assert.IsType<ValidationResult.Valid>(result).Module);
    }

    private static string Run(ValidatedModule module)
    {
        if (OracleInstance.Instantiate(module, _ => null, _limits) is not Instantiation.Ready ready)
        {
            return "not instantiated";
        }

        var outcomes = new List<string>();
        foreach (var export in module.Module.Exports.Where(export => export.Kind is ExternKind.Func))
        {
            var parameters = module.FunctionTypes[export.Index].Parameters;
            var result = ready.Instance.Invoke(export.Name, new Value[parameters.Length]);
            outcomes.Add(result is OracleResult.Returned { Values: [var value] }
                ? $"returned {value.Low:x} for {result.FuelUsed}"
                : result.ToString());
        }

        return string.Join('\n', outcomes);
    }
}
