using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Tars.Engine.Vm.Kvm;

/// <summary>A virtual machine of KVM: memory slots and one processor.</summary>
/// <remarks>
/// There is no interrupt controller and no clock. A model-specific register that a guest names leaves the machine: ring
/// 3 cannot name one, so that is a second fence behind the first.
/// </remarks>
internal sealed class KvmVm : IDisposable
{
    // Three pages that KVM wants for itself on processors that cannot start in real mode; guests see none of them.
    private const uint TaskStateArea = 0xFFFB_D000;

    // KVM_MSR_EXIT_REASON_INVAL, _UNKNOWN and _FILTER.
    private const ulong EveryMsrExit = 0b111;

    private readonly KvmSystem _system;
    private readonly SafeFileHandle _file;

    internal KvmVm(KvmSystem system, SafeFileHandle file)
    {
        _system = system;
        _file = file;
    }

    /// <summary>Every model-specific register is refused, and whoever names one leaves the machine.</summary>
    // SAFETY: the bitmap that the filter names is a word of this method's stack, which outlives the call.
    public unsafe void DenyModelSpecificRegisters()
    {
        var exits = new KvmEnableCapability
        {
            Capability = KvmRequest.Capability.UserSpaceMsr,
            Argument = EveryMsrExit,
        };
        KvmCall.Must(_file, KvmRequest.EnableCapability, ref exits, "KVM_CAP_X86_USER_SPACE_MSR");

        // KVM takes no filter without a range; this one refuses register 0 like all others.
        ulong nothing = 0;
        var filter = new KvmMsrFilter
        {
            Flags = KvmMsrFilter.DefaultDeny,
            RangeFlags = KvmMsrFilter.ReadAndWrite,
            RangeCount = 1,
            RangeBitmap = (nint)(&nothing),
        };
        KvmCall.Must(_file, KvmRequest.SetMsrFilter, ref filter, "KVM_X86_SET_MSR_FILTER");
    }

    /// <summary>Puts memory of the host into the machine, or changes how a slot is watched.</summary>
    public void SetMemory(KvmMemoryRegion region) =>
        KvmCall.Must(_file, KvmRequest.SetUserMemoryRegion, ref region, "KVM_SET_USER_MEMORY_REGION");

    /// <summary>From now on a page that was written stays so in the log, and costs the guest no more faults, until
    /// <see cref="ClearDirtyLog"/>.</summary>
    /// <returns>False where KVM cannot do that: then each reading of the log clears it.</returns>
    public bool KeepDirtyLog()
    {
        const ulong Enable = 1;
        if (!_system.HasClearedLog)
        {
            return false;
        }

        var kept = new KvmEnableCapability
        {
            Capability = KvmRequest.Capability.ManualDirtyLogProtect2,
            Argument = Enable,
        };
        KvmCall.Must(_file, KvmRequest.EnableCapability, ref kept, "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2");
        return true;
    }

    /// <summary>The pages with a bit count as not written since now.</summary>
    /// <param name="pageCount">Of the slot.</param>
    // SAFETY: the caller's bitmap has a bit for each page of the slot; it is pinned for the call.
    public unsafe void ClearDirtyLog(int slot, uint pageCount, Span<ulong> bitmap)
    {
        fixed (ulong* first = bitmap)
        {
            var log = new KvmClearDirtyLog { Slot = (uint)slot, PageCount = pageCount, Bitmap = (nint)first };
            KvmCall.Must(_file, KvmRequest.ClearDirtyLog, ref log, "KVM_CLEAR_DIRTY_LOG");
        }
    }

    /// <summary>A bit for each page of the slot that was written: since the last time, or where the log is kept since
    /// it was cleared.</summary>
    // SAFETY: the caller's bitmap has a bit for each page of the slot; it is pinned for the call.
    public unsafe void ReadDirtyLog(int slot, Span<ulong> bitmap)
    {
        fixed (ulong* first = bitmap)
        {
            var log = new KvmDirtyLog { Slot = (uint)slot, Bitmap = (nint)first };
            KvmCall.Must(_file, KvmRequest.GetDirtyLog, ref log, "KVM_GET_DIRTY_LOG");
        }
    }

    public KvmVcpu CreateVcpu()
    {
        _ = KvmCall.Must(_file, KvmRequest.SetTssAddress, unchecked((nint)TaskStateArea), "KVM_SET_TSS_ADDR");
        int number = KvmCall.Must(_file, KvmRequest.CreateVcpu, argument: 0, "KVM_CREATE_VCPU");
        var file = new SafeFileHandle(number, ownsHandle: true);
        try
        {
            // A new descriptor has the least number that is free.
            return (ulong)number + Limits.DescriptorsLeftMin < _system.DescriptorMax
                ? KvmVcpu.Create(_system, file)
                : throw KvmException.Full(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_system.DescriptorMax} descriptors may be open (ulimit -n), and machines leave "
                    + $"{Limits.DescriptorsLeftMin} of them to others"));
        }
        catch (KvmException)
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();
}
