namespace Tars.Devices.Wasi.Linux;

/// <summary>What the system's errors are in WASI. What has no row is <see cref="Errno.Io"/>.</summary>
internal static class LinuxErrno
{
    public const int EINTR = 4;

    // The numbers are those of asm-generic/errno.h, which x86-64 and arm64 share.
    private static readonly Dictionary<int, Errno> _rows = new()
    {
        [1] = Errno.Perm,
        [2] = Errno.Noent,
        [4] = Errno.Intr,
        [5] = Errno.Io,
        [6] = Errno.Nxio,
        [7] = Errno.TooBig,
        [9] = Errno.Badf,
        [11] = Errno.Again,
        [12] = Errno.Nomem,
        [13] = Errno.Acces,
        [14] = Errno.Fault,
        [16] = Errno.Busy,
        [17] = Errno.Exist,
        [18] = Errno.Xdev,
        [19] = Errno.Nodev,
        [20] = Errno.Notdir,
        [21] = Errno.Isdir,
        [22] = Errno.Inval,
        [23] = Errno.Nfile,
        [24] = Errno.Mfile,
        [25] = Errno.Notty,
        [26] = Errno.Txtbsy,
        [27] = Errno.Fbig,
        [28] = Errno.Nospc,
        [29] = Errno.Spipe,
        [30] = Errno.Rofs,
        [31] = Errno.Mlink,
        [32] = Errno.Pipe,
        [36] = Errno.Nametoolong,
        [38] = Errno.Nosys,
        [39] = Errno.Notempty,
        [40] = Errno.Loop,
        [75] = Errno.Overflow,
        [95] = Errno.Notsup,
        [116] = Errno.Stale,
        [122] = Errno.Dquot,
    };

    public static Errno Of(int number) => _rows.GetValueOrDefault(number, Errno.Io);
}
