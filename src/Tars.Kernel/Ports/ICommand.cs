using Tars.Bundle.Wasm;

namespace Tars.Kernel.Ports;

/// <summary>One instance of a command's module.</summary>
public interface ICommand : IDisposable
{
    /// <summary>Calls a function to its end.</summary>
    /// <param name="arguments">One for each parameter, as bits; vectors and references cannot be given.</param>
    CommandEnd Call(FuncIndex function, ReadOnlySpan<ulong> arguments, long fuel);

    /// <summary>Ends the call that is running with <see cref="FaultKind.Deadline"/>. Any thread may ask for
    /// it.</summary>
    void Abort();
}
