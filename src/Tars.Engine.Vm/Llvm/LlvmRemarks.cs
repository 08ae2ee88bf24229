using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tars.Engine.Vm.Llvm;

/// <summary>Hears what LLVM says of one module while it compiles it: how large frames are, and mistakes.</summary>
/// <remarks>
/// No function of LLVM's C interface tells the size of a frame. A function with the attribute "warn-stack-size" is
/// warned of when its frame is larger than that; with 0, each that has one is.
/// Invariant: where LLVM says an error, and does not end the process for it, there is no object.
/// </remarks>
internal sealed class LlvmRemarks : IDisposable
{
    private const int SeverityOfErrors = 0;
    private const string SizeBegins = "stack frame size (";
    private const string NameBegins = "in function '";

    private readonly Dictionary<string, long> _frames = [];
    private GCHandle _self;

    private LlvmRemarks() => _self = GCHandle.Alloc(this);

    /// <summary>Octets of each function's frame without its return address; a function without one is not
    /// there.</summary>
    public IReadOnlyDictionary<string, long> Frames => _frames;

    /// <summary>The first error; null when there was none.</summary>
    public string? Error { get; private set; }

    /// <summary>Hears what is said in a context, until both are disposed of.</summary>
    // SAFETY: the handle that LLVM is given lives until this is disposed of, which is after the context.
    public static unsafe LlvmRemarks Of(nint context)
    {
        var remarks = new LlvmRemarks();
        LlvmNative.LLVMContextSetDiagnosticHandler(
            context, (nint)(delegate* unmanaged[Cdecl]<nint, nint, void>)&Hear, GCHandle.ToIntPtr(remarks._self));
        return remarks;
    }

    public void Dispose() => _self.Free();

    // SAFETY: LLVM calls it with its own remark, which lives for the call, and with the argument that it was given.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Hear(nint info, nint argument)
    {
        nint message = LlvmNative.LLVMGetDiagInfoDescription(info);
        string said = Marshal.PtrToStringUTF8(message) ?? "";
        LlvmNative.LLVMDisposeMessage(message);
        if (GCHandle.FromIntPtr(argument).Target is LlvmRemarks remarks)
        {
            remarks.Take(LlvmNative.LLVMGetDiagInfoSeverity(info), said);
        }
    }

    private void Take(int severity, string said)
    {
        if (severity == SeverityOfErrors)
        {
            Error ??= said.Trim();
        }
        else if (Between(said, SizeBegins, ')') is { } size && Between(said, NameBegins, '\'') is { } name
            && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long octets))
        {
            _frames[name] = octets;
        }
    }

    private static string? Between(string text, string begins, char ends)
    {
        int at = text.IndexOf(begins, StringComparison.Ordinal) + begins.Length;
        int end = begins.Length <= at ? text.IndexOf(ends, at) : -1;
        return at <= end ? text[at..end] : null;
    }
}
