using Tars.Devices.Host;

namespace Tars.Host.Journal.Durable;

/// <summary>A folder of the machine that is looked at and not changed: nobody's lock is asked, and none is taken.
/// </summary>
internal sealed class FolderView(string folder) : IJournalDisk
{
    /// <summary>None: nothing is run from a view.</summary>
    public string RunName => "";

    public IReadOnlyList<string> Names() =>
        [.. Directory.EnumerateFiles(folder).Select(Path.GetFileName).OfType<string>()];

    public byte[] Read(string name) => FileContent.MayBeRead(PathOf(name)) ? File.ReadAllBytes(PathOf(name)) : [];

    public long SizeOf(string name) => new FileInfo(PathOf(name)).Length;

    public TimeSpan AgeOf(string name) => DateTime.UtcNow - File.GetLastWriteTimeUtc(PathOf(name));

    public IJournalFile Create(string name) => throw ToRead();

    public IJournalFile Continue(string name, long octets) => throw ToRead();

    public void Delete(string name) => throw ToRead();

    public void SyncNames() => throw ToRead();

    public void Dispose()
    {
        // Nothing is held.
    }

    private static IOException ToRead() => new("it was opened to be read");

    private string PathOf(string name) => Path.Combine(folder, name);
}
