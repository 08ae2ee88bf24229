using System.Text;
using Tars.Base;
using Tars.Devices.Host;
using Tars.Devices.Wasi.Files;

namespace Tars.Devices.Wasi.Simulated;

/// <summary>The twin of a folder, in memory. It answers what the system would answer.</summary>
internal sealed class MemoryFolder : OpenFolder
{
    private readonly MemoryTree _tree;
    private readonly MemoryNode _node;

    /// <summary>An empty folder of its own.</summary>
    public MemoryFolder(IClock clock)
    {
        _tree = new MemoryTree(clock);
        _node = _tree.Make(FileType.Directory)!;
    }

    private MemoryFolder(MemoryTree tree, MemoryNode node)
    {
        _tree = tree;
        _node = node;
    }

    public override Errno Stat(out FileStat stat)
    {
        stat = _node.Stat;
        return Errno.Success;
    }

    public override Errno SetFlags(FdFlags flags) => flags is FdFlags.None ? Errno.Success : Errno.Notsup;

    public override Errno SetTimes(NewTimes times) => SetTimesOf([(byte)'.'], times);

    public override Errno Step(byte[] name, out OpenFolder? folder)
    {
        var found = Find(name);
        folder = found?.Type is FileType.Directory ? new MemoryFolder(_tree, found) : null;
        return found is null ? Errno.Noent : folder is null ? Errno.Notdir : Errno.Success;
    }

    public override Errno Open(byte[] name, OpenHow how, out OpenFile? file)
    {
        file = null;
        var found = Find(name);
        bool creates = how.Open.HasFlag(OpenFlags.Creat);
        if (found is not null && creates && how.Open.HasFlag(OpenFlags.Excl))
        {
            return Errno.Exist;
        }

        if (found is null && creates)
        {
            var errno = Put(name, FileType.RegularFile, out found);
            if (errno is not Errno.Success)
            {
                return errno;
            }
        }

        switch (found?.Type)
        {
            case null:
                return Errno.Noent;
            case FileType.SymbolicLink:
                return how.Open.HasFlag(OpenFlags.Directory) ? Errno.Notdir : Errno.Loop;
            case FileType.Directory:
                file = new MemoryFolder(_tree, found);
                return creates || how.Writes || how.Open.HasFlag(OpenFlags.Trunc) ? Errno.Isdir : Errno.Success;
            default:
                file = new MemoryFile(_tree, found, how);
                return how.Open.HasFlag(OpenFlags.Directory) ? Errno.Notdir
                    : how.Open.HasFlag(OpenFlags.Trunc) ? _tree.Resize(found, 0)
                    : Errno.Success;
        }
    }

    public override Errno ReadLink(byte[] name, out byte[] target)
    {
        var found = Find(name);
        bool isLink = found?.Type is FileType.SymbolicLink;
        target = isLink ? found!.Content.ToArray() : [];
        return found is null ? Errno.Noent : isLink ? Errno.Success : Errno.Inval;
    }

    public override Errno StatOf(byte[] name, out FileStat stat)
    {
        var found = Find(name);
        stat = found?.Stat ?? default;
        return found is null ? Errno.Noent : Errno.Success;
    }

    public override Errno SetTimesOf(byte[] name, NewTimes times)
    {
        if (Find(name) is not { } found)
        {
            return Errno.Noent;
        }

        found.Atim = times.Atim ?? found.Atim;
        found.Mtim = times.Mtim ?? found.Mtim;
        found.Ctim = _tree.Now;
        return Errno.Success;
    }

    public override Errno MakeFolder(byte[] name)
    {
        var errno = Put(name, FileType.Directory, out _);
        _node.LinkCount += errno is Errno.Success ? 1 : 0;
        return errno;
    }

    public override Errno RemoveFolder(byte[] name)
    {
        var found = Find(name);
        var errno = found is null ? Errno.Noent
            : found == _node ? Errno.Inval
            : found.Type is not FileType.Directory ? Errno.Notdir
            : found.Names.Count != 0 ? Errno.Notempty
            : Errno.Success;
        if (errno is Errno.Success)
        {
            Take(name, found!);
        }

        return errno;
    }

    public override Errno RemoveFile(byte[] name)
    {
        var found = Find(name);
        var errno = found is null ? Errno.Noent
            : found.Type is FileType.Directory ? Errno.Isdir
            : Errno.Success;
        if (errno is Errno.Success)
        {
            Take(name, found!);
        }

        return errno;
    }

    public override Errno Rename(byte[] name, OpenFolder to, byte[] newName)
    {
        Invariant.Holds(to is MemoryFolder);
        var target = (MemoryFolder)to;
        var moved = Find(name);
        var replaced = target.Find(newName);
        var errno = target._tree != _tree ? Errno.Xdev
            : moved == _node || replaced == target._node ? Errno.Busy
            : moved is null ? Errno.Noent
            : Holds(moved, target._node) ? Errno.Inval
            : replaced is not null && Holds(replaced, _node) ? Errno.Notempty
            : target._node.IsRemoved ? Errno.Noent
            : WhyNotReplace(moved, replaced);
        if (errno is not Errno.Success || moved == replaced)
        {
            return errno;
        }

        if (!_tree.TryName(newName))
        {
            return Errno.Nospc;
        }

        if (replaced is not null)
        {
            target.Take(newName, replaced);
        }

        _node.Names.Remove(Key(name));
        _tree.DropName(name);
        target._node.Names.Add(Key(newName), moved!);
        if (moved!.Type is FileType.Directory)
        {
            moved.Parent = target._node;
            _node.LinkCount--;
            target._node.LinkCount++;
        }

        _node.Mtim = target._node.Mtim = moved.Ctim = _tree.Now;
        return Errno.Success;
    }

    public override Errno Link(byte[] name, OpenFolder to, byte[] newName)
    {
        Invariant.Holds(to is MemoryFolder);
        var target = (MemoryFolder)to;
        var linked = Find(name);
        var errno = linked is null ? Errno.Noent
            : target.Find(newName) is not null ? Errno.Exist
            : linked.Type is FileType.Directory ? Errno.Perm
            : target._tree != _tree ? Errno.Xdev
            : target._node.IsRemoved ? Errno.Noent
            : !_tree.TryName(newName) ? Errno.Nospc
            : Errno.Success;
        if (errno is Errno.Success)
        {
            target._node.Names.Add(Key(newName), linked!);
            linked!.LinkCount++;
        }

        return errno;
    }

    public override Errno MakeLink(byte[] target, byte[] name)
    {
        var errno = Put(name, FileType.SymbolicLink, out var link);
        if (errno is not Errno.Success)
        {
            return errno;
        }

        errno = _tree.Resize(link!, target.Length); // It was made.
        if (errno is Errno.Success)
        {
            target.CopyTo(link!.Content);
        }
        else
        {
            Take(name, link!);
        }

        return errno;
    }

    public override Errno List(out List<FolderEntry> entries)
    {
        entries =
        [
            .. _node.Names.Select(
                pair => new FolderEntry(Encoding.Latin1.GetBytes(pair.Key), pair.Value.Inode, pair.Value.Type)),
        ];
        return Errno.Success;
    }

    public override void Dispose()
    {
        // An open folder holds nothing: all of it lies in the tree.
    }

    private static string Key(byte[] name) => Encoding.Latin1.GetString(name);

    private static Errno WhyNotReplace(MemoryNode moved, MemoryNode? replaced) =>
        (moved.Type is FileType.Directory, replaced?.Type is FileType.Directory) switch
        {
            _ when replaced is null => Errno.Success,
            (true, false) => Errno.Notdir,
            (false, true) => Errno.Isdir,
            (true, true) => replaced.Names.Count == 0 || moved == replaced ? Errno.Success : Errno.Notempty,
            (false, false) => Errno.Success,
        };

    private static bool Holds(MemoryNode outer, MemoryNode inner)
    {
        for (var one = inner; one is not null; one = one.Parent)
        {
            if (one == outer)
            {
                return true;
            }
        }

        return false;
    }

    private MemoryNode? Find(byte[] name) =>
        name is [(byte)'.'] ? _node : _node.Names.GetValueOrDefault(Key(name));

    private Errno Put(byte[] name, FileType type, out MemoryNode? made)
    {
        made = null;
        if (Find(name) is not null)
        {
            return Errno.Exist;
        }

        if (_node.IsRemoved)
        {
            return Errno.Noent;
        }

        if (!_tree.TryName(name))
        {
            return Errno.Nospc;
        }

        made = _tree.Make(type);
        if (made is null)
        {
            _tree.DropName(name);
            return Errno.Nospc;
        }

        made.Parent = type is FileType.Directory ? _node : null;
        _node.Names.Add(Key(name), made);
        _node.Mtim = _node.Ctim = _tree.Now;
        return Errno.Success;
    }

    private void Take(byte[] name, MemoryNode node)
    {
        _node.Names.Remove(Key(name));
        _tree.DropName(name);
        _node.Mtim = _node.Ctim = _tree.Now;
        node.LinkCount--;
        if (node.Type is FileType.Directory)
        {
            node.IsRemoved = true;
            node.Parent = null;
            node.LinkCount = 0;
            _node.LinkCount--;
        }

        _tree.DropIfUnused(node);
    }
}
