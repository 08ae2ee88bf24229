using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Tars.Devices.Wasi.Linux;

namespace Tars.Host.Control;

/// <summary>The listening socket of one run: made so that nobody else can reach it at any moment.</summary>
/// <remarks>
/// It is bound under another name, closed to others, made to listen, and then gets its name: whoever sees the name can
/// connect, and a name at which nobody listens is left over from a run that was killed.
/// </remarks>
internal sealed class ControlSocket : IDisposable
{
    // socket(7): who is at the other end, as the system knows it.
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;
    private const int CredentialBytes = 12;
    private const int UserAt = 4;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnFolder = OwnerOnly | UnixFileMode.UserExecute;

    private const int NamesMax = 100;

    // Two systems of one program must not choose the same name.
    private static readonly Lock _opening = new();

    private readonly Socket _socket;

    private ControlSocket(Socket socket, string path)
    {
        _socket = socket;
        Path = path;
    }

    public string Path { get; }

    /// <summary>Opens one.</summary>
    /// <param name="wanted">A full path, or null for one in the folder of all runs.</param>
    /// <returns>Null, with the reason.</returns>
    public static ControlSocket? Open(string? wanted, out string reason)
    {
        reason = "only Linux on x86-64 and arm64 can say who connects";
        if (!FileOwner.IsKnown || OperatingSystem.IsWindows())
        {
            return null;
        }

        string folder = wanted is null ? ControlPlace.Folder : System.IO.Path.GetDirectoryName(wanted) ?? "/";
        using var alone = _opening.EnterScope();
        try
        {
            _ = Directory.CreateDirectory(folder, OwnFolder);
            if (ControlPlace.WhyNotFolder(folder, isOwn: wanted is null) is { } bad)
            {
                reason = bad;
                return null;
            }

            if (wanted is null)
            {
                ControlPlace.Sweep();
            }

            string? path = wanted ?? FreeName(folder);
            reason = path is null ? "all names are taken" : ControlPlace.WhyNotSocket(path) ?? "";
            return path is not null && reason.Length == 0 ? Listen(folder, path) : null;
        }
        catch (Exception e) when (
            e is IOException or UnauthorizedAccessException or SocketException or ArgumentException)
        {
            reason = e.Message;
            return null;
        }
    }

    /// <summary>The next connection of the same user; others are closed.</summary>
    public async Task<Socket> AcceptAsync(CancellationToken stop)
    {
        while (true)
        {
            var client = await _socket.AcceptAsync(stop);
            if (UserOf(client) == FileOwner.Self)
            {
                return client;
            }

            client.Dispose();
        }
    }

    /// <summary>Who is at the other end; null when the system does not say.</summary>
    public static uint? UserOf(Socket connected)
    {
        Span<byte> credentials = stackalloc byte[CredentialBytes];
        try
        {
            int size = connected.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
            return size == CredentialBytes ? BinaryPrimitives.ReadUInt32LittleEndian(credentials[UserAt..]) : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        try
        {
            File.Delete(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A name that nobody listens at gives way to the next run.
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static ControlSocket Listen(string folder, string path)
    {
        string bound = System.IO.Path.Combine(folder, $".{Guid.NewGuid():N}"[..9]);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(bound));
            File.SetUnixFileMode(bound, OwnerOnly);
            socket.Listen(Limits.ControlClientsMax);
            File.Move(bound, path, overwrite: true);
            return new ControlSocket(socket, path);
        }
        catch
        {
            socket.Dispose(); // It takes the name that it was bound to along.
            throw;
        }
    }

    // One program may run several systems, one after the other or side by side.
    private static string? FreeName(string folder)
    {
        for (int number = 1; number <= NamesMax; number++)
        {
            string name = number == 1
                ? string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}.sock")
                : string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{number}.sock");
            string path = System.IO.Path.Combine(folder, name);
            if (ControlPlace.WhyNotSocket(path) is null)
            {
                return path;
            }
        }

        return null;
    }
}
