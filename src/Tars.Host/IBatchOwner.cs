using Tars.Kernel.Ports;

namespace Tars.Host;

/// <summary>Whoever lent a batch to the kernel.</summary>
internal interface IBatchOwner
{
    /// <summary>The kernel gives it back: all of it was taken.</summary>
    void Return(LineBatch batch);
}
