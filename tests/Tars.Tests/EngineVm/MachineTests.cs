using Tars.Engine.Vm.Machine;
using Xunit;

namespace Tars.Tests.EngineVm;

/// <summary>One machine: how code enters and leaves it, what its faults mean, how it is stopped.</summary>
/// <remarks>The guests are machine code by hand; the comment beside the octets is the assembler.</remarks>
public sealed class MachineTests
{
    [Fact]
    public void Code_takes_arguments_and_gives_results_in_the_call_block()
    {
        using var machine = Machines.Start(
            0x48, 0xBF, 0x00, 0x10, 0x01, 0x40, 0x00, 0x01, 0x00, 0x00, // mov rdi, call block
            0x48, 0x8B, 0x07,                                           // mov rax, [rdi]
            0x48, 0x03, 0x47, 0x10,                                     // add rax, [rdi+16]
            0x48, 0x89, 0x07,                                           // mov [rdi], rax
            0xE7, 0x10);                                                // out Done, eax
        Assert.Equal(0x100_4001_1000, GuestMap.ControlBase + GuestMap.Control.CallBlock);
        BitConverter.TryWriteBytes(machine.Control[GuestMap.Control.CallBlock..], 40L);
        BitConverter.TryWriteBytes(machine.Control[(GuestMap.Control.CallBlock + 16)..], 2L);

        Assert.Equal(VmExit.Done, machine.Run(Machines.Entry));
        Assert.Equal(42, BitConverter.ToInt64(machine.Control[GuestMap.Control.CallBlock..]));
    }

    [Fact]
    public void A_host_call_has_a_number_and_is_resumed_behind_itself()
    {
        using var machine = Machines.Start(
            0xB8, 0x11, 0x00, 0x00, 0x00, // mov eax, 17
            0xE7, 0x14,                   // out HostCall, eax
            0xFF, 0xC0,                   // inc eax
            0xE7, 0x14,                   // out HostCall, eax
            0xE7, 0x10);                  // out Done, eax
        Assert.Equal(VmExit.HostCall(17), machine.Run(Machines.Entry));
        Assert.Equal(VmExit.HostCall(18), machine.Resume());
        Assert.Equal(VmExit.Done, machine.Resume());
        Assert.Equal(VmExit.HostCall(17), machine.Run(Machines.Entry));
    }

    // On hardware KVM steps over an `out` when it runs again, from wherever it is to go on then.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_guest_that_begins_where_the_last_one_left_does_not_miss_its_first_instruction(bool isOther)
    {
        const int Left = 5;
        byte[] first =
        [
            0xB8, 0x11, 0x00, 0x00, 0x00, // mov eax, 17
            0xE7, 0x14,                   // out HostCall, eax
            0xF4,                         // hlt
        ];
        byte[] second =
        [
            0xB8, 0x12, 0x00, 0x00, 0x00, // mov eax, 18
            0x04, 0x02,                   // add al, 2
            0xE7, 0x14,                   // out HostCall, eax
        ];
        var host = Machines.Host;
        var machine = host.Start(Machines.Image(Machines.Shape(), first));
        Assert.Equal(VmExit.HostCall(17), machine.Run(Machines.Entry));
        if (isOther)
        {
            machine.Clean();
            machine.Load(Machines.Image(Machines.Shape(), second));
            Assert.Equal(VmExit.HostCall(2), machine.Run(Machines.Entry + Left));
        }
        else
        {
            Assert.Equal(VmExit.HostCall(0), machine.Run(Machines.Entry + Left));
        }

        host.Destroy(machine);
    }

    [Theory]
    [InlineData(0x1_0000, 0)]
    [InlineData(0xFFFF_FFFF, 0)]
    [InlineData(0xFFFF_FFFF, 0x7FFF_FFFF)]
    public void An_access_beyond_the_memory_faults_with_its_address_and_the_machine_lives(uint index, int offset)
    {
        using var machine = Machines.Start(
        [
            0xB8, .. BitConverter.GetBytes(index),         // mov eax, index
            0x88, 0x80, .. BitConverter.GetBytes(offset),  // mov [rax+offset], al
            0xE7, 0x10,                                    // out Done, eax
        ]);
        for (int time = 0; time < 2; time++)
        {
            var exit = machine.Run(Machines.Entry);
            Assert.Equal(VmExitKind.Fault, exit.Kind);
            Assert.Equal(VmFaultKind.OutOfMemoryBounds, exit.Fault.Kind);
            Assert.Equal(index + (long)offset, exit.Fault.Address);
            Assert.Equal(Machines.Entry + 5, exit.Fault.Instruction);
            Assert.False(machine.IsPoisoned);
        }
    }

    [Fact]
    public void The_last_octet_of_the_memory_can_be_written()
    {
        using var machine = Machines.Start(
            0xB8, 0xFF, 0xFF, 0x00, 0x00, // mov eax, 0xFFFF
            0x88, 0x00,                   // mov [rax], al
            0xE7, 0x10);                  // out Done, eax
        Assert.Equal(VmExit.Done, machine.Run(Machines.Entry));
        Assert.Equal(0xFF, machine.Look(0)[0xFFFF]);
        Assert.Equal(0, machine.Look(0)[0xFFFE]);
    }

    [Fact]
    public void A_trap_of_the_code_itself_comes_back_with_its_reason()
    {
        using var machine = Machines.Start(
            0x48, 0xBF, 0x08, 0x00, 0x01, 0x40, 0x00, 0x01, 0x00, 0x00, // mov rdi, trap cell
            0xC7, 0x07, 0x05, 0x00, 0x00, 0x00,                         // mov dword [rdi], 5
            0x0F, 0x0B);                                                // ud2
        var exit = machine.Run(Machines.Entry);
        Assert.Equal((VmFaultKind.Trap, 5), (exit.Fault.Kind, exit.Fault.Trap));
        Assert.Equal(Machines.Entry + 16, exit.Fault.Instruction);
        Assert.False(machine.IsPoisoned);
    }

    [Fact]
    public void A_stack_that_is_used_up_says_so()
    {
        using var machine = Machines.Start(
            0x50,        // push rax
            0xEB, 0xFD); // jmp back
        var exit = machine.Run(Machines.Entry);
        Assert.Equal(VmFaultKind.StackExhausted, exit.Fault.Kind);
        Assert.Equal(GuestMap.StackTop - (64 << 10) - 8, exit.Fault.Address);
        Assert.Equal(VmFaultKind.StackExhausted, machine.Run(Machines.Entry).Fault.Kind);
    }

    [Fact]
    public void A_fault_that_no_compiler_makes_poisons_the_machine()
    {
        using var machine = Machines.Start(0xF4); // hlt
        var exit = machine.Run(Machines.Entry);
        Assert.Equal((VmExitKind.Fault, VmFaultKind.Unforeseen), (exit.Kind, exit.Fault.Kind));
        Assert.True(machine.IsPoisoned);
        Assert.Equal(VmBreach.Poisoned, machine.Run(Machines.Entry).Breach);
        Assert.Equal(VmBreach.Poisoned, machine.Resume().Breach);
        Assert.False(machine.IsReusable);
    }

    [Fact]
    public void Memory_grows_in_place_and_what_is_added_is_zero()
    {
        // mov eax, [call block] (an index of memory); inc byte [rax]; out Done
        using var machine = Machines.Start(
            0x48, 0xBF, 0x00, 0x10, 0x01, 0x40, 0x00, 0x01, 0x00, 0x00, 0x8B, 0x07, 0xFE, 0x00, 0xE7, 0x10);
        foreach (int pages in (int[])[2, 1, 3, 64, 33, 1, 64])
        {
            Assert.True(machine.TryResize(window: 0, pages * GuestMap.WasmPageSize));
            Assert.Equal(VmExitKind.Done, Touch(machine, (pages * GuestMap.WasmPageSize) - 1).Kind);
            Assert.Equal(1, machine.Look(0)[^1]);
            machine.Memory(0)[^1] = 0;
            Assert.Equal(VmFaultKind.OutOfMemoryBounds, Touch(machine, pages * GuestMap.WasmPageSize).Fault.Kind);
            Assert.False(machine.Look(0).ContainsAnyExcept((byte)0));
            machine.Memory(0).Fill(0xAA);
            Assert.Equal(VmExitKind.Done, Touch(machine, (pages * GuestMap.WasmPageSize) - 1).Kind);
            Assert.Equal(0xAB, machine.Look(0)[^1]);
            machine.Memory(0).Clear();
        }

        Assert.False(machine.TryResize(window: 0, 65 * GuestMap.WasmPageSize));
    }

    [Fact]
    public void Pages_that_were_taken_away_hold_nothing_when_they_come_back()
    {
        using var machine = Machines.Start(0xE7, 0x10);
        Assert.True(machine.TryResize(window: 0, 2 * GuestMap.WasmPageSize));
        machine.Memory(0).Fill(0xAA);
        Assert.True(machine.TryResize(window: 0, GuestMap.WasmPageSize));
        Assert.True(machine.TryResize(window: 0, 2 * GuestMap.WasmPageSize));
        Assert.False(machine.Look(0)[GuestMap.WasmPageSize..].ContainsAnyExcept((byte)0));
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(0, 63, 1)]
    [InlineData(0, 64, -1)]
    [InlineData(0, -1, -1)]
    [InlineData(1, 1, -1)]
    [InlineData(-1, 1, -1)]
    public void A_guest_that_asks_for_memory_gets_the_old_size_or_minus_one(int window, int pages, int answer)
    {
        using var machine = Machines.Start(0xB8, 0x01, 0x00, 0x00, 0x00, 0xE7, 0x14, 0xE7, 0x10); // mov eax, 1; out
        BitConverter.TryWriteBytes(machine.Control[GuestMap.Control.CallBlock..], window);
        BitConverter.TryWriteBytes(machine.Control[(GuestMap.Control.CallBlock + 16)..], pages);
        Assert.Equal(VmExit.HostCall(GuestMap.HostCall.MemoryGrow), machine.Run(Machines.Entry));
        machine.AnswerMemoryGrow();
        Assert.Equal(answer, BitConverter.ToInt32(machine.Control[GuestMap.Control.CallBlock..]));
        Assert.Equal(GuestMap.WasmPageSize * (answer < 0 ? 1L : 1 + pages), machine.MemorySize(0));
        Assert.Equal(machine.MemorySize(0), BitConverter.ToInt64(machine.Control[GuestMap.Control.MemorySizes..]));
    }

    [Fact]
    public void A_store_has_further_memories_in_windows_of_their_own()
    {
        var shape = Machines.Shape() with { WindowCountMax = 3, FurtherMemoryMax = 64 << 20 };
        using var machine = Machines.Host.Start(Machines.Image(
            shape,
            0x48, 0xB8, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, // mov rax, 32 GiB: window 2
            0x80, 0x00, 0x07,                                           // add byte [rax], 7
            0x80, 0x80, 0x00, 0x00, 0x20, 0x00, 0x09,                   // add byte [rax+2 MiB], 9
            0xE7, 0x10));
        Assert.Equal(1, machine.AddWindow(0, 1 << 20));
        Assert.Equal(2, machine.AddWindow(GuestMap.WasmPageSize, 8 << 20));
        var exit = machine.Run(Machines.Entry);
        Assert.Equal((VmFaultKind.OutOfMemoryBounds, 0x8_0020_0000), (exit.Fault.Kind, exit.Fault.Address));
        Assert.True(machine.TryResize(window: 2, 8 << 20));
        Assert.Equal(VmExit.Done, machine.Run(Machines.Entry));
        Assert.Equal((14, 9), (machine.Look(2)[0], machine.Look(2)[2 << 20]));
    }

    [Fact]
    public void A_shape_that_cannot_be_is_refused()
    {
        Assert.NotNull((Machines.Shape() with { TextSize = 0 }).Mistake());
        Assert.NotNull((Machines.Shape() with { ControlSize = 100 }).Mistake());
        Assert.NotNull((Machines.Shape() with { StackSize = int.MaxValue }).Mistake());
        Assert.NotNull((Machines.Shape() with { MemorySize = 1 }).Mistake());
        Assert.NotNull((Machines.Shape() with { MemoryMax = long.MaxValue }).Mistake());
        Assert.NotNull((Machines.Shape() with { MemoryMax = 0 }).Mistake());
        Assert.Null(Machines.Shape().Mistake());
    }

    private static VmExit Touch(MicroVm machine, int index)
    {
        BitConverter.TryWriteBytes(machine.Control[GuestMap.Control.CallBlock..], index);
        return machine.Run(Machines.Entry);
    }
}
