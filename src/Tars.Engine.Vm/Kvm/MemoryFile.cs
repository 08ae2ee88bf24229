using Microsoft.Win32.SafeHandles;

namespace Tars.Engine.Vm.Kvm;

/// <summary>A file that lives in memory and has no name, mapped into this process.</summary>
internal sealed class MemoryFile : IDisposable
{
    private const uint CloseOnExec = 1;

    private MemoryFile(SafeFileHandle file, MappedMemory memory)
    {
        File = file;
        Memory = memory;
    }

    public SafeFileHandle File { get; }

    public MappedMemory Memory { get; }

    public static MemoryFile Create(long size)
    {
        int number = KvmNative.MemoryFile("tars-snapshot", CloseOnExec);
        if (number < 0)
        {
            throw KvmException.Last("memfd_create");
        }

        var file = new SafeFileHandle(number, ownsHandle: true);
        try
        {
            return KvmNative.Truncate(file, (nint)size) == 0
                ? new MemoryFile(file, MappedMemory.Share(file, size))
                : throw KvmException.Last("ftruncate");
        }
        catch (KvmException)
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Memory.Dispose();
        File.Dispose();
    }
}
