using Tars.Engine.Vm.Machine;
using Tars.Sim.Hostile;
using Xunit;

namespace Tars.Tests.EngineVm;

/// <summary>
/// Machine code that attacks is contained, its neighbour untouched, and the next guest finds nothing. To add an attack
/// write a row in <see cref="HostileGuests"/>.
/// </summary>
public sealed class HostileTests
{
    [Fact]
    public void Every_attack_is_contained()
    {
        _ = Machines.Host;
        using var campaign = HostileCampaign.Open();
        var failures =
            from guest in HostileGuests.All
            let result = campaign.Try(guest)
            where result.Mistake is not null
            select $"{guest}: {result.Mistake} ({result.End})";
        Assert.Equal([], failures.ToList());
        Assert.True(0 < campaign.Counts.Of(VmFaultKind.Unforeseen));
    }

    [Fact]
    public void No_page_is_writable_and_executable_and_ring_three_reaches_only_its_own()
    {
        using var machine = Machines.Start(0xE7, 0x10);
        var mapped = machine.MappedPages().ToList();
        Assert.DoesNotContain(mapped, page => page is { IsWritable: true, IsExecutable: true });
        Assert.All(mapped, page => Assert.Equal(IsOfRingZero(page.Address), !page.IsOfUser));
        Assert.Equal([GuestMap.TextBase], mapped.Where(page => page is { IsExecutable: true, IsOfUser: true })
            .Select(page => page.Address));

        static bool IsOfRingZero(long address) =>
            GuestMap.SupervisorBase <= address && address < GuestMap.ControlBase;
    }

    [Fact]
    public void A_machine_has_nothing_in_its_registers_of_one_that_ran_before_on_the_same_processor()
    {
        // vpcmpeqd ymm0..ymm15 to all ones; the same for the general registers by or.
        byte[] fill = [.. Enumerable.Range(0, 16).SelectMany(Ones), 0x48, 0x83, 0xCB, 0xFF, 0x49, 0x83, 0xCF, 0xFF];
        byte[] show = [.. Enumerable.Range(0, 16).SelectMany(Show)];
        byte[] done = [0xE7, GuestMap.Port.Done];
        using var first = Machines.Start([.. fill, .. done]);
        using var second = Machines.Start([.. show, .. done]);
        for (int time = 0; time < 50; time++)
        {
            Assert.Equal(VmExit.Done, first.Run(Machines.Entry));
            Assert.Equal(VmExit.Done, second.Run(Machines.Entry));
            Assert.False(second.Look(0).ContainsAnyExcept((byte)0));
        }
    }

    // Where KVM has no hardware below it a guest reaches what its processor does not have; elsewhere it faults.
    [Fact]
    public void Registers_that_guests_are_not_meant_to_have_carry_nothing_either()
    {
        byte[] fill =
        [
            0x62, 0xA3, 0x7D, 0x40, 0x25, 0xC0, 0xFF, // vpternlogd zmm16, zmm16, zmm16, 0xFF
            0x62, 0x03, 0x05, 0x40, 0x25, 0xFF, 0xFF, // vpternlogd zmm31, zmm31, zmm31, 0xFF
            0x62, 0xF3, 0x75, 0x48, 0x25, 0xC9, 0xFF, // vpternlogd zmm1, zmm1, zmm1, 0xFF
            0x48, 0xC7, 0xC0, 0xFF, 0xFF, 0xFF, 0xFF, // mov rax, -1
            0xC4, 0xE1, 0xFB, 0x92, 0xC8,             // kmovq k1, rax
            0x48, 0x0F, 0x6E, 0xD8,                   // movq mm3, rax
            0xE7, GuestMap.Port.Done,
        ];
        byte[] show =
        [
            0x62, 0xE1, 0xFE, 0x48, 0x7F, 0x04, 0x25, 0x00, 0x01, 0, 0, // vmovdqu64 [0x100], zmm16
            0x62, 0x61, 0xFE, 0x48, 0x7F, 0x3C, 0x25, 0x40, 0x01, 0, 0, // vmovdqu64 [0x140], zmm31
            0x62, 0xF1, 0xFE, 0x48, 0x7F, 0x0C, 0x25, 0x80, 0x01, 0, 0, // vmovdqu64 [0x180], zmm1
            0xC4, 0xE1, 0xFB, 0x93, 0xC1,                               // kmovq rax, k1
            0x48, 0x89, 0x04, 0x25, 0xC0, 0x01, 0, 0,                   // mov [0x1C0], rax
            0x0F, 0x7F, 0x1C, 0x25, 0xC8, 0x01, 0, 0,                   // movq [0x1C8], mm3
            0xE7, GuestMap.Port.Done,
        ];
        using var host = Machines.OwnHost();
        var shape = Machines.Shape();
        var first = host.Start(Machines.Image(shape, fill));
        _ = first.Run(Machines.Entry);
        var neighbour = host.Start(Machines.Image(shape, show));
        _ = neighbour.Run(Machines.Entry);
        Assert.False(neighbour.Look(0).ContainsAnyExcept((byte)0));
        host.Give(first);
        var next = host.Start(Machines.Image(shape, show));
        _ = next.Run(Machines.Entry);
        Assert.False(next.Look(0).ContainsAnyExcept((byte)0));
        host.Destroy(neighbour);
        host.Destroy(next);
    }

    // Who rounds otherwise, or takes exceptions, gives other results than it should.
    [Fact]
    public void The_next_guest_of_a_machine_rounds_as_all_do()
    {
        byte[] change =
        [
            0xC7, 0x04, 0x25, 0, 0, 0, 0, 0xC0, 0xFF, 0, 0, // mov dword [0], 0xFFC0
            0x0F, 0xAE, 0x14, 0x25, 0, 0, 0, 0,             // ldmxcsr [0]
            0xC7, 0x04, 0x25, 0, 0, 0, 0, 0x7F, 0x0C, 0, 0, // mov dword [0], 0x0C7F
            0xD9, 0x2C, 0x25, 0, 0, 0, 0,                   // fldcw [0]
            0xE7, GuestMap.Port.Done,
        ];
        byte[] show =
        [
            0x0F, 0xAE, 0x1C, 0x25, 0, 0, 0, 0, // stmxcsr [0]
            0xD9, 0x3C, 0x25, 4, 0, 0, 0,       // fnstcw [4]
            0xE7, GuestMap.Port.Done,
        ];
        using var host = Machines.OwnHost();
        var shape = Machines.Shape();
        var first = host.Start(Machines.Image(shape, change));
        Assert.Equal(VmExit.Done, first.Run(Machines.Entry));
        host.Give(first);
        var next = host.Start(Machines.Image(shape, show));
        Assert.Same(first, next);
        Assert.Equal(VmExit.Done, next.Run(Machines.Entry));
        Assert.Equal((0x1F80, 0x37F), (BitConverter.ToInt32(next.Look(0)), BitConverter.ToInt16(next.Look(0)[4..])));
        host.Destroy(next);
    }

    [Fact]
    public void Machines_that_end_leave_nothing_behind()
    {
        using var host = Machines.OwnHost();
        const int Cycles = 1_000;

        // It counts what the whole process holds, where other tests run at the same time: theirs may come once, and
        // what a machine leaves behind comes each time.
        int rounds = 0;
        string? left = "";
        while (left is not null && rounds < 3)
        {
            left = MachineCycles.Run(host, Cycles, out _, out _);
            rounds++;
        }

        Assert.Null(left);
        Assert.Equal((rounds * Cycles, rounds * Cycles), (host.Counts.Created, host.Counts.Destroyed));
    }

    // vpcmpeqd ymmN, ymm0, ymm0
    private static byte[] Ones(int register) => register < 8
        ? [0xC5, 0xFD, 0x76, (byte)(0xC0 | (register << 3))]
        : [0xC5, 0x7D, 0x76, (byte)(0xC0 | ((register - 8) << 3))];

    // vmovdqu [32 * N], ymmN
    private static byte[] Show(int register) =>
    [
        0xC5, (byte)(register < 8 ? 0xFE : 0x7E), 0x7F, (byte)(0x04 | ((register & 7) << 3)), 0x25,
        .. BitConverter.GetBytes(32 * register),
    ];
}
