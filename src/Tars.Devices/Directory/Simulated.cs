using System.Text;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Devices.Host;
using Tars.Devices.Wasi.Simulated;
using Tars.Kernel.Ports;

namespace Tars.Devices.Directory;

/// <summary>The twin of a `directory` device: a folder in memory with the files that a scenario puts there.</summary>
public sealed class Simulated : IAskedDevice, IDisposable
{
    private readonly Tree _tree = new(new MemoryFolder(new VirtualClock()));

    /// <param name="files">Path to content; folders on the way are made. What is no path is left out.</param>
    public Simulated(IReadOnlyList<KeyValuePair<string, string>> files)
    {
        foreach (var (path, content) in files)
        {
            for (int cut = path.IndexOf('/', StringComparison.Ordinal); 0 <= cut; cut = path.IndexOf('/', cut + 1))
            {
                _ = _tree.Ask(Asked(Device.Make, path[..cut], content: null));
            }

            _ = _tree.Ask(Asked(Device.Write, path, Encoding.UTF8.GetBytes(content)));
        }
    }

    public Metrics Metrics => _tree.Metrics;

    public DeviceAnswer? Ask(DeviceAsk asked) => _tree.Ask(asked);

    public void Dispose() => _tree.Dispose();

    private static DeviceAsk Asked(int operation, string path, byte[]? content)
    {
        var arguments = new ByteWriter();
        arguments.Text(path);
        if (content is not null)
        {
            arguments.U32((uint)content.Length);
            arguments.Bytes(content);
        }

        return new DeviceAsk(operation, [.. arguments.Written], new SchemaType.Unit());
    }
}
