using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Tars.Bundle.Wasm;
using Tars.Bundle.Wasm.Interpreter;

namespace Tars.Sim.Fuzz;

/// <summary>Node's engine beside the oracle on generated modules: results, traps and memory.</summary>
/// <remarks>
/// Node has neither our fuel nor our depth, so a module is compared up to the first call that runs out of either. The
/// modules are canonical: NaN bits are the one thing that WebAssembly leaves open.
/// </remarks>
internal static class NodeDifferential
{
    // One line in: a module and its calls. One line out: what each call gave, then a checksum of the memory.
    private const string Script =
        """
        const lines = require('readline').createInterface({ input: process.stdin });
        const view = new DataView(new ArrayBuffer(8));
        const show = value => {
          if (typeof value === 'bigint') return BigInt.asUintN(64, value).toString(16).toUpperCase();
          return value;
        };
        lines.on('line', line => {
          const { bytes, calls } = JSON.parse(line);
          const out = [];
          const exports = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(bytes, 'base64'))).exports;
          for (const [name, bits] of calls) {
            view.setBigUint64(0, BigInt(bits), true);
            const argument = name === 'run0' ? view.getInt32(0, true)
              : name === 'run1' ? view.getBigInt64(0, true) : view.getFloat32(0, true);
            try {
              const result = exports[name](argument);
              if (name === 'run0') out.push((result >>> 0).toString(16).toUpperCase());
              else if (name === 'run1') out.push(show(result));
              else if (Number.isNaN(result)) out.push('NaN');
              else { view.setFloat32(0, result, true); out.push(view.getUint32(0, true).toString(16).toUpperCase()); }
            } catch (e) { out.push(e instanceof WebAssembly.RuntimeError ? 'trap' : String(e)); }
          }
          const memory = new Uint8Array(exports.memory.buffer);
          let sum = 0;
          for (let at = 0; at < memory.length; at++) sum = (Math.imul(sum, 31) + memory[at]) | 0;
          out.push((sum >>> 0).toString(16).toUpperCase());
          console.log(out.join(' '));
        });
        """;

    /// <summary>Null when there is no Node here.</summary>
    public static Process? Start()
    {
        var start = new ProcessStartInfo("node")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList = { "--stack-size=4000", "-e", Script },
        };
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <returns>Null when Node and the oracle agree, otherwise what differs.</returns>
    public static string? Run(Process node, ulong seed)
    {
        var module = WasmGenerator.Module(seed, canonical: true);
        var valid = ((ValidationResult.Valid)ModuleValidator.Validate(module)).Module;
        var oracle = EngineDifferential.Oracle(valid);
        var calls = new List<object[]>();
        var expected = new List<string>();
        foreach (var call in EngineDifferential.Calls(seed))
        {
            // What a call that we stop has done so far is in the oracle's memory and would never be in Node's.
            byte[] before = oracle.Memory!.Bytes.ToArray();
            if (Show(call, oracle.Invoke(call.Export, [new Value(call.Argument)])) is not { } shown)
            {
                expected.Add(Checksum(before));
                break;
            }

            calls.Add([call.Export, call.Argument.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            expected.Add(shown);
        }

        if (calls.Count == expected.Count)
        {
            expected.Add(Checksum(oracle.Memory!.Bytes));
        }

        node.StandardInput.WriteLine(
            JsonSerializer.Serialize(new { bytes = Convert.ToBase64String(ModuleEncoder.Encode(module)), calls }));
        string wanted = string.Join(' ', expected);
        string? given = node.StandardOutput.ReadLine();
        return given == wanted ? null : $"seed {seed}:\n  oracle {wanted}\n  node   {given ?? "has ended"}";
    }

    // Null when the call was stopped by a limit that Node does not have.
    private static string? Show(GeneratedCall call, OracleResult result) => result switch
    {
        OracleResult.Trapped { Trap: WasmTrap.OutOfFuel or WasmTrap.StackExhausted } => null,
        OracleResult.Trapped => "trap",
        OracleResult.Returned returned when call.Export == "run2" =>
            float.IsNaN(BitConverter.UInt32BitsToSingle((uint)returned.Values[0].Low)) ? "NaN" : Hex(returned),
        OracleResult.Returned returned => Hex(returned),
        _ => throw new UnreachableException(),
    };

    private static string Hex(OracleResult.Returned returned) => returned.Values[0].Low.ToString("X");

    private static string Checksum(ReadOnlySpan<byte> memory)
    {
        uint sum = 0;
        foreach (byte one in memory)
        {
            sum = (sum * 31) + one;
        }

        return sum.ToString("X");
    }
}
