using Tars.Engine.Vm.Machine;
using Xunit;

namespace Tars.Tests.EngineVm;

/// <summary>Machines are set back, forked and given to the next guest; nothing is left and nothing is lost.</summary>
public sealed class SnapshotTests
{
    private const int Large = 4 << 20;

    // Adds 1 to the octet of memory, and to the first of the image's control area, that the call block says.
    private static readonly byte[] _touching =
    [
        0x48, 0xBF, 0x00, 0x10, 0x01, 0x40, 0x00, 0x01, 0x00, 0x00, // mov rdi, call block
        0x8B, 0x07,                                                 // mov eax, [rdi]
        0xFE, 0x00,                                                 // inc byte [rax]
        0xFE, 0x87, 0x00, 0x40, 0x00, 0x00,                         // inc byte [rdi+0x4000]
        0xE7, 0x10,                                                 // out Done, eax
    ];

    [Theory]
    [InlineData(GuestMap.WasmPageSize)]
    [InlineData(Large)]
    public void A_restore_undoes_what_guest_and_host_did(int size)
    {
        using var machine = Start(size);
        Touch(machine, 100);
        machine.Write(window: 0, size - 3, [1, 2, 3]);
        using var snapshot = machine.Save();
        var before = machine.Look(0).ToArray();
        var control = machine.Control[GuestMap.Control.Module..].ToArray();
        for (int time = 0; time < 5; time++)
        {
            Touch(machine, 100);
            Touch(machine, size - 1);
            Touch(machine, size / 2);
            machine.Write(window: 0, (size / 4) - 2, [9, 9, 9, 9]);
            if (time == 3)
            {
                machine.Memory(0)[size / 8] = 77;
            }

            Assert.False(before.AsSpan().SequenceEqual(machine.Look(0)));
            machine.Restore(snapshot);
            Assert.True(before.AsSpan().SequenceEqual(machine.Look(0)));
            Assert.True(control.AsSpan().SequenceEqual(machine.Control[GuestMap.Control.Module..]));
        }
    }

    // Few pages stay in KVM's log, many are cleared from it: 1, 20, 300 at a time, and others each time.
    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(300)]
    public void A_restore_undoes_what_was_written_however_often_and_wherever(int pages)
    {
        using var machine = Start(Large);
        using var snapshot = machine.Save();
        using var other = machine.Save();
        var before = machine.Look(0).ToArray();
        int pageCount = Large / GuestMap.PageSize;
        for (int time = 0; time < 8; time++)
        {
            for (int page = 0; page < pages; page++)
            {
                Touch(machine, ((((time / 2) * 37) + page) % pageCount * GuestMap.PageSize) + time);
            }

            machine.Restore(time == 5 ? other : snapshot);
            Assert.True(before.AsSpan().SequenceEqual(machine.Look(0)), $"round {time}");
        }
    }

    [Theory]
    [InlineData(GuestMap.WasmPageSize)]
    [InlineData(2 << 20)]
    public void A_restore_takes_back_growth(int size)
    {
        using var machine = Start(size);
        using var snapshot = machine.Save();
        Assert.True(machine.TryResize(window: 0, size + (5 * GuestMap.WasmPageSize)));
        Touch(machine, size + 1);
        machine.Restore(snapshot);
        Assert.Equal(size, machine.MemorySize(0));
        Assert.Equal(VmFaultKind.OutOfMemoryBounds, TryTouch(machine, size + 1).Fault.Kind);
        Assert.True(machine.TryResize(window: 0, size + GuestMap.WasmPageSize));
        Touch(machine, size + 1);
        Assert.Equal(1, machine.Look(0)[size + 1]);
    }

    // The small one is copied whole: meanwhile nobody notes what is written.
    [Fact]
    public void A_restore_of_a_large_snapshot_after_that_of_a_small_one_is_whole()
    {
        const int Small = 1 << 20;
        using var machine = Start(Small);
        using var small = machine.Save();
        Assert.True(machine.TryResize(window: 0, 2 * Small));
        Touch(machine, 7);
        Touch(machine, Small + 7);
        Touch(machine, (2 * Small) - 1);
        using var large = machine.Save();
        var before = machine.Look(0).ToArray();
        for (int time = 0; time < 3; time++)
        {
            machine.Restore(small);
            Assert.False(machine.Look(0).ContainsAnyExcept((byte)0));
            Assert.True(machine.TryResize(window: 0, 2 * Small));
            Touch(machine, Small + (Small / 2));
            machine.Restore(large);
            Assert.True(before.AsSpan().SequenceEqual(machine.Look(0)), $"round {time}");
            Touch(machine, Small + 7);
            machine.Restore(large);
            Assert.True(before.AsSpan().SequenceEqual(machine.Look(0)), $"round {time}, again");
        }
    }

    [Theory]
    [InlineData(GuestMap.WasmPageSize)]
    [InlineData(Large)]
    public void A_fork_goes_on_from_the_snapshot_and_shares_nothing(int size)
    {
        using var first = Start(size);
        Touch(first, 5);
        using var snapshot = first.Save();
        Touch(first, 5);
        using var second = Machines.Host.Fork(snapshot);
        using var third = Machines.Host.Fork(snapshot);
        Touch(second, 5);
        Touch(second, 5);
        Touch(third, size - 1);

        Assert.Equal((2, 3, 1), (first.Look(0)[5], second.Look(0)[5], third.Look(0)[5]));
        Assert.Equal((0, 0, 1), (first.Look(0)[^1], second.Look(0)[^1], third.Look(0)[^1]));
        second.Restore(snapshot);
        Assert.Equal((2, 1, 1), (first.Look(0)[5], second.Look(0)[5], third.Look(0)[5]));
    }

    [Fact]
    public void A_fork_outlives_its_snapshot_and_its_first()
    {
        MicroVm fork;
        using (var first = Start(Large))
        {
            first.Memory(0).Fill(7);
            using var snapshot = first.Save();
            fork = Machines.Host.Fork(snapshot);
        }

        using (fork)
        {
            Touch(fork, Large - 1);
            Assert.Equal((7, 8), (fork.Look(0)[0], fork.Look(0)[^1]));
            Assert.False(fork.IsReusable);
        }
    }

    [Fact]
    public void A_snapshot_is_only_for_machines_with_its_image()
    {
        using var machine = Start(GuestMap.WasmPageSize);
        using var other = Start(GuestMap.WasmPageSize);
        using var snapshot = machine.Save();
        Assert.Throws<ArgumentException>(() => other.Restore(snapshot));
    }

    [Fact]
    public void The_next_guest_of_a_machine_finds_nothing_of_the_last()
    {
        using var host = Machines.OwnHost();
        var shape = Machines.Shape(2 * GuestMap.WasmPageSize);
        var secretive = Machines.Image(
            shape,
            0x48, 0xB8, 0x5E, 0xC2, 0xE7, 0x5E, 0xC2, 0xE7, 0x5E, 0xC2, // mov rax, secret
            0x50, 0x50, 0x50, 0x50,                                     // push rax, four times
            0x48, 0x89, 0x04, 0x25, 0x00, 0x00, 0x00, 0x00,             // mov [0], rax
            0xC4, 0xE1, 0xF9, 0x6E, 0xC0,                               // vmovq xmm0, rax
            0xC4, 0xE2, 0x7D, 0x59, 0xF8,                               // vpbroadcastq ymm7, xmm0
            0xE7, 0x10);
        var first = host.Start(secretive);
        Assert.Equal(VmExit.Done, first.Run(Machines.Entry));
        first.Control[GuestMap.Control.Module..].Fill(0x5E);
        Assert.True(first.TryResize(window: 0, 4 * GuestMap.WasmPageSize));
        first.Memory(0).Fill(0x5E);
        host.Give(first);
        Assert.Equal(1, host.ReadyCount);

        // Puts what it finds where the host can look: general and vector registers, and the stack below it.
        var curious = Machines.Image(
            shape,
            0x48, 0x0B, 0x44, 0x24, 0xF8,                   // or rax, [rsp-8]
            0x48, 0x0B, 0x44, 0x24, 0xF0,                   // or rax, [rsp-16]
            0x48, 0x09, 0xD8, 0x48, 0x09, 0xC8,             // or rax, rbx; or rax, rcx
            0x48, 0x09, 0xD0, 0x4C, 0x09, 0xC0,             // or rax, rdx; or rax, r8
            0x48, 0x89, 0x04, 0x25, 0x00, 0x00, 0x00, 0x00, // mov [0], rax
            0xC5, 0xFE, 0x7F, 0x04, 0x25, 0x20, 0, 0, 0,    // vmovdqu [32], ymm0
            0xC5, 0xFE, 0x7F, 0x3C, 0x25, 0x40, 0, 0, 0,    // vmovdqu [64], ymm7
            0xE7, 0x10);
        var second = host.Start(curious);
        Assert.Same(first, second);
        Assert.Equal(2 * GuestMap.WasmPageSize, second.MemorySize(0));
        Assert.False(second.Control[GuestMap.Control.Module..].ContainsAnyExcept((byte)0));
        Assert.Equal(VmExit.Done, second.Run(Machines.Entry));
        Assert.False(second.Look(0).ContainsAnyExcept((byte)0));
        Assert.Equal(1, host.Counts.Reused);
        host.Destroy(second);
    }

    [Fact]
    public void A_poisoned_machine_never_comes_back()
    {
        using var host = Machines.OwnHost();
        var image = Machines.Image(Machines.Shape(), 0xF4); // hlt
        var machine = host.Start(image);
        Assert.True(machine.Run(Machines.Entry).IsBreach);
        host.Give(machine);
        Assert.Equal((0, 1), (host.ReadyCount, host.Counts.Destroyed));
        Assert.Equal(1, host.Counts.Of(VmFaultKind.Unforeseen));
    }

    [Fact]
    public void A_machine_that_cannot_be_filled_is_destroyed_and_not_lost()
    {
        using var host = Machines.OwnHost();
        var image = Machines.Image(Machines.Shape(), new byte[GuestMap.PageSize + 1]);
        Assert.Throws<ArgumentException>(() => host.Start(image));
        Assert.Equal((1, 1), (host.Counts.Created, host.Counts.Destroyed));
    }

    [Fact]
    public void Machines_are_made_ahead_and_warm()
    {
        using var host = Machines.OwnHost();
        var shape = Machines.Shape();
        host.Prepare(shape, count: 3);
        Assert.Equal((3, 3), (host.ReadyCount, host.Counts.Created));
        var machine = host.Start(Machines.Image(shape, _touching));
        Assert.False(machine.Look(0).ContainsAnyExcept((byte)0));
        Touch(machine, 9);
        host.Give(machine);
        Assert.Equal((3, 3, 1), (host.ReadyCount, host.Counts.Created, host.Counts.Reused));
    }

    private static MicroVm Start(int size) =>
        Machines.Host.Start(Machines.Image(Machines.Shape(size, 2 * Large), _touching));

    private static void Touch(MicroVm machine, int index) => Assert.Equal(VmExit.Done, TryTouch(machine, index));

    private static VmExit TryTouch(MicroVm machine, int index)
    {
        BitConverter.TryWriteBytes(machine.Control[GuestMap.Control.CallBlock..], index);
        return machine.Run(Machines.Entry);
    }
}
