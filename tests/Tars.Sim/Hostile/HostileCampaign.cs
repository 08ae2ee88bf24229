using System.Globalization;
using Tars.Engine.Vm.Kvm;
using Tars.Engine.Vm.Machine;

namespace Tars.Sim.Hostile;

/// <summary>Runs attacks in micro-VMs, and looks after each at its neighbour, its machine and the next guest.</summary>
internal sealed class HostileCampaign : IDisposable
{
    private const byte Secret = 0x5E;

    private static readonly TimeSpan _wall = TimeSpan.FromMilliseconds(20);

    private static readonly VmShape _shape = new(
        TextSize: GuestMap.PageSize,
        ReadOnlySize: GuestMap.PageSize,
        ControlSize: GuestMap.Control.Module + GuestMap.PageSize,
        StackSize: 64 << 10,
        MemorySize: GuestMap.WasmPageSize,
        MemoryMax: 1 << 20);

    // What any guest may count on: zeros, strings that run upwards, an empty x87 stack, and that its sum is right.
    private static readonly byte[] _reference =
    [
        0xB9, 0x00, 0x40, 0x00, 0x00,                         // mov ecx, 16384
        0x31, 0xFF,                                           // xor edi, edi
        0x31, 0xDB,                                           // xor ebx, ebx
        0x8B, 0x07, 0x01, 0xC3,                               // mov eax, [rdi]; add ebx, eax
        0xC7, 0x07, 0x03, 0x00, 0x00, 0x00,                   // mov dword [rdi], 3
        0x83, 0xC7, 0x04,                                     // add edi, 4
        0xFF, 0xC9, 0x75, 0xEF,                               // dec ecx; jnz to the load
        0xB9, 0x02, 0x00, 0x00, 0x00, 0x31, 0xF6, 0x31, 0xFF, // mov ecx, 2; xor esi, esi; xor edi, edi
        0xF3, 0xA5,                                           // rep movsd
        0x8D, 0x44, 0x3B, 0x22,                               // lea eax, [rbx+rdi+34]
        0xE7, GuestMap.Port.HostCall,
        0xE7, GuestMap.Port.Done,
    ];

    private readonly VmHost _host;
    private readonly MicroVm _neighbour;
    private readonly VmImage _guest;

    private HostileCampaign(VmHost host)
    {
        _host = host;
        _guest = new VmImage(_shape, _reference, ReadOnlyMemory<byte>.Empty, ReadOnlyMemory<byte>.Empty);
        _neighbour = host.Start(_guest);
        _neighbour.Memory(0).Fill(Secret);
    }

    /// <summary>What happened to all machines so far.</summary>
    public VmCounts Counts => _host.Counts;

    /// <exception cref="KvmException">This system has no micro-VMs.</exception>
    public static HostileCampaign Open() => new(VmHost.Open());

    /// <summary>All attacks, as a table.</summary>
    /// <returns>An exit status.</returns>
    public static int Run()
    {
        HostileCampaign campaign;
        try
        {
            campaign = Open();
        }
        catch (KvmException refusal)
        {
            Console.WriteLine($"hostile: skipped, because there are no micro-VMs here: {refusal.Message}");
            return 0;
        }

        using (campaign)
        {
            int failed = 0;
            foreach (var guest in HostileGuests.All)
            {
                var (end, mistake) = campaign.Try(guest);
                failed += mistake is null ? 0 : 1;
                string verdict = mistake is null ? "contained" : $"FAILED: {mistake}";
                Console.WriteLine($"  {guest.Attack,-11}{guest.Name,-48}{end,-34}{verdict}");
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"hostile: {HostileGuests.All.Length - failed} contained, {failed} failed"));
            foreach (var (name, count) in campaign.Counts.Breaches())
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name}: {count}"));
            }

            return failed == 0 ? 0 : 1;
        }
    }

    /// <summary>One attack.</summary>
    /// <returns>How it ended, and what is wrong with that; null when it was contained.</returns>
    public (string End, string? Mistake) Try(HostileGuest guest)
    {
        var machine = _host.Start(_guest with { Text = guest.Code });
        var before = machine.DigestOfFixed();
        var exit = RunAll(machine);
        string end = Tell(exit);
        string? mistake = IsExpected(guest.End, exit) ? null : "ended otherwise than it must";
        mistake ??= before.AsSpan().SequenceEqual(machine.DigestOfFixed()) ? null : "changed what it cannot write";
        mistake ??= exit.IsBreach == machine.IsPoisoned ? null : "poisoned by no breach, or the other way round";
        mistake ??= _neighbour.Look(0).ContainsAnyExcept(Secret) ? "changed its neighbour" : null;
        _host.Give(machine);
        return (end, mistake ?? NextGuest());
    }

    public void Dispose()
    {
        _host.Destroy(_neighbour);
        _host.Dispose();
    }

    // As an engine answers: growth is carried out, every other call is refused and ends the guest.
    private static VmExit RunAll(MicroVm machine)
    {
        var exit = machine.Run(GuestMap.TextBase, VmDeadline.After(_wall, cpu: null));
        while (exit is { Kind: VmExitKind.HostCall, Number: GuestMap.HostCall.MemoryGrow or 0 })
        {
            if (exit.Number != 0)
            {
                machine.AnswerMemoryGrow();
            }

            exit = machine.Resume();
        }

        return exit;
    }

    private static bool IsExpected(HostileEnd end, in VmExit exit) => end switch
    {
        HostileEnd.Fault => exit.Kind is VmExitKind.Fault,
        HostileEnd.Broken => exit.Kind is VmExitKind.Broken or VmExitKind.Fault,
        HostileEnd.Stopped => exit.Kind is VmExitKind.Preempted,
        HostileEnd.Harmless => exit.Kind is not VmExitKind.Preempted,
    };

    private static string Tell(in VmExit exit) => exit.Kind switch
    {
        VmExitKind.Done => "its own end",
        VmExitKind.HostCall => string.Create(CultureInfo.InvariantCulture, $"host call {exit.Number} refused"),
        VmExitKind.Fault when exit.Fault.Vector == FaultVector.PageFault =>
            string.Create(CultureInfo.InvariantCulture, $"page fault at {exit.Fault.Address:x}"),
        VmExitKind.Fault => exit.Fault.Vector.ToString(),
        VmExitKind.Preempted => exit.Stop.ToString(),
        VmExitKind.Broken => string.Create(CultureInfo.InvariantCulture, $"{exit.Breach} {exit.Number:x}"),
    };

    // Two machines: one from the pool, most likely that of the attack, and one that is new.
    private string? NextGuest()
    {
        var pooled = _host.Start(_guest);
        string? mistake = Check(pooled);
        _host.Give(pooled);
        return mistake;
    }

    private static string? Check(MicroVm machine)
    {
        const int Answer = 34 + 8;
        if (machine.Look(0).ContainsAnyExcept((byte)0)
            || machine.Control[GuestMap.Control.Module..].ContainsAnyExcept((byte)0))
        {
            return "left something in the memory of the next guest";
        }

        var exit = machine.Run(GuestMap.TextBase, VmDeadline.After(TimeSpan.FromSeconds(10), cpu: null));
        return exit != VmExit.HostCall(Answer) ? $"the next guest answered {Tell(exit)}"
            : machine.Resume() != VmExit.Done ? "the next guest did not end"
            : null;
    }
}
