using System.Security.Cryptography;
using System.Text;
using Tars.Devices.Host;
using Tars.Devices.Wasi.Linux;

namespace Tars.Host.Journal.Durable;

/// <summary>A folder of the machine as the disk of a journal; one run at a time has it.</summary>
internal sealed class FolderDisk : IJournalDisk
{
    private const int RunNameSize = 32;

    private readonly string _folder;

    // It also holds the name of the run, which is drawn when the folder is first used.
    private readonly FileStream _lock;

    private FolderDisk(string folder, FileStream held)
    {
        _folder = folder;
        _lock = held;
        RunName = NameIn(held);
    }

    public string RunName { get; }

    /// <summary>Makes the folder when it is not there.</summary>
    /// <returns>Null, with why.</returns>
    public static FolderDisk? Open(string folder, out string why)
    {
        why = "";
        try
        {
            Directory.CreateDirectory(folder);
            return new FolderDisk(folder, FolderLock.Take(folder));
        }
        catch (InvalidDataException broken)
        {
            why = broken.Message;
            return null;
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or ArgumentException)
        {
            why = File.Exists(folder) ? "it is a file, and a journal is a folder"
                : Directory.Exists(folder) ? "it may not be used, or another run has it"
                : "the folder cannot be made";
            return null;
        }
    }

    public IReadOnlyList<string> Names() =>
        [.. Directory.EnumerateFiles(_folder).Select(Path.GetFileName).OfType<string>()];

    public byte[] Read(string name) =>
        FileContent.MayBeRead(PathOf(name)) ? File.ReadAllBytes(PathOf(name)) : [];

    public long SizeOf(string name) => new FileInfo(PathOf(name)).Length;

    public TimeSpan AgeOf(string name) => DateTime.UtcNow - File.GetLastWriteTimeUtc(PathOf(name));

    public IJournalFile Create(string name)
    {
        CheckPlace(); // A segment that nothing follows would shut another run out of its own folder.
        return new OpenFile(this, new FileStream(
            PathOf(name), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0));
    }

    public IJournalFile Continue(string name, long octets)
    {
        var stream = new FileStream(PathOf(name), FileMode.Open, FileAccess.Write, FileShare.Read, bufferSize: 0);
        stream.SetLength(octets);
        stream.Position = octets;
        return new OpenFile(this, stream);
    }

    public void Delete(string name)
    {
        CheckPlace(); // What has the name in another folder is another run's.
        File.Delete(PathOf(name));
    }

    public void SyncNames()
    {
        CheckPlace();
        FolderSync.Sync(_folder);
    }

    public void Dispose() => _lock.Dispose();

    private static string NameIn(FileStream held)
    {
        byte[] name = new byte[RunNameSize];
        if (held.ReadAtLeast(name, RunNameSize, throwOnEndOfStream: false) < RunNameSize)
        {
            name = Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(RunNameSize, lowercase: true));
            held.Position = 0;
            held.Write(name);
            held.Flush(flushToDisk: true);
        }

        return Convert.ToHexStringLower(SHA256.HashData(name).AsSpan(0, RunNameSize / 2)); // Whoever wrote it.
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    // Of a folder that was moved or removed no start would find what is written there.
    private void CheckPlace()
    {
        if (!FolderLock.IsStill(_lock))
        {
            throw new IOException("the folder is not where it was");
        }
    }

    private sealed class OpenFile(FolderDisk disk, FileStream stream) : IJournalFile
    {
        public void Write(ReadOnlySpan<byte> octets)
        {
            disk.CheckPlace();
            stream.Write(octets);
        }

        public void Sync() => stream.Flush(flushToDisk: true);

        public void Dispose() => stream.Dispose();
    }
}
