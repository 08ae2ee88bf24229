using Tars.Engine.Vm.Kvm;

namespace Tars.Bench.Kernels;

/// <summary>Compiles kernels with Debian's clang, to WebAssembly and to this machine's own code.</summary>
internal static class Toolchain
{
    private const string Clang = "clang-19";
    private const string Linker = "wasm-ld-19";

    private static readonly string[] _common = ["-std=gnu11", "-O2", "-fno-math-errno", "-ffp-contract=off"];

    private static readonly string[] _wasm =
    [
        "--target=wasm32", "-nostdlib", "-ffreestanding", "-Wl,--no-entry",
        "-mbulk-memory", "-mnontrapping-fptoint", "-msign-ext",
    ];

    /// <summary>What is not here of what is needed to compile; null when all is.</summary>
    public static string? Missing =>
        new[] { Clang, Linker }.FirstOrDefault(program => !Repository.Has(program));

    /// <summary>The path of the module.</summary>
    public static string Wasm(KernelProgram kernel, bool simd) => Compiled(
        $"{kernel.Name}{(simd ? ".simd" : "")}.wasm",
        [.. _common, .. _wasm, .. simd ? (string[])["-msimd128"] : [], kernel.Source]);

    /// <summary>The path of a program that answers as <see cref="ChildContestant"/> asks.</summary>
    public static string Native(KernelProgram kernel, ProcessorLevel level) => Compiled(
        $"{kernel.Name}.{level}",
        [
            .. _common,
            level is ProcessorLevel.V3 ? "-march=x86-64-v3" : "-march=x86-64-v2",
            kernel.Source,
            Repository.File("tests/Tars.Bench/Kernels/native.c"),
        ]);

    private static string Compiled(string name, string[] arguments)
    {
        string path = Repository.Scratch(name);
        var run = ChildRun.Of(Clang, [.. arguments, "-o", path], input: "", Repository.Root);
        return run.Exit == 0 ? path : throw new InvalidOperationException($"{name}: {Clang} says\n{run.Error}");
    }
}
