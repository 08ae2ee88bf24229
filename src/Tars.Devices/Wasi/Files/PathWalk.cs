using Tars.Base;

namespace Tars.Devices.Wasi.Files;

/// <summary>Goes along a path, name by name, without ever leaving the folder that it begins in.</summary>
/// <remarks>
/// Use:
///   PathWalk.To answers where the path's last name stands. Dispose it when the last name has been used.
///
/// Invariants:
///   I1  Every folder of the stack but the first was opened by its name in the one before, and no link was followed
///       by the system. So <c>..</c> is the folder that we came from, whatever happens outside meanwhile.
///   I2  <c>..</c> in the first folder and an absolute path, in a link too, are <see cref="Errno.Notcapable"/>.
///   I3  At most <see cref="Limits.LinkCountMax"/> links are read, so every walk ends.
/// </remarks>
internal sealed class PathWalk : IDisposable
{
    private const byte Slash = (byte)'/';

    private static readonly byte[] _self = [(byte)'.'];

    private readonly OpenFolder _root;
    private readonly List<OpenFolder> _entered = [];
    private readonly Stack<byte[]> _rest = new();
    private int _linkCount;

    private PathWalk(OpenFolder root) => _root = root;

    /// <summary>The folder in which the last name stands.</summary>
    public OpenFolder Folder => _entered.Count == 0 ? _root : _entered[^1];

    /// <summary>The last name: of one component, and <c>.</c> when the path leads to <see cref="Folder"/>.</summary>
    public byte[] Name { get; private set; } = _self;

    /// <summary>The path ends in a slash, so it can only mean a folder.</summary>
    public bool MeansFolder { get; private set; }

    /// <param name="path">Checked by the caller: not too long, without NUL.</param>
    /// <returns>An errno, and nothing to dispose, when the path leads nowhere or out.</returns>
    public static Errno To(OpenFolder root, ReadOnlySpan<byte> path, LastLink last, out PathWalk? walk)
    {
        var made = new PathWalk(root);
        var errno = path.IsEmpty ? Errno.Noent : made.Run(path, last);
        walk = errno is Errno.Success ? made : null;
        if (walk is null)
        {
            made.Dispose();
        }

        return errno;
    }

    public void Dispose()
    {
        foreach (var folder in _entered)
        {
            folder.Dispose();
        }

        _entered.Clear();
    }

    private Errno Run(ReadOnlySpan<byte> path, LastLink last)
    {
        var errno = Put(path, isAtEnd: true);
        while (errno is Errno.Success && _rest.TryPop(out var name))
        {
            errno = name switch
            {
                [(byte)'.'] => Stay(),
                [(byte)'.', (byte)'.'] => Leave(),
                _ => _rest.Count == 0 ? End(name, last) : Enter(name),
            };
        }

        return errno;
    }

    // The names of a path come before what is left of the path that led to it.
    private Errno Put(ReadOnlySpan<byte> path, bool isAtEnd)
    {
        if (path[0] == Slash)
        {
            return Errno.Notcapable; // I2
        }

        if (isAtEnd)
        {
            MeansFolder |= path[^1] == Slash;
        }

        var names = new List<byte[]>();
        foreach (var range in path.Split(Slash))
        {
            var name = path[range];
            if (Limits.NameBytesMax < name.Length)
            {
                return Errno.Nametoolong;
            }

            if (!name.IsEmpty)
            {
                names.Add(name.ToArray());
            }
        }

        for (int place = names.Count - 1; 0 <= place; place--)
        {
            _rest.Push(names[place]);
        }

        return Errno.Success;
    }

    private Errno Stay()
    {
        Name = _self;
        return Errno.Success;
    }

    private Errno Leave()
    {
        Name = _self;
        if (_entered.Count == 0)
        {
            return Errno.Notcapable; // I2
        }

        _entered[^1].Dispose();
        _entered.RemoveAt(_entered.Count - 1);
        return Errno.Success;
    }

    private Errno Enter(byte[] name)
    {
        var errno = Folder.Step(name, out var folder);
        if (errno is Errno.Notdir or Errno.Loop)
        {
            return Expand(name, isAtEnd: false) ?? Errno.Notdir;
        }

        if (errno is not Errno.Success)
        {
            return errno;
        }

        Invariant.Holds(folder is not null);
        _entered.Add(folder); // I1
        return _entered.Count <= Limits.PathDepthMax ? Errno.Success : Errno.Nametoolong;
    }

    // The target of a link in the last place is put on the stack, so the walk goes on.
    private Errno End(byte[] name, LastLink last)
    {
        Name = name;
        bool follows = last is LastLink.Follow || (last is LastLink.FollowBeforeSlash && MeansFolder);
        return follows ? Expand(name, isAtEnd: true) ?? Errno.Success : Errno.Success;
    }

    /// <summary>Puts the names of a link's target in its place. Null when the name is no link.</summary>
    private Errno? Expand(byte[] name, bool isAtEnd)
    {
        var errno = Folder.ReadLink(name, out var target);
        if (errno is Errno.Inval or Errno.Noent && isAtEnd)
        {
            return null;
        }

        if (errno is not Errno.Success)
        {
            return errno is Errno.Inval ? null : errno;
        }

        _linkCount++;
        return Limits.LinkCountMax < _linkCount ? Errno.Loop // I3
            : target.Length == 0 ? Errno.Noent
            : Put(target, isAtEnd);
    }
}

/// <summary>What happens to a symbolic link in the last place of a path. Links before it are always followed.</summary>
internal enum LastLink
{
    /// <summary>It is what the path means.</summary>
    Keep,

    /// <summary>It is followed when a slash stands behind it.</summary>
    FollowBeforeSlash,

    Follow,
}
