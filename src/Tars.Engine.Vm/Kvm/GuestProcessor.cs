namespace Tars.Engine.Vm.Kvm;

/// <summary>The processor that guests see: which leaves CPUID has, and which features stand in them.</summary>
/// <remarks>To allow a feature, name its bit here. What is not named reads as zero.</remarks>
internal static class GuestProcessor
{
    private const uint LeafVendor = 0;
    private const uint LeafFeatures = 1;
    private const uint LeafMoreFeatures = 7;
    private const uint LeafState = 0xD;
    private const uint LeafExtended = 0x8000_0000;
    private const uint LeafExtendedFeatures = 0x8000_0001;
    private const uint LeafAddresses = 0x8000_0008;

    // SSE3, PCLMULQDQ, SSSE3, FMA, CX16, SSE4.1, SSE4.2, MOVBE, POPCNT, AES, XSAVE, AVX, F16C.
    private const uint Ecx1 = 1u << 0 | 1u << 1 | 1u << 9 | 1u << 12 | 1u << 13 | 1u << 19 | 1u << 20 | 1u << 22
        | 1u << 23 | 1u << 25 | 1u << 26 | 1u << 28 | 1u << 29;

    // FPU, DE, PSE, TSC, MSR, PAE, CX8, SEP, PGE, CMOV, PAT, CLFSH, MMX, FXSR, SSE, SSE2. (What a kernel would use is
    // harmless without one, and KVM looks at some of it.)
    private const uint Edx1 = 1u << 0 | 1u << 2 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 8 | 1u << 11
        | 1u << 13 | 1u << 15 | 1u << 16 | 1u << 19 | 1u << 23 | 1u << 24 | 1u << 25 | 1u << 26;

    // BMI1, AVX2, SMEP, BMI2, ERMS, SMAP; UMIP.
    private const uint Ebx7 = 1u << 3 | 1u << 5 | 1u << 7 | 1u << 8 | 1u << 9 | 1u << 20;
    private const uint Umip = 1u << 2;

    // LAHF, LZCNT; SYSCALL, NX, long mode.
    private const uint EcxExtended = 1u << 0 | 1u << 5;
    private const uint EdxExtended = 1u << 11 | 1u << 20 | 1u << 29;

    // x87, SSE, AVX. What else the host has (AVX-512, tiles, protection keys) stays off.
    private const ulong States = 0b111;
    private const ulong StatesAlways = 0b011;

    private const uint Family6 = 0x600;
    private const uint ClflushSize = 8 << 8;

    /// <summary>Bits of XCR0.</summary>
    public static ulong StateComponents(in KvmCpuid host)
    {
        for (int at = 0; at < host.Count; at++)
        {
            if (host.Entries[at] is { Function: LeafState, Index: 0 } leaf)
            {
                return (leaf.Eax & States) | StatesAlways;
            }
        }

        return StatesAlways;
    }

    /// <summary>Whether the state of protection keys stands where the host's leaves have it everywhere.</summary>
    public static bool HasProtectionKeys(in KvmCpuid host)
    {
        const uint Component = 9;
        const uint Place = 2688;
        for (int at = 0; at < host.Count; at++)
        {
            if (host.Entries[at] is { Function: LeafState, Index: Component } leaf)
            {
                return leaf.Ebx == Place;
            }
        }

        return false;
    }

    /// <summary>Keeps of the host's leaves what guests may see.</summary>
    public static void Reduce(ref KvmCpuid leaves)
    {
        int kept = 0;
        for (int at = 0; at < leaves.Count; at++)
        {
            var leaf = leaves.Entries[at];
            if (IsKept(ref leaf))
            {
                leaves.Entries[kept++] = leaf;
            }
        }

        leaves.Count = (uint)kept;
    }

    /// <summary>Whether the kept leaves have UMIP.</summary>
    public static bool HasDescriptorFence(in KvmCpuid leaves)
    {
        for (int at = 0; at < leaves.Count; at++)
        {
            if (leaves.Entries[at] is { Function: LeafMoreFeatures, Index: 0 } leaf)
            {
                return (leaf.Ecx & Umip) != 0;
            }
        }

        return false;
    }

    private static bool IsKept(ref KvmCpuidEntry leaf)
    {
        switch (leaf.Function)
        {
            case LeafVendor:
                leaf.Eax = LeafState;
                return true;
            case LeafFeatures:
                leaf.Eax = Family6;
                leaf.Ebx = ClflushSize;
                leaf.Ecx &= Ecx1;
                leaf.Edx &= Edx1;
                return true;
            case LeafMoreFeatures when leaf.Index == 0:
                leaf.Eax = 0;
                leaf.Ebx &= Ebx7;
                leaf.Ecx &= Umip;
                leaf.Edx = 0;
                return true;
            case LeafState when leaf.Index == 0:
                leaf.Eax &= (uint)States;
                leaf.Edx = 0;
                return true;
            case LeafState when leaf.Index == 2:
                return true;
            case LeafExtended:
                leaf.Eax = LeafAddresses;
                (leaf.Ebx, leaf.Ecx, leaf.Edx) = (0, 0, 0);
                return true;
            case LeafExtendedFeatures:
                (leaf.Eax, leaf.Ebx) = (0, 0);
                leaf.Ecx &= EcxExtended;
                leaf.Edx &= EdxExtended;
                return true;
            case LeafAddresses:
                (leaf.Ebx, leaf.Ecx, leaf.Edx) = (0, 0, 0);
                return true;
            default:
                return false;
        }
    }
}
