using Tars.Engine.Vm;
using Tars.Engine.Vm.Machine;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.EngineVm;

/// <summary>Calls that end as no correct code ends them are aborted, and their machine runs no more.</summary>
public sealed class CallTests
{
    [Fact]
    public void A_host_call_that_there_is_not_poisons_the_machine() => AssertAborted(
        isPoisoned: true,
        0xB8, 0x63, 0x00, 0x00, 0x00,   // mov eax, 99
        0xE7, GuestMap.Port.HostCall);  // out

    [Fact]
    public void A_trap_that_there_is_not_poisons_the_machine() => AssertAborted(
        isPoisoned: true,
        0x48, 0xBF, 0x08, 0x00, 0x01, 0x40, 0x00, 0x01, 0x00, 0x00, // mov rdi, trap cell
        0xC7, 0x07, 0xE7, 0x03, 0x00, 0x00,                         // mov dword [rdi], 999
        0x0F, 0x0B);                                                // ud2

    [Fact]
    public void A_machine_stack_that_ends_before_the_depth_aborts_the_call_and_no_more() => AssertAborted(
        isPoisoned: false,
        0x50,        // push rax
        0xEB, 0xFD); // jmp back

    private static void AssertAborted(bool isPoisoned, params byte[] code)
    {
        using var machine = Machines.Start(code);
        var result = VmCall.Run(
            machine, image: null!, Machines.Entry, fuel: 1, depthSlots: 1, VmCallTerms.OfGuest(0)); // No access faults.
        Assert.Equal(FaultKind.Deadline, result.Fault!.Kind);
        Assert.Equal(isPoisoned, machine.IsPoisoned);
    }
}
