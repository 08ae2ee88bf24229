using System.Globalization;
using System.Net.Sockets;
using Tars.Devices.Wasi.Linux;

namespace Tars.Host.Control;

/// <summary>Where runs have their sockets, and whether a place can be trusted.</summary>
/// <remarks>
/// A socket stands in a folder that only its user may change, so nobody else can put another in its place; who may
/// connect is checked again by the credentials of the connection.
/// </remarks>
public static class ControlPlace
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    private const int AnyoneElse = 0b000_111_111;
    private const int WrittenByOthers = 0b000_010_010;

    /// <summary>The longest path of a socket, without the NUL behind it.</summary>
    private const int PathBytesMax = 107;

    /// <summary>Where sockets stand that nobody has named.</summary>
    public static string Folder
    {
        get
        {
            string? runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
            return Path.IsPathFullyQualified(runtime ?? "")
                ? Path.Combine(runtime!, "tars") // It is qualified, so it is there.
                : string.Create(CultureInfo.InvariantCulture, $"/tmp/tars-{FileOwner.Self}");
        }
    }

    /// <summary>The runs that have a socket there, by the number of their program.</summary>
    public static IReadOnlyList<ControlRun> Runs()
    {
        if (!FileOwner.IsKnown || WhyNotFolder(Folder, isOwn: true) is not null)
        {
            return [];
        }

        return
        [
            .. from path in Directory.EnumerateFileSystemEntries(Folder, "*.sock")
               let name = Path.GetFileNameWithoutExtension(path).Split('-')[0]
               where int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _) && IsListening(path)
               let pid = int.Parse(name, CultureInfo.InvariantCulture)
               orderby pid, path
               select new ControlRun(pid, path),
        ];
    }

    /// <summary>Takes away what runs that were killed have left in the folder of all runs.</summary>
    internal static void Sweep()
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(Folder, "*.sock").Take(Limits.ControlSweepMax))
        {
            if (FileOwner.Of(path) is { Kind: FileKind.Socket } && !IsListening(path))
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>Null when only this user can change what stands in the folder; else why not.</summary>
    /// <param name="isOwn">True for the folder that is made for sockets: nobody else may even look into it.</param>
    internal static string? WhyNotFolder(string folder, bool isOwn)
    {
        if (FileOwner.Of(folder) is not { } found)
        {
            return $"the folder {folder} is not there";
        }

        int forbidden = isOwn ? AnyoneElse : WrittenByOthers;
        return found.Kind != FileKind.Folder ? $"{folder} is no folder"
            : found.User != FileOwner.Self ? $"the folder {folder} is another user's"
            : (found.Mode & forbidden) != 0 ? $"the folder {folder} is open to other users"
            : null;
    }

    /// <summary>Null when a socket may be made at the path; else why not. One without a listener gives way.</summary>
    internal static string? WhyNotSocket(string path)
    {
        if (PathBytesMax < System.Text.Encoding.UTF8.GetByteCount(path))
        {
            return $"the path is longer than {PathBytesMax} octets";
        }

        return FileOwner.Of(path) is not { } found ? null
            : found.Kind != FileKind.Socket ? $"{path} is there and is no socket"
            : found.User != FileOwner.Self ? $"{path} is another user's"
            : IsListening(path) ? $"another run listens at {path}"
            : null;
    }

    /// <summary>Null when a run of this user may be talked to at the path; else why not.</summary>
    internal static string? WhyNotConnect(string path) => FileOwner.Of(path) is not { } found
        ? $"nothing is at {path}"
        : found.Kind != FileKind.Socket ? $"{path} is no socket"
        : found.User != FileOwner.Self ? $"{path} is another user's"
        : null;

    private static bool IsListening(string path)
    {
        if (WhyNotConnect(path) is not null)
        {
            return false;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // One that is too busy to answer listens all the same.
            _ = socket.ConnectAsync(new UnixDomainSocketEndPoint(path)).Wait(_patience);
            return true;
        }
        catch (AggregateException e) when (e.InnerException is SocketException why)
        {
            return why.SocketErrorCode != SocketError.ConnectionRefused;
        }
        catch (ArgumentException)
        {
            return false; // Too long a path for any socket.
        }
    }
}

/// <summary>A run that can be operated.</summary>
/// <param name="Process">The number of its program.</param>
public sealed record ControlRun(int Process, string Path);
