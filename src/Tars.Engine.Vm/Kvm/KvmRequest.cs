namespace Tars.Engine.Vm.Kvm;

/// <summary>The numbers of KVM's requests, extensions and exits, as in linux/kvm.h.</summary>
internal static class KvmRequest
{
    public const uint GetApiVersion = 0xAE00;
    public const uint CreateVm = 0xAE01;
    public const uint CheckExtension = 0xAE03;
    public const uint GetVcpuMmapSize = 0xAE04;
    public const uint GetSupportedCpuid = 0xC008AE05;

    public const uint CreateVcpu = 0xAE41;
    public const uint GetDirtyLog = 0x4010AE42;
    public const uint SetUserMemoryRegion = 0x4020AE46;
    public const uint SetTssAddress = 0xAE47;
    public const uint EnableCapability = 0x4068AEA3;
    public const uint SetMsrFilter = 0x4188AEC6;
    public const uint ClearDirtyLog = 0xC018AEC0;

    public const uint Run = 0xAE80;
    public const uint SetRegs = 0x4090AE82;
    public const uint GetSregs = 0x8138AE83;
    public const uint SetSregs = 0x4138AE84;
    public const uint SetSignalMask = 0x4004AE8B;
    public const uint SetCpuid2 = 0x4008AE90;
    public const uint SetXsave = 0x5000AEA5;
    public const uint SetXcrs = 0x4188AEA7;

    /// <summary>What KVM may be asked for.</summary>
    internal static class Capability
    {
        public const int UserMemory = 3;
        public const int SetTssAddress = 4;
        public const int XSave = 55;
        public const int Xcrs = 56;
        public const int SyncRegs = 74;
        public const int ImmediateExit = 136;
        public const int ManualDirtyLogProtect2 = 168;
        public const int UserSpaceMsr = 188;
        public const int MsrFilter = 189;
    }

    /// <summary>Why KVM_RUN returned.</summary>
    internal static class Exit
    {
        public const uint Unknown = 0;
        public const uint Exception = 1;
        public const uint Io = 2;
        public const uint Hypercall = 3;
        public const uint Debug = 4;
        public const uint Halt = 5;
        public const uint Mmio = 6;
        public const uint Shutdown = 8;
        public const uint FailEntry = 9;
        public const uint Interrupted = 10;
        public const uint InternalError = 17;
        public const uint SystemEvent = 24;
        public const uint ReadMsr = 29;
        public const uint WriteMsr = 30;
        public const uint MemoryFault = 39;
    }
}
