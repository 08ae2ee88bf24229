using Tars.Engine.Vm.Kvm;

namespace Tars.Engine.Vm.Machine;

/// <summary>What a machine was between two runs: memories and control area, with the image they belong to.</summary>
/// <remarks>
/// Stack and registers are no part of it: between two runs there is nothing on them. It never changes, and may outlive
/// the machine it was taken of. Dispose it when no machine is to be made of it any more; those that were keep what they
/// have.
/// </remarks>
internal sealed class VmSnapshot : IDisposable
{
    internal VmSnapshot(VmImage image, byte[] control, IReadOnlyList<Window> windows)
    {
        Image = image;
        Control = control;
        Windows = windows;
    }

    public VmImage Image { get; }

    /// <summary>The control area as far as it was not zero.</summary>
    public byte[] Control { get; }

    public IReadOnlyList<Window> Windows { get; }

    public void Dispose()
    {
        foreach (var window in Windows)
        {
            window.File?.Dispose();
        }
    }

    /// <summary>A linear memory: small ones as octets, large ones as a file that machines show as their own.</summary>
    internal sealed record Window(long Size, long Max, byte[]? Octets, MemoryFile? File);
}
