using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tars.Engine.Vm.Kvm;

/// <summary>A virtual processor: its registers, and the call that runs it.</summary>
internal sealed class KvmVcpu : IDisposable
{
    private readonly KvmSystem _system;
    private readonly SafeFileHandle _file;
    private readonly MappedMemory _run;

    private KvmVcpu(KvmSystem system, SafeFileHandle file, MappedMemory run)
    {
        _system = system;
        _file = file;
        _run = run;
    }

    /// <summary>Gives the processor its features and lets the one signal in while it runs.</summary>
    public static KvmVcpu Create(KvmSystem system, SafeFileHandle file)
    {
        var vcpu = new KvmVcpu(system, file, MappedMemory.Share(file, system.RunAreaSize));
        try
        {
            var cpuid = system.Cpuid;
            KvmCall.Must(file, KvmRequest.SetCpuid2, ref cpuid, "KVM_SET_CPUID2");
            var states = new KvmXcrs { Count = 1, Value = system.StateComponents };
            KvmCall.Must(file, KvmRequest.SetXcrs, ref states, "KVM_SET_XCRS");
            var mask = new KvmSignalMask { Length = sizeof(ulong), Blocked = ~StopSignal.Bit };
            KvmCall.Must(file, KvmRequest.SetSignalMask, ref mask, "KVM_SET_SIGNAL_MASK");
            return vcpu;
        }
        catch (KvmException)
        {
            vcpu.Dispose();
            throw;
        }
    }

    /// <summary>What KVM and the host tell each other around each run.</summary>
    public ref KvmRunArea Area => ref _run.At<KvmRunArea>(0);

    /// <summary>What the last exit by `out` or `in` carried.</summary>
    public uint IoValue => _run.At<uint>(checked((long)Area.IoDataOffset));

    /// <summary>Runs the guest until something happens.</summary>
    /// <returns>Zero, or an errno.</returns>
    public int Run() =>
        0 <= KvmNative.Control(_file, KvmRequest.Run, argument: 0) ? 0 : Marshal.GetLastPInvokeError();

    public void ReadSystemRegisters(ref KvmSregs registers) =>
        KvmCall.Must(_file, KvmRequest.GetSregs, ref registers, "KVM_GET_SREGS");

    /// <summary>Registers of the floating-point and vector units as a processor starts with them.</summary>
    /// <remarks>
    /// Where KVM has no hardware below it, ring 3 can set protection keys though its guest has none, and would deny the
    /// next guest its own memory. They are set back where KVM lets us, which is where there are any.
    ///
    /// SSE is named though it is as at the start: KVM takes MXCSR from here only then, and a processor without XSAVEC
    /// would go on with the last guest's.
    /// </remarks>
    public void ResetVectorState()
    {
        var fresh = new KvmXsave
        {
            ControlWord = 0x37F,
            Mxcsr = 0x1F80,
            StateComponents = KvmXsave.LegacyComponents
                | (_system.HasProtectionKeys ? KvmXsave.ProtectionKeysComponent : 0),
        };
        KvmCall.Must(_file, KvmRequest.SetXsave, ref fresh, "KVM_SET_XSAVE");
    }

    public void Dispose()
    {
        _run.Dispose();
        _file.Dispose();
    }
}
