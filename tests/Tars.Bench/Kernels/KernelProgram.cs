namespace Tars.Bench.Kernels;

/// <summary>One program in C that is measured: the file NAME.c beside this one.</summary>
/// <param name="Turns">What it is called with: some ten milliseconds of work.</param>
/// <param name="About">What it presses on.</param>
internal sealed record KernelProgram(string Name, int Turns, string About)
{
    /// <summary>To add one: a C file that exports `run` as kernel.h says, and a row here.</summary>
    public static readonly KernelProgram[] All =
    [
        new("matmul", 15, "doubles, nested loops, dense matrices"),
        new("nbody", 300, "doubles, square roots, fields of structs"),
        new("mandelbrot", 5, "doubles, a loop without memory"),
        new("sieve", 15, "stores of octets with strides"),
        new("quicksort", 4, "loads, compares, branches that are hard to foretell"),
        new("sha256", 30, "rotations and adds of words, a table"),
        new("crc32", 40, "a chain of dependent table reads"),
        new("lz", 20, "octets, a hash table, short loops"),
        new("json", 40, "branches on octets, recursion, memory that grows"),
        new("hashmap", 8, "64-bit arithmetic, scattered reads, memory that grows"),
        new("spectralnorm", 60, "division of doubles, whole numbers to doubles"),
        new("fannkuch", 6, "small arrays on the stack, short loops"),
        new("simd", 500, "vector types of C: octets with saturation, floats"),
        new("lu", 30, "PolyBench manner: triangular loops"),
        new("cholesky", 30, "PolyBench manner: triangular loops, square roots"),
        new("atax", 250, "PolyBench manner: matrix and vector"),
        new("jacobi2d", 500, "PolyBench manner: a stencil in two dimensions"),
        new("heat3d", 300, "PolyBench manner: a stencil in three dimensions"),
    ];

    public string Source => Repository.File($"tests/Tars.Bench/Kernels/{Name}.c");
}
