using Microsoft.Win32.SafeHandles;

namespace Tars.Engine.Vm.Kvm;

/// <summary>Requests whose argument is a structure.</summary>
internal static class KvmCall
{
    /// <summary>Fails with the name of the request when the system refuses it.</summary>
    // SAFETY: pinned for the call; each structure here is as large as the request's number says, or larger.
    public static unsafe void Must<T>(SafeFileHandle file, uint request, ref T argument, string name)
        where T : unmanaged
    {
        fixed (T* first = &argument)
        {
            if (KvmNative.Control(file, request, (nint)first) < 0)
            {
                throw KvmException.Last(name);
            }
        }
    }

    /// <summary>The same without a structure.</summary>
    public static int Must(SafeFileHandle file, uint request, nint argument, string name)
    {
        int answer = KvmNative.Control(file, request, argument);
        return 0 <= answer ? answer : throw KvmException.Last(name);
    }
}
