using System.Security.Cryptography;
using System.Text;
using Tars.Base;
using Tars.Devices.Wasi;
using Tars.Devices.Wasi.Files;
using Tars.Kernel.Ports;

namespace Tars.Devices.Directory;

/// <summary>What the device and its twin share: asks by path, on a folder of the machine or in memory.</summary>
/// <remarks>
/// Invariants:
///   I1  No path leads out of the folder: each goes name by name through <see cref="PathWalk"/>, which reads links
///       itself and stops at one that leads out, whatever is renamed outside meanwhile. The folder is that which the
///       asker's capability was narrowed to, and itself has no name in it.
///   I2  `write` leaves the old content or the new one, and nothing open is kept from one ask to the next.
///   I3  Every ask but `move` may be repeated: doing it twice leaves what doing it once leaves.
///   I4  Whoever else writes in the folder, also by this device in another run, is not disturbed: a file that is being
///       written has a name that nobody else draws.
/// </remarks>
internal sealed class Tree(OpenFolder root) : IAskedDevice, IDisposable
{
    private const int DrawnNameBytes = 8;

    // What is being written is called so, with what is drawn behind it.
    private static readonly byte[] _freshBegin = Encoding.ASCII.GetBytes(".tars-write-");

    private readonly HashSet<(ulong Device, ulong Inode)> _swept = [];

    public Metrics Metrics { get; } = new();

    public void Dispose() => root.Dispose();

    public DeviceAnswer? Ask(DeviceAsk asked)
    {
        Metrics.Asks++;
        var answer = Serve(asked);
        Metrics.Denied += answer is DeviceAnswer.Failed { Why: AskFailure.Denied } ? 1 : 0;
        Metrics.Failed += answer is DeviceAnswer.Failed ? 1 : 0;
        return answer;
    }

    private DeviceAnswer Serve(DeviceAsk asked)
    {
        var errno = NarrowedFolder.Open(root, asked.Within, out var narrowed); // I1
        using (narrowed)
        {
            return narrowed is not null ? Serve(asked, narrowed)
                : asked.Operation == Device.Info && errno == Errno.Noent ? Protocol.Nothing
                : Protocol.Failed(errno);
        }
    }

    private DeviceAnswer Serve(DeviceAsk asked, NarrowedFolder narrowed)
    {
        var reader = new ByteReader(asked.Arguments.AsSpan());
        var errno = Walk(narrowed, reader.Text(), LastLinkOf(asked.Operation), out var walk);
        if (walk is null)
        {
            return asked.Operation == Device.Info && errno == Errno.Noent ? Protocol.Nothing : Protocol.Failed(errno);
        }

        using (walk)
        {
            return asked.Operation switch
            {
                Device.List => List(walk),
                Device.Info => Info(walk),
                Device.Read => Read(walk, reader.I64(), reader.I64()),
                Device.Write => Write(walk, reader.Bytes(reader.U32())),
                Device.WriteAt => WriteAt(walk, reader.I64(), reader.Bytes(reader.U32())),
                Device.Make => Make(walk),
                Device.Move => Move(walk, narrowed, reader.Text()),
                Device.Delete => Delete(walk),
                _ => Protocol.Failed(AskFailure.Refused, "a directory has no such ask"),
            };
        }
    }

    // A link is followed for what it leads to, inside the folder; what names a thing itself means the link.
    private static LastLink LastLinkOf(int operation) =>
        operation is Device.List or Device.Read or Device.WriteAt or Device.Make ? LastLink.Follow : LastLink.Keep;

    private static Errno Walk(NarrowedFolder narrowed, string path, LastLink last, out PathWalk? walk)
    {
        walk = null;
        return narrowed.Below(path) is { } below
            ? Walk(narrowed.Folder, below, last, out walk)
            : Errno.Notcapable;
    }

    /// <summary>Goes along a path of a guest, below one folder.</summary>
    internal static Errno Walk(OpenFolder folder, string path, LastLink last, out PathWalk? walk)
    {
        walk = null;
        byte[] octets = Encoding.UTF8.GetBytes(path);
        var errno = Limits.PathBytesMax < octets.Length ? Errno.Nametoolong
            : octets.Contains((byte)0) ? Errno.Inval
            : PathWalk.To(folder, octets.Length == 0 ? "."u8 : octets, last, out walk); // I1
        if (walk is not null && IsFresh(walk.Name))
        {
            walk.Dispose();
            walk = null;
            errno = Errno.Acces; // It is taken away some time.
        }

        return errno;
    }

    private static DeviceAnswer List(PathWalk walk)
    {
        var errno = Open(walk, OpenFlags.Directory, writes: false, out var opened);
        using (opened)
        {
            if (errno is not Errno.Success || opened is not OpenFolder folder)
            {
                return Protocol.Failed(errno is Errno.Success ? Errno.Notdir : errno);
            }

            errno = folder.List(out var names);
            if (errno is not Errno.Success || Limits.DirectoryEntriesMax < names.Count)
            {
                return errno is Errno.Success
                    ? Protocol.Failed(AskFailure.Refused, $"it has more than {Limits.DirectoryEntriesMax} entries")
                    : Protocol.Failed(errno);
            }

            // What went away since it was listed is left out, and so is what no text can name.
            var entries = new List<(string Name, FileStat Stat)>();
            foreach (var one in names)
            {
                if (Protocol.NameOf(one.Name) is { } name && folder.StatOf(one.Name, out var stat) is Errno.Success)
                {
                    entries.Add((name, stat));
                }
            }

            return Protocol.Entries(entries);
        }
    }

    private static DeviceAnswer Info(PathWalk walk)
    {
        var errno = walk.Folder.StatOf(walk.Name, out var stat);
        return errno is Errno.Success ? Protocol.Entry(Encoding.UTF8.GetString(walk.Name), stat)
            : errno is Errno.Noent ? Protocol.Nothing
            : Protocol.Failed(errno);
    }

    private static DeviceAnswer Read(PathWalk walk, long at, long count)
    {
        if (at < 0 || count is < 0 or > Limits.DirectoryTransferBytesMax)
        {
            return Protocol.Failed(AskFailure.Refused, "more at once than 1 MiB, or less than nothing");
        }

        var errno = Open(walk, default, writes: false, out var file);
        using (file)
        {
            byte[] octets = new byte[count];
            int filled = 0;
            int read = 1;
            while (errno is Errno.Success && filled < octets.Length && read != 0)
            {
                errno = file is null or OpenFolder
                    ? Errno.Isdir
                    : file.ReadAt(octets.AsSpan(filled), at + filled, out read);
                filled += read;
            }

            return errno is Errno.Success ? Protocol.Content(octets.AsSpan(0, filled)) : Protocol.Failed(errno);
        }
    }

    // A new file is written, synced and put in the place of the old one. // I2
    private DeviceAnswer Write(PathWalk walk, ReadOnlySpan<byte> data)
    {
        var folder = walk.Folder;
        bool isFolder = folder.StatOf(walk.Name, out var there) is Errno.Success && there.Type is FileType.Directory;
        if (isFolder || walk.MeansFolder)
        {
            return Protocol.Failed(Errno.Isdir);
        }

        byte[] fresh =
        [
            .. _freshBegin,
            .. Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(2 * DrawnNameBytes, lowercase: true)),
        ];
        var how = new OpenHow(OpenFlags.Creat | OpenFlags.Excl, default, Reads: false, Writes: true);
        var errno = folder.Open(fresh, how, out var file); // I4
        if (errno is not Errno.Success)
        {
            return Protocol.Failed(errno);
        }

        using (file)
        {
            Sweep(folder, file!);
            errno = Put(file!, at: 0, data);
        }

        errno = errno is Errno.Success ? folder.Rename(fresh, folder, walk.Name) : errno;
        if (errno is not Errno.Success)
        {
            _ = folder.RemoveFile(fresh);
            return Protocol.Failed(errno);
        }

        _ = folder.Sync(dataOnly: false); // Not every system syncs folders.
        return Protocol.Done;
    }

    private static bool IsFresh(ReadOnlySpan<byte> name) => name.StartsWith(_freshBegin);

    // What a power cut has left of writes goes at the first write in its folder, when it is so old by the file
    // system's own clock that nobody is at it any more.
    private void Sweep(OpenFolder folder, OpenFile fresh)
    {
        if (Limits.DirectoryFoldersSweptMax <= _swept.Count)
        {
            _swept.Clear();
        }

        var how = new OpenHow(OpenFlags.Directory, default, Reads: true, Writes: false);
        if (folder.Stat(out var place) is not Errno.Success || fresh.Stat(out var now) is not Errno.Success
            || !_swept.Add((place.Device, place.Inode))
            || folder.Open([(byte)'.'], how, out var opened) is not Errno.Success)
        {
            return;
        }

        using (opened)
        {
            if (opened is not OpenFolder listed || listed.List(out var entries) is not Errno.Success)
            {
                return;
            }

            foreach (var one in entries.Where(one => IsFresh(one.Name)))
            {
                if (folder.StatOf(one.Name, out var left) is Errno.Success && left.Type is FileType.RegularFile
                    && left.Mtim < now.Mtim - Limits.DirectoryWriteNanosecondsMax)
                {
                    _ = folder.RemoveFile(one.Name);
                }
            }
        }
    }

    private static DeviceAnswer WriteAt(PathWalk walk, long at, ReadOnlySpan<byte> data)
    {
        // What does not begin at the beginning is part of a file that is there.
        var errno = Open(walk, at == 0 ? OpenFlags.Creat : default, writes: true, out var file);
        using (file)
        {
            if (errno is not Errno.Success || file is null or OpenFolder)
            {
                return Protocol.Failed(errno is Errno.Success ? Errno.Isdir : errno);
            }

            errno = file.Stat(out var stat);
            if (errno is Errno.Success && (at < 0 || (long)stat.Size < at))
            {
                return Protocol.Failed(AskFailure.Refused, $"it would leave a hole: the file has {stat.Size} octets");
            }

            errno = errno is Errno.Success ? Put(file, at, data) : errno;
            return errno is Errno.Success ? Protocol.Done : Protocol.Failed(errno);
        }
    }

    private static DeviceAnswer Make(PathWalk walk)
    {
        var errno = walk.Folder.MakeFolder(walk.Name);
        bool isThere = errno is Errno.Exist && walk.Folder.StatOf(walk.Name, out var stat) is Errno.Success
            && stat.Type is FileType.Directory; // I3
        return errno is Errno.Success || isThere ? Protocol.Done : Protocol.Failed(errno);
    }

    private static DeviceAnswer Move(PathWalk from, NarrowedFolder narrowed, string path)
    {
        var errno = Walk(narrowed, path, LastLink.Keep, out var to);
        if (to is null)
        {
            return Protocol.Failed(errno);
        }

        using (to)
        {
            // The folder itself has no name in it.
            errno = from.Name is [(byte)'.'] || to.Name is [(byte)'.']
                ? Errno.Inval
                : from.Folder.Rename(from.Name, to.Folder, to.Name);
            return errno is Errno.Success ? Protocol.Done : Protocol.Failed(errno);
        }
    }

    private static DeviceAnswer Delete(PathWalk walk)
    {
        if (walk.Name is [(byte)'.'])
        {
            return Protocol.Failed(Errno.Inval);
        }

        var errno = walk.Folder.StatOf(walk.Name, out var stat);
        errno = errno is not Errno.Success ? errno
            : stat.Type is FileType.Directory ? walk.Folder.RemoveFolder(walk.Name)
            : walk.Folder.RemoveFile(walk.Name);
        return errno is Errno.Success or Errno.Noent ? Protocol.Done : Protocol.Failed(errno); // I3
    }

    // To open a pipe waits, and to open a device may do something; the folder is for files.
    private static Errno Open(PathWalk walk, OpenFlags flags, bool writes, out OpenFile? file)
    {
        file = null;
        bool isOther = walk.Folder.StatOf(walk.Name, out var stat) is Errno.Success
            && stat.Type is not (FileType.RegularFile or FileType.Directory);
        return isOther
            ? Errno.Inval
            : walk.Folder.Open(walk.Name, new OpenHow(flags, default, Reads: true, writes), out file);
    }

    private static Errno Put(OpenFile file, long at, ReadOnlySpan<byte> data)
    {
        var errno = Errno.Success;
        while (!data.IsEmpty && errno is Errno.Success)
        {
            errno = file.WriteAt(data, at, out int written);
            at += written;
            data = data[written..];
        }

        return errno is Errno.Success ? file.Sync(dataOnly: true) : errno;
    }
}
