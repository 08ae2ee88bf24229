using Tars.Engine.Vm.Machine;

namespace Tars.Sim.Hostile;

/// <summary>Attacks by what is not allowed in ring 3, by never ending, and by leaving a mess.</summary>
internal static partial class HostileGuests
{
    private static IEnumerable<HostileGuest> Privileged()
    {
        const string Attack = "privileged";
        (string Name, byte[] Code)[] refused =
        [
            ("hlt", [0xF4]), ("cli", [0xFA]), ("sti", [0xFB]), ("clts", [0x0F, 0x06]), ("invd", [0x0F, 0x08]),
            ("wbinvd", [0x0F, 0x09]), ("lmsw", [0x0F, 0x01, 0xF0]), ("swapgs", [0x0F, 0x01, 0xF8]),
            ("monitor", [0x0F, 0x01, 0xC8]), ("mwait", [0x0F, 0x01, 0xC9]), ("clac", [0x0F, 0x01, 0xCA]),
            ("stac", [0x0F, 0x01, 0xCB]), ("rsm", [0x0F, 0xAA]), ("sysret", [0x48, 0x0F, 0x07]),
            ("sysexit", [0x0F, 0x35]), ("vmxon", [0xF3, 0x0F, 0xC7, 0x30]), ("vmlaunch", [0x0F, 0x01, 0xC2]),
            ("vmrun", [0x0F, 0x01, 0xD8]), ("stgi", [0x0F, 0x01, 0xDC]), ("getsec", [0x0F, 0x37]),
            ("encls", [0x0F, 0x01, 0xCF]), ("ud2 without a reason", [0x0F, 0x0B]), ("ud1", [0x0F, 0xB9, 0xC0]),
            ("xsaves", [0x48, 0x0F, 0xC7, 0x2C, 0x25, 0, 0, 0, 0]), ("uiret", [0xF3, 0x0F, 0x01, 0xEC]),
            ("senduipi", [0xF3, 0x0F, 0xC7, 0xF0]), ("into", [0xCE]),
            ("an instruction of sixteen octets",
                [0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x90]),
        ];
        foreach (var (name, code) in refused)
        {
            yield return Fault(Attack, name, code);
        }

        yield return Harmless(Attack, "vmcall", [0x0F, 0x01, 0xC1]);
        yield return Harmless(Attack, "vmmcall", [0x0F, 0x01, 0xD9]);
        yield return Harmless(Attack, "umwait", [0x31, 0xC0, 0x31, 0xD2, 0xF2, 0x0F, 0xAE, 0xF0]);
        yield return Harmless(Attack, "tpause", [0x31, 0xC0, 0x31, 0xD2, 0x66, 0x0F, 0xAE, 0xF0]);
        yield return Harmless(Attack, "begins a transaction", [0xC7, 0xF8, 0, 0, 0, 0]);
        foreach (uint leaf in (uint[])[0, 1, 7, 0x1F, 0x4000_0000, 0x8000_0002])
        {
            yield return Harmless(Attack, $"cpuid {leaf:x}", [0xB8, .. BitConverter.GetBytes(leaf), 0x0F, 0xA2]);
        }
    }

    private static IEnumerable<HostileGuest> Calls()
    {
        const string Attack = "calls";
        yield return Fault(Attack, "syscall", [0xB8, 39, 0, 0, 0, 0x0F, 0x05]);
        yield return Fault(Attack, "sysenter", [0x0F, 0x34]);
        foreach (int vector in (int[])[0, 1, 2, 3, 4, 6, 8, 13, 14, 18, 0x20, 0x21, 0x80, 0x82, 0xEC, 0xF0, 0xFF])
        {
            yield return Fault(Attack, $"int {vector:x}", [0xB8, 20, 0, 0, 0, 0xCD, (byte)vector]);
        }

        yield return Fault(Attack, "int3", [0xCC]);
        yield return Fault(Attack, "int1", [0xF1]);
        yield return Fault(Attack, "iretq into ring 0",
            [0x6A, 0x10, 0x54, 0x6A, 0x02, 0x6A, 0x08, 0x6A, 0x00, 0x48, 0xCF]);
        yield return Fault(Attack, "retfq into ring 0", [0x6A, 0x08, 0x6A, 0x00, 0x48, 0xCB]);
        yield return Fault(Attack, "far call through a task", [0x6A, 0x28, 0x6A, 0x00, 0x48, 0xFF, 0x1C, 0x24]);
        yield return Fault(Attack, "far jump into 32-bit code", [0x6A, 0x23, 0x6A, 0x00, 0x48, 0xCB]);
        yield return Fault(Attack, "far jump by the host's selectors", [0x6A, 0x33, 0x6A, 0x00, 0x48, 0xCB]);
        yield return Fault(Attack, "stack segment of ring 0", [0xB8, 0x10, 0, 0, 0, 0x8E, 0xD0]);
        yield return Fault(Attack, "data segment of ring 0", [0xB8, 0x10, 0, 0, 0, 0x8E, 0xD8]);
        yield return Fault(Attack, "segment beyond the table", [0xB8, 0xF8, 0xFF, 0, 0, 0x8E, 0xE0]);
    }

    // The campaign answers growth of memory and refuses every other call, as an engine does.
    private static IEnumerable<HostileGuest> Control()
    {
        const string Attack = "rings";
        long block = GuestMap.ControlBase + GuestMap.Control.CallBlock;
        byte[] fill = // rep stosb over the whole control area
        [
            0x48, 0xBF, .. BitConverter.GetBytes(GuestMap.ControlBase), .. MovRcx(GuestMap.Control.Module), 0xB0, 0xFF,
            0xF3, 0xAA,
        ];
        byte[] grow = [0xB8, GuestMap.HostCall.MemoryGrow, 0, 0, 0, 0xE7, GuestMap.Port.HostCall];
        yield return Harmless(Attack, "overwrites every cell", fill);
        yield return Harmless(Attack, "overwrites every cell and asks for memory", [.. fill, .. grow]);
        yield return Harmless(Attack, "asks for memory of window 2^31-1",
            [.. MovRax(block), 0xC7, 0x00, 0xFF, 0xFF, 0xFF, 0x7F, .. grow]);
        yield return Harmless(Attack, "asks for 2^32-1 pages", [.. MovRax(block), 0x83, 0x48, 0x10, 0xFF, .. grow]);
        yield return Harmless(Attack, "says it has 2^63-1 octets",
            [
                .. MovRax(long.MaxValue), 0x48, 0xA3,
                .. BitConverter.GetBytes(GuestMap.ControlBase + GuestMap.Control.MemorySizes), .. grow,
            ]);
        yield return Fault(Attack, "says it has 2^63-1 octets and uses them",
            [
                .. MovRax(long.MaxValue), 0x48, 0xA3,
                .. BitConverter.GetBytes(GuestMap.ControlBase + GuestMap.Control.MemorySizes),
                .. MovRax(1L << 20), 0x88, 0x00,
            ]);
        yield return Harmless(Attack, "a trap of a kind that is none",
            [
                .. MovRax(GuestMap.ControlBase + GuestMap.Control.Trap), 0xC7, 0x00, 0xEF, 0xBE, 0xAD, 0xDE, 0x0F, 0x0B,
            ]);
        foreach (int number in (int[])[0, 2, 15, -1, int.MinValue, int.MaxValue])
        {
            yield return Harmless(Attack, $"host call {number}",
                [0xB8, .. BitConverter.GetBytes(number), 0xE7, GuestMap.Port.HostCall]);
        }

        yield return Stopped(Attack, "a storm of host calls", [0xE7, GuestMap.Port.HostCall, 0xEB, 0xFC]);
        yield return Stopped(Attack, "a storm of growth", [.. grow, 0xEB, 0xF7]);
    }

    private static IEnumerable<HostileGuest> Loops()
    {
        const string Attack = "loops";
        yield return Stopped(Attack, "jmp", [0xEB, 0xFE]);
        yield return Stopped(Attack, "pause", [0xF3, 0x90, 0xEB, 0xFC]);
        yield return Stopped(Attack, "calls and returns", [0xE8, 0x02, 0, 0, 0, 0xEB, 0xF9, 0xC3]);
        yield return Stopped(Attack, "rep stosb over its memory",
            [0x31, 0xFF, .. MovRcx(0x1_0000), 0xF3, 0xAA, 0xEB, 0xF0]);
        yield return Stopped(Attack, "rep movsb of nothing", [0x31, 0xC9, 0xF3, 0xA4, 0xEB, 0xFA]);
        yield return Stopped(Attack, "loop", [0x31, 0xC9, 0xE2, 0xFE, 0xEB, 0xFA]);
        yield return Stopped(Attack, "locked additions", [0xF0, 0x48, 0xFF, 0x04, 0x25, 0, 0, 0, 0, 0xEB, 0xF5]);
        yield return Stopped(Attack, "a locked addition across two lines",
            [0xF0, 0x48, 0xFF, 0x04, 0x25, 0x3C, 0, 0, 0, 0xEB, 0xF5]);
        yield return Stopped(Attack, "divisions", [0x6A, 0x01, 0x31, 0xD2, 0x48, 0xF7, 0x34, 0x24, 0xEB, 0xF8]);
        yield return Stopped(Attack, "cpuid", [0x0F, 0xA2, 0xEB, 0xFC]);
        yield return Stopped(Attack, "serialising fences", [0x0F, 0xAE, 0xF0, 0xEB, 0xFB]);
        yield return Stopped(Attack, "flushes of its own lines", [0x31, 0xC0, 0x0F, 0xAE, 0x38, 0xEB, 0xFB]);
        yield return Stopped(Attack, "the floating-point unit", [0x9B, 0xDB, 0xE3, 0xD9, 0xE8, 0xD9, 0xFB, 0xEB, 0xF7]);
        yield return Fault(Attack, "single steps", [0x9C, 0x81, 0x0C, 0x24, 0, 1, 0, 0, 0x9D, 0x90, 0xEB, 0xFD]);
        yield return Fault(Attack, "pushes for ever", [0x50, 0xEB, 0xFD]);
        yield return Fault(Attack, "calls itself for ever", [0xE8, 0xFB, 0xFF, 0xFF, 0xFF]);
    }

    private static IEnumerable<HostileGuest> State()
    {
        const string Attack = "state";
        yield return Fault(Attack, "faults without a stack", [0x31, 0xE4, 0x0F, 0x0B]);
        yield return Fault(Attack, "faults with a stack that is no address", [.. MovRsp(1L << 47), 0x0F, 0x0B]);
        yield return Fault(Attack, "pushes on a stack that is no address", [.. MovRsp(1L << 47), 0x50]);
        yield return Fault(Attack, "puts its stack into ring 0", [.. MovRsp(Ring0 + 0x4000), 0x50]);
        yield return Fault(Attack, "faults with its stack in ring 0", [.. MovRsp(Ring0 + 0x4000), 0x0F, 0x0B]);
        yield return Fault(Attack, "faults with its stack in its code", [.. MovRsp(GuestMap.TextBase + 8), 0x50]);
        yield return Fault(Attack, "iret with nested task", [0x9C, 0x81, 0x0C, 0x24, 0, 0x40, 0, 0, 0x9D, 0x48, 0xCF]);
        yield return Fault(Attack, "alignment checks",
            [0x9C, 0x81, 0x0C, 0x24, 0, 0, 4, 0, 0x9D, 0xB8, 1, 0, 0, 0, 0x8B, 0x00]);
        yield return Fault(Attack, "gives itself all ports",
            [0x9C, 0x81, 0x0C, 0x24, 0, 0x30, 0, 0, 0x9D, 0xE7, 0x80]);
        yield return Harmless(Attack, "turns strings around", [0xFD]);
        yield return Fault(Attack, "control bits of SSE that are none",
            [0x68, 0xFF, 0xFF, 0xFF, 0x7F, 0x0F, 0xAE, 0x14, 0x24]);
        yield return Fault(Attack, "exceptions of SSE that nobody asked for",
            [0x6A, 0x00, 0x0F, 0xAE, 0x14, 0x24, 0x0F, 0x57, 0xC0, 0x0F, 0x5E, 0xC0]);
        yield return Fault(Attack, "exceptions of the floating-point unit",
            [0x6A, 0x00, 0xD9, 0x2C, 0x24, 0xD9, 0xE8, 0xD9, 0xEE, 0xDE, 0xF9, 0x9B]);
        yield return Fault(Attack, "a division by zero", [0x31, 0xC9, 0xF7, 0xF1]);
        yield return Fault(Attack, "restores a state that is none",
            [
                0xC7, 0x04, 0x25, 0, 2, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF,
                0xC7, 0x04, 0x25, 4, 2, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F,
                0xB8, 7, 0, 0, 0, 0x31, 0xD2, 0x0F, 0xAE, 0x2C, 0x25, 0, 0, 0, 0,
            ]);
    }
}
