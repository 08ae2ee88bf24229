using Microsoft.Win32.SafeHandles;

namespace Tars.Engine.Vm.Objects.Linux;

/// <summary>An open folder in which nobody but this user and root can change what is this user's or root's.</summary>
/// <remarks>
/// Invariants:
///   I1  Each folder and each link on the way from the root was opened below the one before, and what was opened was
///       asked whose it is. So nobody else can put another folder in the place of any of them, while it is looked at or
///       later, and the path leads here for as long as nobody of trust changes it.
///   I2  Where others may add names and not take those of others away (a sticky folder, as /tmp is), what they add is
///       theirs: a file is asked itself, once it is open, and no link is followed to it.
/// </remarks>
internal sealed class OwnFolder : IDisposable
{
    private SafeFileHandle _folder = FileFacts.OpenRoot();
    private string _place = "/";

    private OwnFolder()
    {
    }

    /// <summary>Opens a folder. With <paramref name="isMade"/> what is not there of its path is made, for this user
    /// alone.</summary>
    /// <exception cref="DistrustException">Others can change what is in it.</exception>
    /// <exception cref="IOException">There is none, or it cannot be looked at or made.</exception>
    public static OwnFolder Open(string path, bool isMade)
    {
        if (!FileFacts.AreHere)
        {
            throw new IOException("whose a folder is cannot be known on this system");
        }

        var folder = new OwnFolder();
        try
        {
            folder.Walk(Path.GetFullPath(path), isMade);
            return folder;
        }
        catch (IOException)
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The octets of a file in it, which counts as used from then on; null when there is none, when it is a
    /// link or no file, and when its size is another one.</summary>
    /// <exception cref="DistrustException">Others can change it, or have made it.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public byte[]? Read(string name, long sizeMin, long sizeMax)
    {
        // Opening a pipe waits for its writer unless one says otherwise.
        const int Flags = FileFacts.OpenRead | FileFacts.OpenWithoutWaiting | FileFacts.OpenTakingNoTerminal;
        string place = Path.Combine(_place, name);
        using var file = FileFacts.OpenBelow(_folder, name, Flags, out int error);
        if (file is null)
        {
            return error is FileFacts.ErrorNothingThere or FileFacts.ErrorTooManyLinks
                ? null
                : throw FileFacts.Failed(error, place);
        }

        var facts = FileFacts.Of(file); // I2
        if (!facts.IsFile || facts.Size < sizeMin || sizeMax < facts.Size)
        {
            return null;
        }

        if (facts.WhyNotOwn(place) is var (why, _))
        {
            throw new DistrustException(why, $"rm {place}");
        }

        byte[] octets = new byte[facts.Size];
        int read = 0;
        for (int more = -1; more != 0 && read < octets.Length; read += more)
        {
            more = RandomAccess.Read(file, octets.AsSpan(read), read);
        }

        Touch(file);
        return octets[..read];
    }

    public void Dispose() => _folder.Dispose();

    private void Walk(string path, bool isMade)
    {
        var left = new Stack<string>();
        Push(left, path);
        for (int links = 0; left.TryPop(out string? name);)
        {
            string place = name == ".." ? Path.GetDirectoryName(_place) ?? _place : Path.Combine(_place, name);
            if (Enter(Next(name, place, isMade), place) is { } target)
            {
                links = links < Limits.CacheLinksMax
                    ? links + 1
                    : throw FileFacts.Failed(FileFacts.ErrorTooManyLinks, place);
                Push(left, target);
            }
        }
    }

    // A name that begins with a slash leads to the root, from wherever it is opened.
    private static void Push(Stack<string> left, string path)
    {
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        foreach (string name in names.Where(name => name != ".").Reverse())
        {
            left.Push(name);
        }

        if (path.StartsWith('/'))
        {
            left.Push("/");
        }
    }

    private SafeFileHandle Next(string name, string place, bool isMade)
    {
        var next = FileFacts.OpenBelow(_folder, name, FileFacts.OpenToLookAt, out int error);
        if (next is null && isMade && error == FileFacts.ErrorNothingThere)
        {
            // Another run may have made it meanwhile.
            error = FileFacts.MakeBelow(_folder, name);
            next = error is 0 or FileFacts.ErrorIsThere
                ? FileFacts.OpenBelow(_folder, name, FileFacts.OpenToLookAt, out error)
                : null;
        }

        return next ?? throw FileFacts.Failed(error, place);
    }

    // Stands in a folder from now on; a link tells where it leads instead.
    private string? Enter(SafeFileHandle next, string place)
    {
        bool isEntered = false;
        try
        {
            var facts = FileFacts.Of(next);
            if (facts.WhyNotOwn(place) is var (why, mend))
            {
                throw new DistrustException(why, mend); // I1
            }

            if (facts.IsLink)
            {
                return FileFacts.TargetOf(next);
            }

            isEntered = facts.IsFolder ? true : throw new IOException($"{place} is no folder");
        }
        finally
        {
            if (!isEntered)
            {
                next.Dispose();
            }
        }

        _folder.Dispose();
        (_folder, _place) = (next, place);
        return null;
    }

    // What is used is dropped last; in a folder that may only be read nothing is dropped.
    private static void Touch(SafeFileHandle file)
    {
        try
        {
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // It was found all the same.
        }
    }
}
