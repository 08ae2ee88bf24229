using System.Text;
using Tars.Base;
using Tars.Devices.Wasi;
using Tars.Devices.Wasi.Files;
using Tars.Kernel.Ports;

namespace Tars.Devices.Directory;

/// <summary>The messages of a `directory` device.</summary>
internal static class Protocol
{
    public static DeviceAnswer Done { get; } = new DeviceAnswer.Value([]);

    public static DeviceAnswer Nothing { get; } = new DeviceAnswer.Value([0]);

    public static DeviceAnswer Content(ReadOnlySpan<byte> octets)
    {
        var value = new ByteWriter(sizeof(uint) + octets.Length);
        value.U32((uint)octets.Length);
        value.Bytes(octets);
        return new DeviceAnswer.Value([.. value.Written]);
    }

    public static DeviceAnswer Entry(string name, FileStat stat)
    {
        var value = new ByteWriter();
        value.U8(1);
        Write(value, name, stat);
        return new DeviceAnswer.Value([.. value.Written]);
    }

    /// <summary>Entries in the order of their names, by octets, whatever the system's order is.</summary>
    public static DeviceAnswer Entries(List<(string Name, FileStat Stat)> entries)
    {
        entries.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        var value = new ByteWriter();
        value.U32((uint)entries.Count);
        foreach (var (name, stat) in entries)
        {
            Write(value, name, stat);
        }

        return new DeviceAnswer.Value([.. value.Written]);
    }

    /// <summary>What an errno is to a guest.</summary>
    public static DeviceAnswer Failed(Errno errno) => errno switch
    {
        Errno.Notcapable or Errno.Loop => Failed(AskFailure.Denied, "the path leads out of the folder"),
        Errno.Acces or Errno.Perm or Errno.Rofs => Failed(AskFailure.Denied, "the operator's system forbids it"),
        Errno.Noent => Failed(AskFailure.Refused, "there is no such file or folder"),
        Errno.Exist => Failed(AskFailure.Refused, "it is there already"),
        Errno.Notdir => Failed(AskFailure.Refused, "it is no folder"),
        Errno.Isdir => Failed(AskFailure.Refused, "it is a folder"),
        Errno.Notempty => Failed(AskFailure.Refused, "the folder is not empty"),
        Errno.Nametoolong => Failed(AskFailure.Refused, "the path is too long"),
        Errno.Inval => Failed(AskFailure.Refused, "the path is none"),
        Errno.Notsup => Failed(AskFailure.Refused, "it is neither a file nor a folder"),
        Errno.Nospc or Errno.Dquot or Errno.Fbig => Failed(AskFailure.Unavailable, "there is no room for it"),
        _ => Failed(AskFailure.Unavailable, "the folder cannot be used"), // Whatever else a system may say.
    };

    public static DeviceAnswer Failed(AskFailure why, string detail) => new DeviceAnswer.Failed(why, detail);

    private static void Write(ByteWriter value, string name, FileStat stat)
    {
        value.Text(name);
        value.U16(stat.Type switch
        {
            FileType.RegularFile => 0,
            FileType.Directory => 1,
            FileType.SymbolicLink => 2,
            _ => 3, // Pipes, sockets and devices can be seen and not be opened.
        });
        value.I64(stat.Type is FileType.RegularFile ? (long)stat.Size : 0);
    }

    /// <summary>The name as text; null for one that is no UTF-8, which no text of a guest could name.</summary>
    public static string? NameOf(byte[] name)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(name);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
