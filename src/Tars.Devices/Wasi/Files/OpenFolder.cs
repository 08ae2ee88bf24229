namespace Tars.Devices.Wasi.Files;

/// <summary>An open folder of the outside: operations on single names in it.</summary>
/// <remarks>
/// A name is one component: not empty, no <c>/</c>, no NUL, not <c>..</c>; it may be <c>.</c>, the folder itself.
///
/// Invariants:
///   I1  No operation follows a symbolic link; <see cref="PathWalk"/> alone reads them.
///   I2  Nothing is reached by a path: only by a name in a folder that is open already. Whatever is renamed outside
///       meanwhile, no operation leaves the tree that was granted.
/// </remarks>
internal abstract class OpenFolder : OpenFile
{
    public override FileType Type => FileType.Directory;

    /// <summary>Opens a folder to go through it; anything else, links too, is <see cref="Errno.Notdir"/>.</summary>
    public abstract Errno Step(byte[] name, out OpenFolder? folder);

    public abstract Errno Open(byte[] name, OpenHow how, out OpenFile? file);

    /// <summary>The target; <see cref="Errno.Inval"/> for what is there and no link.</summary>
    public abstract Errno ReadLink(byte[] name, out byte[] target);

    public abstract Errno StatOf(byte[] name, out FileStat stat);

    public abstract Errno SetTimesOf(byte[] name, NewTimes times);

    public abstract Errno MakeFolder(byte[] name);

    public abstract Errno RemoveFolder(byte[] name);

    public abstract Errno RemoveFile(byte[] name);

    /// <summary>Both folders are of one kind.</summary>
    public abstract Errno Rename(byte[] name, OpenFolder to, byte[] newName);

    public abstract Errno Link(byte[] name, OpenFolder to, byte[] newName);

    public abstract Errno MakeLink(byte[] target, byte[] name);

    /// <summary>All names but <c>.</c> and <c>..</c>, in any order.</summary>
    public abstract Errno List(out List<FolderEntry> entries);
}
