using Tars.Devices.Wasi;
using Tars.Devices.Wasi.Linux;
using Tars.Kernel.Ports;

namespace Tars.Devices.Directory;

/// <summary>The real outside of a `directory` device: a folder of the machine, nothing beside or above.</summary>
public sealed class Host : IAskedDevice, IDisposable
{
    private readonly Tree _tree;

    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be used.</exception>
    /// <exception cref="InvalidDataException">It cannot be used, for the reason that the exception tells.</exception>
    public Host(string folder)
    {
        if (LinuxFolder.Open(folder, out var errno) is not { } opened)
        {
            throw errno switch
            {
                Errno.Noent => new DirectoryNotFoundException(),
                Errno.Acces => new UnauthorizedAccessException(),
                Errno.Notsup => new InvalidDataException("folders are given to devices on 64-bit Linux only"),
                _ => new InvalidDataException("it is no folder that can be used"), // Whatever a system may say.
            };
        }

        _tree = new Tree(opened);
    }

    public Metrics Metrics => _tree.Metrics;

    public DeviceAnswer? Ask(DeviceAsk asked) => _tree.Ask(asked);

    public void Dispose() => _tree.Dispose();
}
