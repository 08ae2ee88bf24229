using System.Buffers.Binary;
using System.Text;
using Tars.Devices.Host;
using Tars.Devices.Wasi;
using Tars.Devices.Wasi.Calls;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Devices.Wasi;

/// <summary>A WASI command without a guest: its calls, made by hand over an array. The one place of these tests that
/// knows how a call is made.</summary>
internal sealed class WasiRig : IGuestMemory, IDisposable
{
    public const uint Granted = 3;
    public const int MemorySize = 65_536;

    // Paths are put here, results there; nothing else is near.
    private const uint First = 1_024;
    private const uint Second = 16_384;
    private const uint Result = 512;

    private readonly WasiHost _wasi;
    private readonly string? _folder;

    private WasiRig(string? folder, WasiGrants grants)
    {
        _folder = folder;
        _wasi = WasiHost.Create(grants, out string refusal)!;
        Assert.Equal("", refusal);
    }

    public byte[] Memory { get; } = new byte[MemorySize];

    public long Size => Memory.Length;

    public WasiHost Wasi => _wasi;

    /// <summary>The folder of the machine behind the grant.</summary>
    public string Folder => _folder!;

    /// <summary>A command with a folder in memory, which is number 3.</summary>
    public static WasiRig InMemory(IClock? clock = null) => new(null, Grants(null) with
    {
        Clock = clock ?? new VirtualClock(),
    });

    /// <summary>The same with a folder of the machine, which goes with the rig.</summary>
    public static WasiRig OnDisk()
    {
        string folder = Directory.CreateTempSubdirectory("tars-wasi-").FullName;
        return new WasiRig(folder, Grants(folder));
    }

    public static WasiRig With(WasiGrants grants) => new(null, grants);

    public bool TryRange(uint address, uint count, out Span<byte> bytes)
    {
        bool isInside = address + (long)count <= Memory.Length;
        bytes = isInside ? Memory.AsSpan((int)address, (int)count) : default;
        return isInside;
    }

    public void Dispose()
    {
        _wasi.Dispose();
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Makes a call of the table.</summary>
    public Errno Call(string name, params ReadOnlySpan<ulong> arguments)
    {
        var row = CallTable.Rows.First(row => row.Name == name);
        Assert.Equal(row.Type.Parameters.Length, arguments.Length);
        int number = _wasi.Find(CallTable.ModuleName, name, row.Type)!.Value;
        Span<ulong> results = stackalloc ulong[1];
        Assert.True(_wasi.Call(number, arguments, results, this));
        Assert.True(results[0] <= (ulong)Errno.Notcapable);
        return (Errno)results[0];
    }

    public Errno Open(string path, out uint fd, Opening? how = null, uint folder = Granted)
    {
        var opening = how ?? new Opening();
        var (address, size) = Put(path);
        var errno = Call(
            "path_open",
            folder,
            opening.Follows ? 1u : 0u,
            address,
            size,
            (ulong)opening.Flags,
            (ulong)opening.Rights,
            (ulong)opening.Inheriting,
            (ulong)opening.FdFlags,
            Result);
        fd = U32(Result);
        return errno;
    }

    public Errno Write(uint fd, string text)
    {
        PutBuffers(text);
        return Call("fd_write", fd, Second, 1, Result);
    }

    public Errno Read(uint fd, out string text)
    {
        PutBuffers(new string('?', 1_000));
        var errno = Call("fd_read", fd, Second, 1, Result);
        text = Encoding.UTF8.GetString(Memory, (int)First, errno is Errno.Success ? (int)U32(Result) : 0);
        return errno;
    }

    /// <summary>A call whose arguments are the granted folder and a path.</summary>
    public Errno At(string call, string path)
    {
        var (address, size) = Put(path);
        return Call(call, Granted, address, size);
    }

    public Errno Stat(string path, bool follows = false)
    {
        var (address, size) = Put(path);
        return Call("path_filestat_get", Granted, follows ? 1u : 0u, address, size, Second);
    }

    public Errno Link(string from, string to, bool follows = false)
    {
        var (address, size) = Put(from);
        var (toAddress, toSize) = Put(to, Second);
        return Call("path_link", Granted, follows ? 1u : 0u, address, size, Granted, toAddress, toSize);
    }

    public Errno Rename(string from, string to)
    {
        var (address, size) = Put(from);
        var (toAddress, toSize) = Put(to, Second);
        return Call("path_rename", Granted, address, size, Granted, toAddress, toSize);
    }

    public Errno Symlink(string target, string name)
    {
        var (address, size) = Put(target);
        var (toAddress, toSize) = Put(name, Second);
        return Call("path_symlink", address, size, Granted, toAddress, toSize);
    }

    public Errno Readlink(string path, out string target)
    {
        var (address, size) = Put(path);
        var errno = Call("path_readlink", Granted, address, size, Second, 1_000, Result);
        target = Encoding.UTF8.GetString(Memory, (int)Second, errno is Errno.Success ? (int)U32(Result) : 0);
        return errno;
    }

    public uint U32(uint address) => BinaryPrimitives.ReadUInt32LittleEndian(Memory.AsSpan((int)address));

    public ulong U64(uint address) => BinaryPrimitives.ReadUInt64LittleEndian(Memory.AsSpan((int)address));

    public void SetU32(uint address, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(Memory.AsSpan((int)address), value);

    public void SetU64(uint address, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(Memory.AsSpan((int)address), value);

    // A character of a test's path is one octet, so that a path need not be UTF-8.
    public (uint Address, uint Size) Put(string path, uint address = First)
    {
        byte[] octets = Encoding.Latin1.GetBytes(path);
        octets.CopyTo(Memory, (int)address);
        return (address, (uint)octets.Length);
    }

    private static WasiGrants Grants(string? folder) => new()
    {
        Folders = [new FolderGrant(folder, "/g", FolderAccess.ReadWrite)],
    };

    private void PutBuffers(string text)
    {
        var (address, size) = Put(text);
        SetU32(Second, address);
        SetU32(Second + 4, size);
    }
}

/// <summary>How a test opens a file: for reading and writing, unless it says otherwise.</summary>
internal sealed record Opening(
    OpenFlags Flags = OpenFlags.None,
    Rights Rights = Rights.FdRead | Rights.FdWrite | Rights.FdSeek | Rights.FdTell | Rights.FdFilestatGet,
    Rights Inheriting = Rights.None,
    FdFlags FdFlags = FdFlags.None,
    bool Follows = true)
{
    public static Opening Create { get; } = new(OpenFlags.Creat);

    public static Opening Reading { get; } = new(OpenFlags.None, Rights.FdRead);

    public static Opening Folder { get; } = new(OpenFlags.Directory, Rights.Folder, Rights.Folder | Rights.File);
}
