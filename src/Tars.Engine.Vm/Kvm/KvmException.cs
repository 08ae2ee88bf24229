using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Tars.Engine.Vm.Kvm;

/// <summary>The system refused something that a machine needs.</summary>
internal sealed class KvmException : Exception
{
    private KvmException(string message, int error)
        : base(message) => Error = error;

    /// <summary>The errno.</summary>
    public int Error { get; }

    /// <summary>What the last call of this thread was refused with.</summary>
    public static KvmException Last(string call)
    {
        int error = Marshal.GetLastPInvokeError();
        return new KvmException($"{call}: {new Win32Exception(error).Message} (errno {error})", error);
    }

    public static KvmException Missing(string what) => new($"KVM has no {what}", error: 0);

    /// <summary>There is no room for what was asked, by a bound of our own.</summary>
    public static KvmException Full(string why) => new(why, error: 0);
}
