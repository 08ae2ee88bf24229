using Tars.Bundle.Wasm;

namespace Tars.Kernel.Ports;

/// <summary>Functions that a command imports. Each is answered at once, on the thread of the guest, which
/// waits.</summary>
/// <remarks>
/// Whatever the guest passes is data: an implementation throws nothing and believes nothing. All values are bits: an
/// i32 or f32 is zero-extended.
/// </remarks>
public interface IHostFunctions
{
    /// <summary>The number by which <see cref="Call"/> knows an import; null when it is not given.</summary>
    int? Find(string module, string name, FuncType type);

    /// <summary>Does what was asked and fills in the results.</summary>
    /// <returns>False when the guest shall not go on: its call ends as <see cref="CommandEnd.Stopped"/>.</returns>
    bool Call(int function, ReadOnlySpan<ulong> arguments, Span<ulong> results, IGuestMemory memory);
}
