using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tars.Engine.Cil.Runtime;

/// <summary>How much of the machine stack of the current thread is left.</summary>
/// <remarks>.NET ends the process when a stack runs out, so generated code asks before it enters a function.</remarks>
internal static partial class MachineStack
{
    // Larger than pthread_attr_t of any system that has pthread_getattr_np.
    private const int AttributesSize = 128;

    [ThreadStatic]
    private static nint _lowest;

    /// <summary>The lowest address of this thread's stack, or 0 where the system does not tell.</summary>
    public static nint Lowest => _lowest != 0 ? _lowest : _lowest = OperatingSystem.IsLinux() ? Ask() : 0;

    /// <summary>An address in the frame of the caller, or near it.</summary>
    // SAFETY: the address is compared and never followed.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static unsafe nint Here()
    {
        byte here = 0;
        return (nint)(&here);
    }

    // SAFETY: the buffer is large enough for the attributes, which are initialised by the first call, read by the
    // second and destroyed by the third, on the thread that they describe.
    private static unsafe nint Ask()
    {
        byte* attributes = stackalloc byte[AttributesSize];
        if (Attributes(Self(), attributes) != 0)
        {
            return 0;
        }

        int status = Stack(attributes, out nint lowest, out _);
        _ = Destroy(attributes);
        return status == 0 ? lowest : 0;
    }

    // SAFETY: takes nothing and answers a word.
    [LibraryImport("libc", EntryPoint = "pthread_self")]
    private static partial nint Self();

    // SAFETY: the caller's buffer has room for the attributes.
    [LibraryImport("libc", EntryPoint = "pthread_getattr_np")]
    private static unsafe partial int Attributes(nint thread, byte* attributes);

    // SAFETY: the attributes have been initialised; both results are words.
    [LibraryImport("libc", EntryPoint = "pthread_attr_getstack")]
    private static unsafe partial int Stack(byte* attributes, out nint lowest, out nint size);

    // SAFETY: the attributes have been initialised and are not used afterwards.
    [LibraryImport("libc", EntryPoint = "pthread_attr_destroy")]
    private static unsafe partial int Destroy(byte* attributes);
}
