using Microsoft.Win32.SafeHandles;

namespace Tars.Engine.Vm.Kvm;

/// <summary>The number of a descriptor that cannot be closed while this exists.</summary>
internal readonly ref struct HeldFile
{
    private readonly SafeFileHandle _file;

    public HeldFile(SafeFileHandle file)
    {
        bool isHeld = false;
        file.DangerousAddRef(ref isHeld);
        _file = file;
    }

    public int Number => (int)_file.DangerousGetHandle();

    public void Dispose() => _file.DangerousRelease();
}
