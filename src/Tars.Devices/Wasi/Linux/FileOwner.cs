using System.Buffers.Binary;
using System.Text;

namespace Tars.Devices.Wasi.Linux;

/// <summary>Whose a file of the machine is, what it is, and who may do what with it; links are not followed.</summary>
/// <param name="User">The number of its owner.</param>
/// <param name="Mode">Its permissions, the lowest nine bits.</param>
public readonly record struct FileOwner(uint User, FileKind Kind, int Mode)
{
    private const int StatxBytes = 256;
    private const int UserAt = 20;
    private const int ModeAt = 28;
    private const int KindMask = 0xF000;

    /// <summary>Whether this can be known here at all.</summary>
    public static bool IsKnown => LibC.IsHere;

    /// <summary>The number of the user as whom this program acts.</summary>
    public static uint Self => LibC.geteuid();

    /// <summary>Null when there is nothing at the path, or it may not be looked at.</summary>
    public static FileOwner? Of(string path)
    {
        byte[] name = Encoding.UTF8.GetBytes(path + '\0');
        using var handle = LibC.open(LibC.AT_FDCWD, name, LibC.O_PATH | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, mode: 0);
        if (handle.IsInvalid)
        {
            return null;
        }

        Span<byte> found = stackalloc byte[StatxBytes];
        if (LibC.statx(handle, [0], LibC.AT_EMPTY_PATH, LibC.STATX_BASIC_STATS, found) != 0)
        {
            return null;
        }

        int mode = BinaryPrimitives.ReadUInt16LittleEndian(found[ModeAt..]);
        var kind = (mode & KindMask) switch
        {
            0x4000 => FileKind.Folder,
            0xC000 => FileKind.Socket,
            _ => FileKind.Other,
        };
        return new FileOwner(BinaryPrimitives.ReadUInt32LittleEndian(found[UserAt..]), kind, mode & 0x1FF);
    }
}

/// <summary>What stands at a path, as far as somebody asks.</summary>
public enum FileKind
{
    Folder,
    Socket,

    /// <summary>A file, a link, or anything else.</summary>
    Other,
}
