namespace Tars.Devices.Wasi;

/// <summary>What an open file is, in the numbers of preview 1.</summary>
internal enum FileType : byte
{
    Unknown = 0,
    BlockDevice = 1,
    CharacterDevice = 2,
    Directory = 3,
    RegularFile = 4,
    SocketDgram = 5,
    SocketStream = 6,
    SymbolicLink = 7,
}

/// <summary>How an open file reads and writes.</summary>
[Flags]
internal enum FdFlags : ushort
{
    None = 0,
    Append = 1,
    Dsync = 2,
    Nonblock = 4,
    Rsync = 8,
    Sync = 16,
    All = Append | Dsync | Nonblock | Rsync | Sync,
}

/// <summary>How <c>path_open</c> treats what is there, or is not.</summary>
[Flags]
internal enum OpenFlags : ushort
{
    None = 0,
    Creat = 1,
    Directory = 2,
    Excl = 4,
    Trunc = 8,
    All = Creat | Directory | Excl | Trunc,
}

/// <summary>Which times <c>fd_filestat_set_times</c> sets, and to what.</summary>
[Flags]
internal enum TimeFlags : ushort
{
    None = 0,
    Atim = 1,
    AtimNow = 2,
    Mtim = 4,
    MtimNow = 8,
    All = Atim | AtimNow | Mtim | MtimNow,
}

/// <summary>What an offset of <c>fd_seek</c> counts from.</summary>
internal enum Whence : byte
{
    Set = 0,
    Cur = 1,
    End = 2,
}

/// <summary>The clocks of preview 1.</summary>
internal enum ClockId : uint
{
    Realtime = 0,
    Monotonic = 1,
    ProcessCputime = 2,
    ThreadCputime = 3,
}

/// <summary>The one flag of path lookups.</summary>
[Flags]
internal enum LookupFlags : uint
{
    None = 0,
    SymlinkFollow = 1,
}
