using System.Collections.Immutable;
using Tars.Engine.Vm.Machine;

namespace Tars.Sim.Hostile;

/// <summary>Every attack, one row each. To add one, write its octets and say how it has to end.</summary>
internal static partial class HostileGuests
{
    private static readonly byte[] _done = [0xE7, GuestMap.Port.Done]; // out Done, eax

    public static ImmutableArray<HostileGuest> All { get; } =
    [
        .. Memory(), .. Tables(), .. Ports(), .. Registers(), .. Privileged(), .. Calls(), .. Control(), .. Loops(),
        .. State(),
    ];

    private static IEnumerable<HostileGuest> Memory()
    {
        const string Attack = "memory";
        yield return Fault(Attack, "reads behind its memory", [.. MovRax(GuestMap.WasmPageSize), 0x48, 0x8B, 0x00]);
        yield return Fault(Attack, "writes behind its memory", [.. MovRax(GuestMap.WasmPageSize), 0x48, 0x89, 0x00]);
        yield return Fault(Attack, "reads before the memory", [.. MovRax(-8), 0x48, 0x8B, 0x00]);
        yield return Fault(Attack, "reads the next window", [.. MovRax(GuestMap.WindowStride), 0x48, 0x8B, 0x00]);
        yield return Fault(Attack, "reads where its memory lies for the host", [.. MovRax(4L << 30), 0x48, 0x8B, 0x00]);
        yield return Fault(Attack, "reads between windows and code",
            [.. MovRax(GuestMap.TextBase - GuestMap.PageSize), 0x48, 0x8B, 0x00]);
        yield return Fault(Attack, "reads behind its code",
            [.. MovRax(GuestMap.TextBase + (64 * GuestMap.PageSize)), 0x48, 0x8B, 0x00]);
        yield return Fault(Attack, "reads behind the control area",
            [.. MovRax(GuestMap.ControlBase + (1 << 20)), 0x48, 0x8B, 0x00]);
        yield return Fault(Attack, "reads an address that is none", [.. MovRax(1L << 47), 0x48, 0x8B, 0x00]);
        yield return Fault(Attack, "reads the host's kernel", [.. MovRax(-0x8000_0000L), 0x48, 0x8B, 0x00]);
        yield return Fault(Attack, "writes the host's kernel", [.. MovRax(-0x8000_0000L), 0x48, 0x89, 0x00]);
        yield return Fault(Attack, "reads the page for old system calls", [.. MovRax(-0xA0_0000L), 0x48, 0x8B, 0x00]);
        yield return Fault(Attack, "jumps into the host's kernel", [.. MovRax(-0x8000_0000L), 0xFF, 0xE0]);
        yield return Fault(Attack, "jumps to an address that is none", [.. MovRax(1L << 47), 0xFF, 0xE0]);
        yield return Fault(Attack, "copies past the end with rep movsb",
            [0x31, 0xF6, 0xBF, 0x10, 0, 0, 0, .. MovRcx(-1), 0xF3, 0xA4]);

        const string Code = "code";
        yield return Fault(Code, "writes its own code", [.. MovRax(GuestMap.TextBase), 0x88, 0x00]);
        yield return Fault(Code, "writes its own next instruction", [0x88, 0x05, 0x00, 0x00, 0x00, 0x00]);
        yield return Fault(Code, "writes its constants",
            [.. MovRax(GuestMap.TextBase + GuestMap.PageSize), 0x88, 0x00]);
        yield return Fault(Code, "runs its memory", [0xC6, 0x04, 0x25, 0, 0, 0, 0, 0x90, 0x31, 0xC0, 0xFF, 0xE0]);
        yield return Fault(Code, "runs its stack", [0x68, 0x90, 0x90, 0x90, 0x90, 0xFF, 0xE4]);
        yield return Fault(Code, "runs its control area", [.. MovRax(GuestMap.ControlBase), 0xFF, 0xE0]);
        yield return Fault(Code, "runs its constants",
            [.. MovRax(GuestMap.TextBase + GuestMap.PageSize), 0xFF, 0xE0]);
        yield return Fault(Code, "runs into the pages of ring 0", [.. MovRax(Ring0 + 0x2000), 0xFF, 0xE0]);
        yield return Fault(Code, "returns to nowhere", [0xC3]);
    }

    private static IEnumerable<HostileGuest> Tables()
    {
        const string Attack = "tables";
        yield return Fault(Attack, "reads the page tables' root", [0x0F, 0x20, 0xD8]);
        yield return Fault(Attack, "sets the page tables' root", [0x31, 0xC0, 0x0F, 0x22, 0xD8]);
        yield return Fault(Attack, "drops a translation", [0x0F, 0x01, 0x38]);
        yield return Fault(Attack, "drops translations of others", [0x66, 0x0F, 0x38, 0x82, 0x00]);
        yield return Fault(Attack, "reads the segments", [.. MovRax(Ring0), 0x48, 0x8B, 0x00]);
        yield return Fault(Attack, "writes the segments", [.. MovRax(Ring0), 0x48, 0x89, 0x00]);
        yield return Fault(Attack, "writes the ports it may use", [.. MovRax(Ring0 + 0x168), 0x48, 0x89, 0x00]);
        yield return Fault(Attack, "reads the gates", [.. MovRax(Ring0 + 0x1000), 0x48, 0x8B, 0x00]);
        yield return Fault(Attack, "writes the gates", [.. MovRax(Ring0 + 0x10E0), 0x48, 0x89, 0x00]);
        yield return Fault(Attack, "writes the stubs", [.. MovRax(Ring0 + 0x2000), 0x48, 0x89, 0x00]);
        yield return Fault(Attack, "reads the stack of ring 0", [.. MovRax(Ring0 + 0x3FD8), 0x48, 0x8B, 0x00]);
        yield return Fault(Attack, "writes the stack of ring 0", [.. MovRax(Ring0 + 0x3FD8), 0x48, 0x89, 0x00]);
        yield return Fault(Attack, "loads other gates", [0x0F, 0x01, 0x18]);
        yield return Fault(Attack, "loads other segments", [0x0F, 0x01, 0x10]);
        yield return Fault(Attack, "loads a local table", [0x31, 0xC0, 0x0F, 0x00, 0xD0]);
        yield return Fault(Attack, "loads a task", [0xB8, 0x28, 0, 0, 0, 0x0F, 0x00, 0xD8]);
        yield return Harmless(Attack, "asks where the segments are", [0x31, 0xC0, 0x0F, 0x01, 0x00]);
        yield return Harmless(Attack, "asks where the gates are", [0x31, 0xC0, 0x0F, 0x01, 0x08]);
        yield return Harmless(Attack, "asks for the local table", [0x0F, 0x00, 0xC0]);
        yield return Harmless(Attack, "asks for the task", [0x0F, 0x00, 0xC8]);
        yield return Harmless(Attack, "asks for the machine status", [0x0F, 0x01, 0xE0]);
        yield return Harmless(Attack, "asks what a segment of ring 0 allows", [0xB8, 8, 0, 0, 0, 0x0F, 0x02, 0xD8]);
    }

    private static IEnumerable<HostileGuest> Ports()
    {
        const string Attack = "ports";
        foreach (int port in (int[])[0x00, 0x0F, 0x18, 0x20, 0x60, 0x64, 0x70, 0x80, 0x92, 0xFE])
        {
            yield return Fault(Attack, $"out {port:X2}", [0xE6, (byte)port]);
        }

        foreach (int port in (int[])[0x3F8, 0x402, 0x510, 0x604, 0xCF8, 0xCFC, 0x5658, 0xFFFF])
        {
            yield return Fault(Attack, $"in {port:X}", [0x66, 0xBA, (byte)port, (byte)(port >> 8), 0xED]);
            yield return Fault(Attack, $"out {port:X}", [0x66, 0xBA, (byte)port, (byte)(port >> 8), 0xEF]);
        }

        yield return Fault(Attack, "a door and the port behind it", [0xE7, GuestMap.Port.HostCall + 1]);
        yield return Broken(Attack, "an octet at a door", [0xE6, GuestMap.Port.Done]);
        yield return Broken(Attack, "a word at a door", [0x66, 0xE7, GuestMap.Port.HostCall]);
        yield return Broken(Attack, "beside a door", [0xE7, GuestMap.Port.Done + 1]);
        yield return Broken(Attack, "reads from a door", [0xE5, GuestMap.Port.HostCall]);
        yield return Harmless(Attack, "a string out of a door",
            [
                0x66, 0xBA, GuestMap.Port.HostCall, 0, .. MovRcx(1 << 10),
                0x48, 0xBE, .. BitConverter.GetBytes(GuestMap.TextBase), 0xF3, 0x6F,
            ]);
        yield return Broken(Attack, "a string in by a door",
            [0x66, 0xBA, GuestMap.Port.HostCall, 0, .. MovRcx(1 << 14), 0x31, 0xFF, 0xF3, 0x6D]);
        yield return Fault(Attack, "a string out of its memory's end",
            [0x66, 0xBA, GuestMap.Port.HostCall, 0, .. MovRcx(4), 0xBE, 0, 0, 1, 0, 0xF3, 0x6F]);
    }

    private static IEnumerable<HostileGuest> Registers()
    {
        const string Attack = "registers";
        foreach (uint register in (uint[])[0x10, 0x1B, 0x48, 0x174, 0x1D9, 0x277, 0xC000_0080, 0xC000_0082])
        {
            byte[] choose = [0xB9, .. BitConverter.GetBytes(register)];
            yield return Fault(Attack, $"rdmsr {register:x}", [.. choose, 0x0F, 0x32]);
            yield return Fault(Attack, $"wrmsr {register:x}", [.. choose, 0x31, 0xC0, 0x31, 0xD2, 0x0F, 0x30]);
        }

        yield return Fault(Attack, "rdpmc", [0x31, 0xC9, 0x0F, 0x33]);
        yield return Fault(Attack, "xsetbv", [0x31, 0xC9, 0xB8, 7, 0, 0, 0, 0x31, 0xD2, 0x0F, 0x01, 0xD1]);
        yield return Harmless(Attack, "xgetbv", [0x31, 0xC9, 0x0F, 0x01, 0xD0]);
        yield return Harmless(Attack, "rdtsc", [0x0F, 0x31]);
        yield return Harmless(Attack, "rdtscp", [0x0F, 0x01, 0xF9]);
        yield return Harmless(Attack, "rdpid", [0xF3, 0x0F, 0xC7, 0xF8]);
        yield return Harmless(Attack, "rdrand", [0x48, 0x0F, 0xC7, 0xF0]);
        yield return Harmless(Attack, "wrpkru", [0x31, 0xC0, 0x31, 0xC9, 0x31, 0xD2, 0x0F, 0x01, 0xEF]);
        yield return Harmless(Attack, "denies all memory to itself and ends",
            [0xB8, 0xFF, 0xFF, 0xFF, 0xFF, 0x31, 0xC9, 0x31, 0xD2, 0x0F, 0x01, 0xEF]);
        yield return Fault(Attack, "denies all memory to itself and writes",
            [0xB8, 0xFF, 0xFF, 0xFF, 0xFF, 0x31, 0xC9, 0x31, 0xD2, 0x0F, 0x01, 0xEF, 0x88, 0x04, 0x25, 0, 0, 0, 0]);
        yield return Harmless(Attack, "wrfsbase", [.. MovRax(-0x8000_0000L), 0xF3, 0x48, 0x0F, 0xAE, 0xD0]);
        yield return Fault(Attack, "wrfsbase and a read through it",
            [.. MovRax(-0x8000_0000L), 0xF3, 0x48, 0x0F, 0xAE, 0xD0, 0x64, 0x48, 0x8B, 0x04, 0x25, 0, 0, 0, 0]);
        yield return Fault(Attack, "mov cr0", [0x0F, 0x22, 0xC0]);
        yield return Fault(Attack, "mov cr4", [0x0F, 0x22, 0xE0]);
        yield return Fault(Attack, "mov cr8", [0x44, 0x0F, 0x22, 0xC0]);
        yield return Fault(Attack, "reads dr7", [0x0F, 0x21, 0xF8]);
        yield return Fault(Attack, "writes dr7", [0x0F, 0x23, 0xF8]);
    }

    private static long Ring0 => GuestMap.SupervisorBase;

    private static HostileGuest Fault(string attack, string name, byte[] code) =>
        new(attack, name, HostileEnd.Fault, [.. code, .. _done]);

    private static HostileGuest Broken(string attack, string name, byte[] code) =>
        new(attack, name, HostileEnd.Broken, [.. code, .. _done]);

    private static HostileGuest Harmless(string attack, string name, byte[] code) =>
        new(attack, name, HostileEnd.Harmless, [.. code, .. _done]);

    private static HostileGuest Stopped(string attack, string name, byte[] code) =>
        new(attack, name, HostileEnd.Stopped, code);

    private static byte[] MovRax(long value) => [0x48, 0xB8, .. BitConverter.GetBytes(value)];

    private static byte[] MovRcx(long value) => [0x48, 0xB9, .. BitConverter.GetBytes(value)];

    private static byte[] MovRsp(long value) => [0x48, 0xBC, .. BitConverter.GetBytes(value)];
}
