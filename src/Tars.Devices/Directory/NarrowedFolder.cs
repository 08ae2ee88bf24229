using System.Collections.Immutable;
using Tars.Devices.Wasi;
using Tars.Devices.Wasi.Files;

namespace Tars.Devices.Directory;

/// <summary>The folder that a capability was narrowed to, held open for one ask.</summary>
/// <remarks>
/// Invariants:
///   I1  Each folder was reached from the one before it alone, so a link on the way leads no further than what its
///       narrower could use himself; and no link below the last one leads out of that.
/// </remarks>
internal sealed class NarrowedFolder : IDisposable
{
    private readonly OpenFolder _whole;
    private string _path = "";

    private NarrowedFolder(OpenFolder whole) => Folder = _whole = whole;

    public OpenFolder Folder { get; private set; }

    /// <param name="whole">The device's own folder; it stays its owner's.</param>
    /// <param name="within">See <see cref="Kernel.Ports.DeviceAsk.Within"/>.</param>
    /// <returns>An errno, and nothing to dispose, when there is no such folder or it lies outside.</returns>
    public static Errno Open(OpenFolder whole, ImmutableArray<string> within, out NarrowedFolder? narrowed)
    {
        var made = new NarrowedFolder(whole);
        var errno = Errno.Success;
        foreach (string folder in within)
        {
            errno = errno is Errno.Success ? made.Enter(folder.TrimEnd('/')) : errno;
        }

        narrowed = errno is Errno.Success ? made : null;
        if (narrowed is null)
        {
            made.Dispose();
        }

        return errno;
    }

    /// <summary>A path from the device's own folder on, as one from this folder on; null when it lies outside.
    /// </summary>
    public string? Below(string path)
    {
        if (_path.Length == 0)
        {
            return path;
        }

        bool lies = path.StartsWith(_path, StringComparison.Ordinal)
            && (path.Length == _path.Length || path[_path.Length] == '/');
        return lies ? path[_path.Length..].TrimStart('/') : null;
    }

    public void Dispose()
    {
        if (Folder != _whole)
        {
            Folder.Dispose();
        }
    }

    private Errno Enter(string folder)
    {
        if (Below(folder) is not { } below)
        {
            return Errno.Notcapable;
        }

        var errno = Tree.Walk(Folder, below, LastLink.Follow, out var walk);
        if (walk is null)
        {
            return errno;
        }

        using (walk)
        {
            errno = walk.Folder.Step(walk.Name, out var entered);
            if (errno is Errno.Success && entered is not null)
            {
                Dispose();
                (Folder, _path) = (entered, folder); // I1
            }

            return errno;
        }
    }
}
