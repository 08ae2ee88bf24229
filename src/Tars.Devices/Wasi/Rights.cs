namespace Tars.Devices.Wasi;

/// <summary>What may be done with one open file or folder. The bits are those of preview 1.</summary>
[Flags]
internal enum Rights : ulong
{
    None = 0,
    FdDatasync = 1 << 0,
    FdRead = 1 << 1,
    FdSeek = 1 << 2,
    FdFdstatSetFlags = 1 << 3,
    FdSync = 1 << 4,
    FdTell = 1 << 5,
    FdWrite = 1 << 6,
    FdAdvise = 1 << 7,
    FdAllocate = 1 << 8,
    PathCreateDirectory = 1 << 9,
    PathCreateFile = 1 << 10,
    PathLinkSource = 1 << 11,
    PathLinkTarget = 1 << 12,
    PathOpen = 1 << 13,
    FdReaddir = 1 << 14,
    PathReadlink = 1 << 15,
    PathRenameSource = 1 << 16,
    PathRenameTarget = 1 << 17,
    PathFilestatGet = 1 << 18,
    PathFilestatSetSize = 1 << 19,
    PathFilestatSetTimes = 1 << 20,
    FdFilestatGet = 1 << 21,
    FdFilestatSetSize = 1 << 22,
    FdFilestatSetTimes = 1 << 23,
    PathSymlink = 1 << 24,
    PathRemoveDirectory = 1 << 25,
    PathUnlinkFile = 1 << 26,
    PollFdReadwrite = 1 << 27,
    SockShutdown = 1 << 28,
    SockAccept = 1 << 29,

    /// <summary>What a file of the outside can be asked for.</summary>
    File = FdDatasync | FdRead | FdSeek | FdFdstatSetFlags | FdSync | FdTell | FdWrite | FdAdvise | FdAllocate
        | FdFilestatGet | FdFilestatSetSize | FdFilestatSetTimes | PollFdReadwrite,

    /// <summary>What a folder can be asked for.</summary>
    Folder = FdFdstatSetFlags | FdSync | FdAdvise | PathCreateDirectory | PathCreateFile | PathLinkSource
        | PathLinkTarget | PathOpen | FdReaddir | PathReadlink | PathRenameSource | PathRenameTarget
        | PathFilestatGet | PathFilestatSetSize | PathFilestatSetTimes | FdFilestatGet | FdFilestatSetTimes
        | PathSymlink | PathRemoveDirectory | PathUnlinkFile,

    /// <summary>Of all these, what changes nothing outside.</summary>
    Reading = FdRead | FdSeek | FdTell | FdAdvise | PathOpen | FdReaddir | PathReadlink | PathFilestatGet
        | FdFilestatGet | PollFdReadwrite,

    /// <summary>Any of these asks for a file that can be read.</summary>
    NeedsRead = FdRead | FdReaddir,

    /// <summary>Any of these asks for a file that can be written.</summary>
    NeedsWrite = FdWrite | FdDatasync | FdAllocate | FdFilestatSetSize,

    InputStream = FdRead | FdFilestatGet | PollFdReadwrite,

    OutputStream = FdWrite | FdFilestatGet | PollFdReadwrite,
}
