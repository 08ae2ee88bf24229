using Tars.Engine.Vm.Machine;
using Xunit;

namespace Tars.Tests.EngineVm;

/// <summary>Machines that do not stop by themselves are stopped, and go on where they were.</summary>
public sealed class PreemptionTests
{
    // inc qword [rdi] for ever, with rdi at the first octets of the image's own control area.
    private static readonly byte[] _counting =
    [
        0x48, 0xBF, 0x00, 0x50, 0x01, 0x40, 0x00, 0x01, 0x00, 0x00, // mov rdi, control + Module
        0x48, 0xFF, 0x07,                                           // inc qword [rdi]
        0xEB, 0xFB,                                                 // jmp to inc
    ];

    [Fact]
    public void An_endless_loop_is_stopped_by_the_clock_on_the_wall()
    {
        using var machine = Machines.Start(_counting);
        var exit = machine.Run(Machines.Entry, VmDeadline.After(TimeSpan.FromMilliseconds(5), cpu: null));
        Assert.Equal(VmExit.Preempted(VmStop.WallDeadline), exit);
        Assert.True(0 < Count(machine));
        Assert.False(machine.IsPoisoned);
    }

    [Fact]
    public void An_endless_loop_is_stopped_by_the_time_of_its_thread()
    {
        using var machine = Machines.Start(_counting);
        var exit = machine.Run(Machines.Entry, VmDeadline.After(wall: null, TimeSpan.FromMilliseconds(5)));
        Assert.Equal(VmExit.Preempted(VmStop.CpuDeadline), exit);
    }

    [Fact]
    public void Another_thread_stops_a_machine_and_it_goes_on_where_it_was()
    {
        using var machine = Machines.Start(_counting);
        long before = 0;
        for (int time = 0; time < 20; time++)
        {
            using var stopped = new ManualResetEventSlim();
            var other = new Thread(() =>
            {
                while (!stopped.IsSet)
                {
                    machine.Preempt();
                    Thread.Yield();
                }
            });
            other.Start();
            var exit = time == 0 ? machine.Run(Machines.Entry) : machine.Resume();
            stopped.Set();
            other.Join();
            Assert.Equal(VmExit.Preempted(VmStop.Asked), exit);
            Assert.True(before <= Count(machine));
            before = Count(machine);
        }

        // However little time this thread gets, it counts on in the end.
        while (Count(machine) <= before)
        {
            _ = machine.Resume(VmDeadline.After(TimeSpan.FromMilliseconds(2), cpu: null));
        }
    }

    [Fact]
    public void A_machine_that_was_stopped_goes_on_with_its_own_wide_registers()
    {
        using var neighbour = Machines.Start(0xC5, 0xFC, 0x77, 0xE7, 0x10); // vzeroall; out Done, eax
        using var machine = Machines.Start(
        [
            0xC5, 0xFD, 0x76, 0xC0,                      // vpcmpeqd ymm0, ymm0, ymm0
            0xC5, 0x7D, 0x76, 0xF8,                      // vpcmpeqd ymm15, ymm0, ymm0
            .. _counting[..^2],
            0xC5, 0xFE, 0x7F, 0x04, 0x25, 0, 0, 0, 0,    // vmovdqu [0], ymm0
            0xC5, 0x7E, 0x7F, 0x3C, 0x25, 0x20, 0, 0, 0, // vmovdqu [32], ymm15
            0xEB, 0xE9,                                  // jmp to inc
        ]);
        static VmDeadline Soon() => VmDeadline.After(TimeSpan.FromMilliseconds(2), cpu: null);
        _ = machine.Run(Machines.Entry, Soon());
        for (int time = 0; time < 20; time++)
        {
            Assert.Equal(VmExit.Done, neighbour.Run(Machines.Entry));
            machine.Memory(0)[..64].Clear();
            for (long before = Count(machine); Count(machine) < before + 2;)
            {
                Assert.Equal(VmExit.Preempted(VmStop.WallDeadline), machine.Resume(Soon()));
            }

            Assert.False(machine.Look(0)[..64].ContainsAnyExcept((byte)0xFF));
        }
    }

    [Fact]
    public void Nothing_is_stopped_when_nothing_runs_and_the_next_run_is_not_disturbed()
    {
        using var machine = Machines.Start(0xE7, 0x10);
        Assert.False(machine.Preempt());
        Assert.Equal(VmExit.Done, machine.Run(Machines.Entry));
    }

    [Fact]
    public void A_guest_that_only_calls_cannot_outrun_its_deadline()
    {
        using var machine = Machines.Start(0xE7, 0x14, 0xEB, 0xFC); // out HostCall, eax; jmp back
        var exit = machine.Run(Machines.Entry, VmDeadline.After(TimeSpan.FromMilliseconds(5), cpu: null));
        while (exit.Kind == VmExitKind.HostCall)
        {
            exit = machine.Resume();
        }

        Assert.Equal(VmExit.Preempted(VmStop.WallDeadline), exit);
        Assert.Equal(exit, machine.Resume());
    }

    [Fact]
    public void A_deadline_of_one_run_does_not_stop_the_next()
    {
        using var machine = Machines.Start(0xE7, 0x10);
        for (int time = 0; time < 200; time++)
        {
            var exit = machine.Run(Machines.Entry, VmDeadline.After(TimeSpan.FromMicroseconds(50), cpu: null));
            Assert.True(exit.Kind is VmExitKind.Done or VmExitKind.Preempted);
            Assert.Equal(VmExit.Done, machine.Run(Machines.Entry));
        }
    }

    [Fact]
    public void Wherever_a_machine_was_stopped_the_next_code_runs_in_ring_three()
    {
        using var machine = Machines.Start(
            0x48, 0xBF, 0x08, 0x00, 0x01, 0x40, 0x00, 0x01, 0x00, 0x00, // mov rdi, trap cell
            0xC7, 0x07, 0x05, 0x00, 0x00, 0x00,                         // mov dword [rdi], 5
            0x0F, 0x0B,                                                 // ud2: ring 0 begins here
            0x8C, 0xC8,                                                 // mov eax, cs
            0x89, 0x04, 0x25, 0x00, 0x00, 0x00, 0x00,                   // mov [0], eax
            0xE7, 0x10);                                                // out Done, eax
        const int Behind = 18;
        for (int time = 0; time < 300; time++)
        {
            var most = TimeSpan.FromMicroseconds(1 + (time % 60));
            var exit = machine.Run(Machines.Entry, VmDeadline.After(most, cpu: null));
            Assert.True(exit.Kind is VmExitKind.Fault or VmExitKind.Preempted);
            Assert.Equal(VmExit.Done, machine.Run(Machines.Entry + Behind));
            Assert.Equal(3, machine.Look(0)[0] & 3);
        }
    }

    private static long Count(MicroVm machine) => BitConverter.ToInt64(machine.Control[GuestMap.Control.Module..]);
}
