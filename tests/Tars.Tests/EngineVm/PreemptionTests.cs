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
