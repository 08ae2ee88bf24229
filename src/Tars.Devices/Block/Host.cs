using Microsoft.Win32.SafeHandles;
using Tars.Devices.Host;
using Tars.Kernel.Ports;

namespace Tars.Devices.Block;

/// <summary>The real outside of a `block` device: a file of whole sectors that one run at a time has.</summary>
/// <remarks>
/// What is written is sure to outlive a power cut only when a later `flush` has been answered; until then any part of
/// it may be old or new. A write that is repeated changes nothing, for it says where it goes.
/// </remarks>
public sealed class Host : IAskedDevice, IDisposable
{
    private const string NoFile = "it is empty, or no regular file";

    private readonly SafeFileHandle _file;
    private readonly long _sectors;

    /// <exception cref="IOException">There is no such file, or another has it.</exception>
    /// <exception cref="InvalidDataException">It is no whole number of sectors.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public Host(string path)
    {
        if (!FileContent.MayBeRead(path))
        {
            throw new InvalidDataException(NoFile);
        }

        _file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        long size;
        try
        {
            size = RandomAccess.GetLength(_file);
        }
        catch (NotSupportedException)
        {
            _file.Dispose();
            throw new InvalidDataException(NoFile); // Something to be read once, behind a name that is no path.
        }

        _sectors = size / Protocol.SectorBytes;
        if (_sectors == 0 || size % Protocol.SectorBytes != 0)
        {
            _file.Dispose();
            throw new InvalidDataException($"its size is {size}, which is no whole number of sectors of 512 octets");
        }
    }

    public Metrics Metrics { get; } = new();

    public void Dispose() => _file.Dispose();

    public DeviceAnswer? Ask(DeviceAsk asked)
    {
        try
        {
            return asked.Operation switch
            {
                Device.Info => Protocol.Info(_sectors),
                Device.Read => Read(asked),
                Device.Write => Write(asked),
                Device.Flush => Flush(),
                _ => Protocol.NoSuchAsk,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Metrics.Failed++;
            return new DeviceAnswer.Failed(AskFailure.Unavailable, "the file of the device cannot be read or written");
        }
    }

    private DeviceAnswer Read(DeviceAsk asked)
    {
        Metrics.Reads++;
        if (Protocol.Read(asked, _sectors, out long at, out int size, out _) is { } refused)
        {
            return refused;
        }

        byte[] octets = new byte[size];
        for (int filled = 0; filled < size;)
        {
            int read = RandomAccess.Read(_file, octets.AsSpan(filled), at + filled);
            if (read == 0)
            {
                throw new IOException("the file became shorter");
            }

            filled += read;
        }

        return Protocol.Content(octets);
    }

    private DeviceAnswer Write(DeviceAsk asked)
    {
        if (Protocol.Read(asked, _sectors, out long at, out _, out var data) is { } refused)
        {
            return refused;
        }

        Metrics.Writes++;
        RandomAccess.Write(_file, data, at);
        return Protocol.Done;
    }

    private DeviceAnswer Flush()
    {
        Metrics.Flushes++;
        RandomAccess.FlushToDisk(_file);
        return Protocol.Done;
    }
}
