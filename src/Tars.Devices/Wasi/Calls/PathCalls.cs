using Tars.Devices.Wasi.Files;

namespace Tars.Devices.Wasi.Calls;

/// <summary>The calls that name something by a path in an open folder.</summary>
internal static class PathCalls
{
    public static Errno CreateDirectory(WasiHost wasi, Frame call)
    {
        using var walk = Walk(wasi, call, 0, 1, Rights.PathCreateDirectory, LastLink.Keep, out var errno);
        return walk?.Folder.MakeFolder(walk.Name) ?? errno;
    }

    public static Errno FilestatGet(WasiHost wasi, Frame call)
    {
        if (!TryLast(call.U32(1), out var last))
        {
            return Errno.Inval;
        }

        using var walk = Walk(wasi, call, 0, 2, Rights.PathFilestatGet, last, out var errno);
        return walk is null ? errno
            : StatOf(walk, out var stat) is var found and not Errno.Success ? found
            : FdCalls.PutStat(call, call.U32(4), stat);
    }

    public static Errno SetTimes(WasiHost wasi, Frame call)
    {
        if (!TryLast(call.U32(1), out var last))
        {
            return Errno.Inval;
        }

        var refused = FdCalls.Times(wasi, call, first: 4, out var times);
        using var walk = Walk(wasi, call, 0, 2, Rights.PathFilestatSetTimes, last, out var errno);
        return walk is null ? errno
            : refused is not Errno.Success ? refused
            : FolderIfMeant(walk) is var found and not Errno.Success ? found
            : walk.Folder.SetTimesOf(walk.Name, times);
    }

    public static Errno Link(WasiHost wasi, Frame call)
    {
        if (!TryLast(call.U32(1), out var last))
        {
            return Errno.Inval;
        }

        using var from = Walk(wasi, call, 0, 2, Rights.PathLinkSource, last, out var errno);
        if (from is null)
        {
            return errno;
        }

        using var to = Walk(wasi, call, 4, 5, Rights.PathLinkTarget, LastLink.Keep, out errno);
        return to is null ? errno
            : FolderIfMeant(from) is var found and not Errno.Success ? found
            : to.MeansFolder ? Errno.Noent
            : from.Folder.GetType() != to.Folder.GetType() ? Errno.Xdev
            : from.Folder.Link(from.Name, to.Folder, to.Name);
    }

    public static Errno Open(WasiHost wasi, Frame call)
    {
        if (!TryLast(call.U32(1), out var last)
            || (call.U32(4) & ~(uint)OpenFlags.All) != 0 || (call.U32(7) & ~(uint)FdFlags.All) != 0)
        {
            return Errno.Inval;
        }

        var open = (OpenFlags)call.U32(4);
        var flags = (FdFlags)call.U32(7);
        var rights = (Rights)call.U64(5);
        var inheriting = (Rights)call.U64(6);
        if (open.HasFlag(OpenFlags.Creat | OpenFlags.Directory))
        {
            return Errno.Inval;
        }

        // Creating alone never follows a link in the last place.
        last = open.HasFlag(OpenFlags.Creat | OpenFlags.Excl) ? LastLink.Keep : last;
        using var walk = Walk(wasi, call, 0, 2, NeededToOpen(open), last, out var errno);
        if (walk is null)
        {
            return errno;
        }

        _ = wasi.Files.Find(call.U32(0), Rights.None, out var entry);
        if (((rights | inheriting | NeededFor(flags)) & ~entry.Inheriting) != Rights.None)
        {
            return Errno.Notcapable;
        }

        return OpenAt(wasi, call, walk, new Wanted(open, flags, rights, inheriting));
    }

    public static Errno Readlink(WasiHost wasi, Frame call)
    {
        using var walk = Walk(wasi, call, 0, 1, Rights.PathReadlink, LastLink.FollowBeforeSlash, out var errno);
        if (walk is null)
        {
            return errno;
        }

        if (!call.Holds(call.U32(5), sizeof(uint)) || !call.Holds(call.U32(3), call.U32(4)))
        {
            return Errno.Fault;
        }

        errno = walk.Folder.ReadLink(walk.Name, out var target);
        if (errno is not Errno.Success)
        {
            return errno;
        }

        uint size = Math.Min(call.U32(4), (uint)target.Length);
        _ = call.TryRange(call.U32(3), size, out var bytes);
        target.AsSpan(0, (int)size).CopyTo(bytes);
        return call.Put(call.U32(5), size);
    }

    public static Errno Remove(WasiHost wasi, Frame call)
    {
        using var walk = Walk(wasi, call, 0, 1, Rights.PathRemoveDirectory, LastLink.Keep, out var errno);
        return walk?.Folder.RemoveFolder(walk.Name) ?? errno;
    }

    public static Errno Rename(WasiHost wasi, Frame call)
    {
        using var from = Walk(wasi, call, 0, 1, Rights.PathRenameSource, LastLink.Keep, out var errno);
        if (from is null)
        {
            return errno;
        }

        using var to = Walk(wasi, call, 3, 4, Rights.PathRenameTarget, LastLink.Keep, out errno);
        return to is null ? errno
            : FolderIfMeant(from, alsoIf: to.MeansFolder) is var found and not Errno.Success ? found
            : from.Folder.GetType() != to.Folder.GetType() ? Errno.Xdev
            : from.Folder.Rename(from.Name, to.Folder, to.Name);
    }

    // An absolute target could mean nothing that the command may reach, and might mislead whoever else follows it.
    public static Errno Symlink(WasiHost wasi, Frame call)
    {
        var errno = call.Path(0, out var target);
        if (errno is not Errno.Success)
        {
            return errno;
        }

        using var walk = Walk(wasi, call, 2, 3, Rights.PathSymlink, LastLink.Keep, out errno);
        return walk is null ? errno
            : target.IsEmpty || walk.MeansFolder ? Errno.Noent
            : target[0] == (byte)'/' ? Errno.Notcapable
            : walk.Folder.MakeLink(target.ToArray(), walk.Name);
    }

    public static Errno UnlinkFile(WasiHost wasi, Frame call)
    {
        using var walk = Walk(wasi, call, 0, 1, Rights.PathUnlinkFile, LastLink.Keep, out var errno);
        return walk is null ? errno
            : FolderIfMeant(walk) is var found and not Errno.Success ? found
            : walk.Folder.RemoveFile(walk.Name);
    }

    private static Errno OpenAt(WasiHost wasi, Frame call, PathWalk walk, Wanted wanted)
    {
        if (walk.MeansFolder && wanted.Open.HasFlag(OpenFlags.Creat))
        {
            return Errno.Isdir;
        }

        if (!call.Holds(call.U32(8), sizeof(uint)))
        {
            return Errno.Fault;
        }

        if (!wasi.Files.HasRoom)
        {
            return Errno.Mfile;
        }

        var open = walk.MeansFolder ? wanted.Open | OpenFlags.Directory : wanted.Open;
        bool isFolder = open.HasFlag(OpenFlags.Directory);
        var how = new OpenHow(
            open,
            wanted.Flags,
            Reads: isFolder || (wanted.Rights & Rights.NeedsRead) != Rights.None,
            Writes: !isFolder && (wanted.Rights & Rights.NeedsWrite) != Rights.None);
        var errno = walk.Folder.Open(walk.Name, how, out var file);
        if (errno is not Errno.Success)
        {
            file?.Dispose();
            return errno;
        }

        var possible = file!.Type is FileType.Directory ? Rights.Folder : Rights.File;
        var opened = new FdEntry(file, wanted.Rights & possible, wanted.Inheriting) { Flags = wanted.Flags };
        errno = wasi.Files.Add(opened, out uint fd);
        return errno is Errno.Success ? call.Put(call.U32(8), fd) : errno;
    }

    private static Rights NeededToOpen(OpenFlags open) =>
        Rights.PathOpen
        | (open.HasFlag(OpenFlags.Creat) ? Rights.PathCreateFile : Rights.None)
        | (open.HasFlag(OpenFlags.Trunc) ? Rights.PathFilestatSetSize : Rights.None);

    private static Rights NeededFor(FdFlags flags) =>
        (flags.HasFlag(FdFlags.Dsync) ? Rights.FdDatasync : Rights.None)
        | ((flags & (FdFlags.Sync | FdFlags.Rsync)) != FdFlags.None ? Rights.FdSync : Rights.None);

    /// <summary>Goes along the path that stands at a place, from the folder whose number stands at another.</summary>
    /// <returns>Null, with the errno to answer, when the path leads nowhere.</returns>
    private static PathWalk? Walk(
        WasiHost wasi, Frame call, int folder, int path, Rights needed, LastLink last, out Errno errno)
    {
        errno = wasi.Files.Find(call.U32(folder), needed, out var entry);
        if (errno is Errno.Notcapable && entry.File is not OpenFolder)
        {
            errno = Errno.Notdir;
        }

        if (errno is not Errno.Success)
        {
            return null;
        }

        errno = call.Path(path, out var bytes);
        if (errno is not Errno.Success)
        {
            return null;
        }

        errno = PathWalk.To((OpenFolder)entry.File, bytes, last, out var walk);
        return walk;
    }

    private static bool TryLast(uint lookup, out LastLink last)
    {
        last = lookup == (uint)LookupFlags.SymlinkFollow ? LastLink.Follow : LastLink.FollowBeforeSlash;
        return lookup <= (uint)LookupFlags.SymlinkFollow;
    }

    private static Errno StatOf(PathWalk walk, out FileStat stat)
    {
        var errno = walk.Folder.StatOf(walk.Name, out stat);
        return errno is Errno.Success && walk.MeansFolder && stat.Type is not FileType.Directory
            ? Errno.Notdir
            : errno;
    }

    // A path that ends in a slash means a folder; whoever acts on the name alone asks here first.
    private static Errno FolderIfMeant(PathWalk walk, bool alsoIf = false)
    {
        if (!walk.MeansFolder && !alsoIf)
        {
            return Errno.Success;
        }

        var errno = walk.Folder.StatOf(walk.Name, out var stat);
        return errno is Errno.Success && stat.Type is not FileType.Directory ? Errno.Notdir : errno;
    }

    /// <summary>What <c>path_open</c> asks for.</summary>
    private sealed record Wanted(OpenFlags Open, FdFlags Flags, Rights Rights, Rights Inheriting);
}
