using Microsoft.Win32.SafeHandles;

namespace Tars.Engine.Vm.Kvm;

/// <summary>KVM itself: opened once, asked what it can do, and the maker of virtual machines.</summary>
/// <remarks>
/// Invariant: every machine sees the same processor: leaves and control registers are chosen here, by name, and what is
/// not named is off as far as the hypervisor can turn it off (docs/THREAT-MODEL.md says where it cannot).
/// </remarks>
internal sealed class KvmSystem : IDisposable
{
    private const int ApiVersion = 12;

    private static readonly (int Capability, string Name)[] _needed =
    [
        (KvmRequest.Capability.UserMemory, "KVM_CAP_USER_MEMORY"),
        (KvmRequest.Capability.ImmediateExit, "KVM_CAP_IMMEDIATE_EXIT"),
        (KvmRequest.Capability.UserSpaceMsr, "KVM_CAP_X86_USER_SPACE_MSR"),
        (KvmRequest.Capability.MsrFilter, "KVM_CAP_X86_MSR_FILTER"),
        (KvmRequest.Capability.SyncRegs, "KVM_CAP_SYNC_REGS"),
        (KvmRequest.Capability.XSave, "KVM_CAP_XSAVE"),
        (KvmRequest.Capability.Xcrs, "KVM_CAP_XCRS"),
    ];

    private readonly SafeFileHandle _device;
    private KvmCpuid _cpuid;

    private KvmSystem(SafeFileHandle device) => _device = device;

    /// <summary>Octets that a virtual processor shares with its host.</summary>
    public int RunAreaSize { get; private set; }

    /// <summary>What extended state the guest's processor has: SSE always, AVX where the host has it.</summary>
    public ulong StateComponents { get; private set; }

    /// <summary>What code in a guest may use of its processor.</summary>
    public ProcessorLevel Level { get; private set; }

    /// <summary>Whether KVM keeps protection keys, which guests are not told of.</summary>
    public bool HasProtectionKeys { get; private set; }

    /// <summary>Whether the guest's processor can hide its descriptor tables from ring 3 (UMIP).</summary>
    public bool HasDescriptorFence { get; private set; }

    /// <summary>Whether pages that were written can stay so in the log until they are cleared there by name.</summary>
    public bool HasClearedLog { get; private set; }

    /// <summary>So many descriptors this process may have. Machines leave <see cref="Limits.DescriptorsLeftMin"/> of
    /// them to others: without one even a refusal could not be told.</summary>
    public ulong DescriptorMax { get; set; } = ulong.MaxValue;

    /// <summary>The leaves that every processor is given.</summary>
    public ref readonly KvmCpuid Cpuid => ref _cpuid;

    /// <summary>Opens the device of the system.</summary>
    /// <exception cref="KvmException">It is not there, may not be opened, or lacks what machines need.</exception>
    public static KvmSystem Open(string path = "/dev/kvm")
    {
        int file = KvmNative.Open(path, KvmNative.OpenReadWrite | KvmNative.OpenCloseOnExec);
        if (file < 0)
        {
            throw KvmException.Last(path);
        }

        var system = new KvmSystem(new SafeFileHandle(file, ownsHandle: true));
        try
        {
            system.Ask();
            return system;
        }
        catch (KvmException)
        {
            system.Dispose();
            throw;
        }
    }

    /// <summary>A machine without processor and memory.</summary>
    public KvmVm CreateVm()
    {
        int file = KvmNative.Control(_device, KvmRequest.CreateVm, argument: 0);
        return 0 <= file
            ? new KvmVm(this, new SafeFileHandle(file, ownsHandle: true))
            : throw KvmException.Last("KVM_CREATE_VM");
    }

    public void Dispose() => _device.Dispose();

    private void Ask()
    {
        if (KvmNative.Control(_device, KvmRequest.GetApiVersion, argument: 0) != ApiVersion)
        {
            throw KvmException.Missing("API version 12");
        }

        foreach (var (capability, name) in _needed)
        {
            if (KvmNative.Control(_device, KvmRequest.CheckExtension, capability) <= 0)
            {
                throw KvmException.Missing(name);
            }
        }

        RunAreaSize = KvmNative.Control(_device, KvmRequest.GetVcpuMmapSize, argument: 0);
        if (RunAreaSize < KvmRunArea.Size)
        {
            throw KvmException.Missing("KVM_GET_VCPU_MMAP_SIZE");
        }

        if (KvmNative.ReadLimit(KvmNative.LimitOfFiles, out var files) == 0)
        {
            DescriptorMax = files.Soft;
        }

        HasClearedLog = 0 < KvmNative.Control(
            _device, KvmRequest.CheckExtension, KvmRequest.Capability.ManualDirtyLogProtect2);
        _cpuid.Count = KvmCpuid.EntryCountMax;
        KvmCall.Must(_device, KvmRequest.GetSupportedCpuid, ref _cpuid, "KVM_GET_SUPPORTED_CPUID");
        StateComponents = GuestProcessor.StateComponents(_cpuid);
        HasProtectionKeys = GuestProcessor.HasProtectionKeys(_cpuid);
        GuestProcessor.Reduce(ref _cpuid);
        HasDescriptorFence = GuestProcessor.HasDescriptorFence(_cpuid);
        Level = ProcessorLevels.Here(StateComponents);
    }
}
