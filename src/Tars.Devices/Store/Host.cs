using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Devices.Store;

/// <summary>The real outside of a `store` device: a folder with one file for each value.</summary>
/// <remarks>
/// Invariants:
///   I1  A key never is part of a path: a file is called by the hash of its key, and holds the key.
///   I2  A change is whole or not there: a new file is written, synced and put in the place of the old one.
///   I3  What was damaged by others is an answer that says so, never a value.
/// </remarks>
public sealed class Host : IAskedDevice
{
    private const string Ending = ".value";
    private const int SumBytes = 8;

    private readonly string _folder;
    private int _count;

    /// <param name="folder">Made when it is not there. One run at a time has it.</param>
    /// <exception cref="IOException">The folder cannot be made or listed.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be used.</exception>
    public Host(string folder)
    {
        _folder = folder;
        System.IO.Directory.CreateDirectory(folder);
        _count = System.IO.Directory.EnumerateFiles(folder, $"*{Ending}").Count();
    }

    public Metrics Metrics { get; } = new();

    public DeviceAnswer? Ask(DeviceAsk asked)
    {
        Metrics.Asks++;
        var answer = Protocol.Read(asked, out string key, out var value) ?? Serve(asked.Operation, key, value);
        Metrics.Failed += answer is DeviceAnswer.Failed ? 1 : 0;
        return answer;
    }

    private DeviceAnswer Serve(int operation, string key, ImmutableArray<byte> value)
    {
        string path = PathOf(key);
        try
        {
            return operation switch
            {
                Device.Get => Get(path, key),
                Device.Put => Put(path, key, value),
                Device.PutNew => File.Exists(path) ? Protocol.Fresh(isFresh: false) : PutNew(path, key, value),
                Device.Delete => Delete(path),
                _ => new DeviceAnswer.Failed(AskFailure.Refused, "a store has no such ask"),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new DeviceAnswer.Failed(AskFailure.Unavailable, "the folder of the store cannot be used");
        }
    }

    private static DeviceAnswer Get(string path, string key)
    {
        if (!File.Exists(path))
        {
            return Protocol.Nothing;
        }

        // A little more than the largest value, so that a file of others is not read whole.
        using var stream = File.OpenRead(path);
        byte[] octets = new byte[Limits.StoreKeyBytesMax + Limits.StoreValueBytesMax + 64];
        int size = stream.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
        return Content(octets.AsSpan(0, size), key) is { } value
            ? Protocol.Found(value)
            : new DeviceAnswer.Failed(AskFailure.Unavailable, "the value was damaged"); // I3
    }

    private DeviceAnswer Put(string path, string key, ImmutableArray<byte> value)
    {
        bool isNew = !File.Exists(path);
        if (isNew && Limits.StoreKeysMax <= _count)
        {
            return new DeviceAnswer.Failed(AskFailure.Refused, "the store is full");
        }

        var content = new ByteWriter();
        content.Text(key);
        content.U32((uint)value.Length);
        content.Bytes(value.AsSpan());
        content.Bytes(SHA256.HashData(content.Written).AsSpan(0, SumBytes));
        string fresh = $"{path}.new";
        File.Delete(fresh); // A link that someone put there would be followed.
        using (var stream = new FileStream(fresh, FileMode.CreateNew, FileAccess.Write))
        {
            stream.Write(content.Written);
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true); // I2
        _count += isNew ? 1 : 0;
        return Protocol.Done;
    }

    private DeviceAnswer PutNew(string path, string key, ImmutableArray<byte> value) =>
        Put(path, key, value) is DeviceAnswer.Failed failed ? failed : Protocol.Fresh(isFresh: true);

    private DeviceAnswer Delete(string path)
    {
        _count -= File.Exists(path) ? 1 : 0;
        File.Delete(path);
        return Protocol.Done;
    }

    private string PathOf(string key) => // I1
        Path.Combine(_folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))) + Ending);

    // Null when the octets are not what was written for this key.
    private static byte[]? Content(ReadOnlySpan<byte> octets, string key)
    {
        if (octets.Length < SumBytes)
        {
            return null;
        }

        var body = octets[..^SumBytes];
        if (!SHA256.HashData(body).AsSpan(0, SumBytes).SequenceEqual(octets[^SumBytes..]))
        {
            return null;
        }

        var reader = new ByteReader(body);
        string written = reader.Text();
        var value = reader.Bytes(reader.U32());
        return !reader.Failed && reader.AtEnd && written == key ? value.ToArray() : null;
    }
}
