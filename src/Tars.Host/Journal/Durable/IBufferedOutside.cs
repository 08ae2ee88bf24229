using Tars.Kernel.Ports;

namespace Tars.Host.Journal.Durable;

/// <summary>An outside that may put by what it is told, to write it out at once with more.</summary>
/// <remarks>Whatever it has put by is lost with the program. So what it was told has left when <see cref="HandOn"/> has
/// come back, and not before: nobody else can say so.</remarks>
internal interface IBufferedOutside : IOutside
{
    /// <summary>Writes out all that it was told.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    void HandOn();
}
