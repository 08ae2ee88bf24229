using System.Globalization;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Tars.Engine.Cil.Compiling;

namespace Tars.Bench.Kernels;

/// <summary>From a kernel's bytes to compiled code, and to the end of a first call, beside V8.</summary>
/// <remarks>
/// This engine compiles a function at its first call; here all are compiled at once, as TurboFan does when it is told
/// to. Both are warm: their own code has run before.
/// </remarks>
internal static class CompileBench
{
    private const int RoundCount = 15;
    private const int WarmCount = 40; // .NET compiles this engine's own code anew after thirty calls.

    private static readonly string[] _turbofan = ["--no-liftoff", "--no-wasm-lazy-compilation"];

    public static IEnumerable<CompileResult> Run(IEnumerable<KernelProgram> kernels)
    {
        foreach (var kernel in kernels)
        {
            string path = Toolchain.Wasm(kernel, simd: false);
            byte[] bytes = File.ReadAllBytes(path);
            double all = Time(() => CompileAll(bytes));
            double first = Time(() => CallOnce(bytes));
            var (turbofan, _) = OfV8(path, _turbofan);
            var (_, v8First) = OfV8(path, []);
            yield return new CompileResult(kernel, all, turbofan, first, v8First);
        }
    }

    private static void CompileAll(byte[] bytes)
    {
        var code = CilContestant.CodeOf(CilContestant.Valid(bytes), Metering.Fuel);
        for (int function = 0; function < code.Validated.FunctionTypes.Length; function++)
        {
            var type = code.Validated.FunctionTypes[function];
            var signature = Expression.GetDelegateType([.. IlTypes.ParametersOf(type), IlTypes.ReturnOf(type)]);
            RuntimeHelpers.PrepareDelegate(code.Method(function).CreateDelegate(signature)); // The JIT runs here.
        }
    }

    private static void CallOnce(byte[] bytes)
    {
        using var contestant = new CilContestant("first", CilContestant.Valid(bytes), Metering.Fuel);
        _ = contestant.Run(turns: 0);
    }

    private static double Time(Action work)
    {
        for (int round = 0; round < WarmCount; round++)
        {
            work();
        }

        return KernelBench.Median([.. Enumerable.Range(0, RoundCount).Select(_ =>
        {
            var begun = Environment.CpuUsage.TotalTime;
            work();
            return (Environment.CpuUsage.TotalTime - begun).TotalNanoseconds;
        })]);
    }

    private static (double Compiled, double Called) OfV8(string path, string[] flags)
    {
        string script = Repository.File("tests/Tars.Bench/Kernels/compile.mjs");
        var run = ChildRun.Of("node", [.. flags, script, path], input: "", Repository.Root);
        string[] words = run.Output.Trim().Split(' ');
        return (
            double.Parse(words[0], CultureInfo.InvariantCulture), double.Parse(words[1], CultureInfo.InvariantCulture));
    }
}

/// <summary>Nanoseconds of processor time.</summary>
/// <param name="All">Every function compiled by this engine.</param>
/// <param name="First">To the end of a first call in this engine.</param>
internal sealed record CompileResult(KernelProgram Kernel, double All, double TurboFan, double First, double V8First);
