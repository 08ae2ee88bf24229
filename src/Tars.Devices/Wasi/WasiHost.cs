using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Tars.Bundle.Wasm;
using Tars.Devices.Host;
using Tars.Devices.Wasi.Calls;
using Tars.Devices.Wasi.Files;
using Tars.Devices.Wasi.Linux;
using Tars.Devices.Wasi.Simulated;
using Tars.Kernel.Ports;

namespace Tars.Devices.Wasi;

/// <summary>WASI preview 1 for one command: all its calls, over what was granted.</summary>
/// <remarks>
/// Use:
///   Create opens what is granted, or says what could not be opened. An engine calls the rest.
///
/// Invariants:
///   I1  Nothing is reachable but by the numbers of <see cref="FdTable"/>, and those begin as the grants.
///   I2  No call throws, whatever the guest passes; what is wrong is an <see cref="Errno"/>.
///   I3  Once the command shall end, no call goes back to the guest.
/// </remarks>
public sealed class WasiHost : IHostFunctions, IDisposable
{
    private const int ProcExit = -1;

    private static readonly FrozenDictionary<string, int> _numbers = CallTable.Rows.Index()
        .ToFrozenDictionary(row => row.Item.Name, row => row.Item.Body is null ? ProcExit : row.Index);

    private WasiHost(WasiGrants grants)
    {
        Arguments = Octets(grants.Arguments);
        Environment = Octets(grants.Environment);
        Clock = grants.Clock;
        Entropy = grants.Entropy;
        Stop = grants.Stop;
        _ = Files.Add(new FdEntry(new StreamFile(grants.Input), Rights.InputStream, Rights.None), out _);
        _ = Files.Add(new FdEntry(new StreamFile(grants.Output), Rights.OutputStream, Rights.None), out _);
        _ = Files.Add(new FdEntry(new StreamFile(grants.Error), Rights.OutputStream, Rights.None), out _);
    }

    /// <summary>What the command gave to <c>proc_exit</c>; null while it has not.</summary>
    public uint? ExitStatus { get; private set; }

    public Metrics Metrics { get; } = new();

    internal ImmutableArray<byte[]> Arguments { get; }

    internal ImmutableArray<byte[]> Environment { get; }

    internal IClock Clock { get; }

    internal IEntropy Entropy { get; }

    internal CancellationToken Stop { get; }

    internal FdTable Files { get; } = new();

    /// <returns>Null, and why, when something that is granted is not there or cannot be given.</returns>
    public static WasiHost? Create(WasiGrants grants, out string refusal)
    {
        refusal = WhyNot(grants) ?? "";
        if (refusal != "")
        {
            return null;
        }

        var wasi = new WasiHost(grants);
        foreach (var folder in grants.Folders)
        {
            if (wasi.Grant(folder) is { } reason)
            {
                refusal = reason;
                wasi.Dispose();
                return null;
            }
        }

        return wasi;
    }

    public int? Find(string module, string name, FuncType type) =>
        module == CallTable.ModuleName && _numbers.TryGetValue(name, out int number)
        && CallTable.Rows.First(row => row.Name == name).Type.Equals(type)
            ? number
            : null;

    public bool Call(int function, ReadOnlySpan<ulong> arguments, Span<ulong> results, IGuestMemory memory)
    {
        Metrics.Calls++;
        if (function == ProcExit)
        {
            ExitStatus = (uint)arguments[0];
            return false;
        }

        var errno = CallTable.Rows[function].Body!(this, new Frame(arguments, memory));
        if (errno is Errno.Notcapable)
        {
            Metrics.Refused++;
        }

        results[0] = (ulong)errno;
        return !Stop.IsCancellationRequested; // I3
    }

    public void Dispose() => Files.Dispose();

    /// <summary>Waits for an instant of the monotonic clock.</summary>
    /// <returns>False when the command shall end instead.</returns>
    internal bool WaitUntil(long due)
    {
        Clock.AdvanceTo(due);
        while (!Stop.IsCancellationRequested)
        {
            long left = due - Clock.Now.Monotonic;
            if (left <= 0)
            {
                return true;
            }

            Stop.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(Math.Min((left / 1_000_000) + 1, int.MaxValue)));
        }

        return false;
    }

    private static string? WhyNot(WasiGrants grants) =>
        TooLong(grants.Arguments) ? "the arguments are longer than a command takes"
        : TooLong(grants.Environment) ? "the environment is longer than a command takes"
        : grants.Arguments.Concat(grants.Environment).Any(text => text.Contains('\0', StringComparison.Ordinal))
            ? "arguments and environment cannot hold NUL"
        : null;

    private static bool TooLong(ImmutableArray<string> strings) =>
        Limits.StringsBytesMax < strings.Sum(text => Encoding.UTF8.GetByteCount(text) + 1L);

    private static ImmutableArray<byte[]> Octets(ImmutableArray<string> strings) =>
        [.. strings.Select(text => Encoding.UTF8.GetBytes(text + "\0"))];

    private string? Grant(FolderGrant grant)
    {
        OpenFolder? folder = new MemoryFolder(Clock);
        if (grant.HostPath is { } path)
        {
            folder = LinuxFolder.Open(path, out var errno);
            if (folder is null)
            {
                return $"the folder for '{grant.GuestPath}': {Words(errno)}";
            }
        }

        var mask = grant.Access is FolderAccess.ReadWrite ? Rights.Folder | Rights.File : Rights.Reading;
        var entry = new FdEntry(
            folder, Rights.Folder & mask, mask, Encoding.UTF8.GetBytes(grant.GuestPath));
        return Files.Add(entry, out _) is Errno.Success ? null : "too many folders are granted";
    }

    private static string Words(Errno errno) => errno switch
    {
        Errno.Noent => "there is no such folder",
        Errno.Notdir => "this is no folder",
        Errno.Acces => "no right to use it",
        Errno.Notsup => "folders can be granted on 64-bit Linux only",
        _ => $"it cannot be opened ({errno.ToString().ToLowerInvariant()})",
    };
}
