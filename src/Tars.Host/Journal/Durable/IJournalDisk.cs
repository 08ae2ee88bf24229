namespace Tars.Host.Journal.Durable;

/// <summary>Where the files of a durable journal lie: a folder of the machine, or a disk that a test cuts the power
/// of.</summary>
/// <remarks>
/// What was written is there after a power cut when its file was synced since, and a name is there, or gone, when the
/// names were. Every call may throw an <see cref="IOException"/>.
/// </remarks>
internal interface IJournalDisk : IDisposable
{
    /// <summary>What the run is known by outside: the same after a crash, and no other run has it.</summary>
    string RunName { get; }

    IReadOnlyList<string> Names();

    byte[] Read(string name);

    /// <summary>How many octets a file has, without reading them.</summary>
    long SizeOf(string name);

    /// <summary>How long ago a file was written last.</summary>
    TimeSpan AgeOf(string name);

    /// <summary>Makes a file that was not there.</summary>
    IJournalFile Create(string name);

    /// <summary>Cuts a file off behind so many octets, to be written on from there.</summary>
    IJournalFile Continue(string name, long octets);

    void Delete(string name);

    void SyncNames();
}

/// <summary>A file of a journal, written from its end on.</summary>
internal interface IJournalFile : IDisposable
{
    void Write(ReadOnlySpan<byte> octets);

    void Sync();
}
