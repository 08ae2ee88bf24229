using System.Reflection;
using System.Runtime.InteropServices;

namespace Tars.Engine.Vm.Llvm;

/// <summary>Finds libLLVM 19 under the names that distributions give it.</summary>
internal static class LlvmLibrary
{
    private static readonly string[] _names =
    [
        "libLLVM-19.so.1",
        "libLLVM.so.19.1",
        "libLLVM-19.so",
        "/usr/lib/llvm-19/lib/libLLVM.so.1",
        "/usr/lib/llvm-19/lib/libLLVM-19.so",
    ];

    private static readonly Lazy<nint> _handle = new(Find);

    /// <summary>Null where the library is; otherwise what is missing and how to get it.</summary>
    public static string? Missing => _handle.Value != 0
        ? null
        : "libLLVM 19 is not installed; Debian and Ubuntu have it as package libllvm19 (file libLLVM-19.so.1)";

    /// <summary>Has the names of <see cref="LlvmNative"/> looked up in the library.</summary>
    internal static void Attach() =>
        NativeLibrary.SetDllImportResolver(typeof(LlvmLibrary).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == LlvmNative.Library ? _handle.Value : 0;

    private static nint Find()
    {
        foreach (string name in _names)
        {
            if (NativeLibrary.TryLoad(name, out nint handle))
            {
                return handle;
            }
        }

        return 0;
    }
}
