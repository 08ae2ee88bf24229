using System.Runtime.Intrinsics.X86;

namespace Tars.Engine.Vm.Kvm;

/// <summary>What code in a guest may count on of its processor, in the levels of the x86-64 psABI.</summary>
internal enum ProcessorLevel
{
    /// <summary>SSE4.2 and POPCNT: every processor since 2009.</summary>
    V2,

    /// <summary>AVX2, BMI2, LZCNT, MOVBE and FMA.</summary>
    V3,
}

/// <summary>Finds out which level there is.</summary>
/// <remarks>
/// Ring 3 of a guest runs on this processor itself. Its own leaves of CPUID say what it has; those that KVM lets guests
/// have say less where KVM has no hardware below it, and no processor looks at them before it runs an instruction. It
/// looks at XCR0.
/// </remarks>
internal static class ProcessorLevels
{
    private const ulong StatesOfAvx = 0b111;

    // FMA, MOVBE, AVX, F16C; BMI1, AVX2, BMI2; LZCNT.
    private const uint Ecx1 = 1u << 12 | 1u << 22 | 1u << 28 | 1u << 29;
    private const uint Ebx7 = 1u << 3 | 1u << 5 | 1u << 8;
    private const uint EcxExtended = 1u << 5;

    /// <summary>Of guests that have these bits in XCR0, on this processor.</summary>
    public static ProcessorLevel Here(ulong states) => !X86Base.IsSupported
        ? ProcessorLevel.V2
        : Of(
            states,
            (uint)X86Base.CpuId(1, 0).Ecx,
            (uint)X86Base.CpuId(7, 0).Ebx,
            (uint)X86Base.CpuId(unchecked((int)0x8000_0001), 0).Ecx);

    /// <param name="states">Bits of XCR0.</param>
    /// <param name="ecx1">Of leaf 1.</param>
    /// <param name="ebx7">Of leaf 7.</param>
    /// <param name="ecxExtended">Of leaf 8000_0001h.</param>
    public static ProcessorLevel Of(ulong states, uint ecx1, uint ebx7, uint ecxExtended) =>
        (states & StatesOfAvx) == StatesOfAvx && (ecx1 & Ecx1) == Ecx1 && (ebx7 & Ebx7) == Ebx7
        && (ecxExtended & EcxExtended) == EcxExtended
            ? ProcessorLevel.V3
            : ProcessorLevel.V2;
}
