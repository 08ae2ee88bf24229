using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Tars.Devices.Wasi.Linux;

namespace Tars.Host.Control;

/// <summary>A connection to a run, from the program that wants to operate it.</summary>
public sealed class ControlLink : IDisposable
{
    /// <summary>The version of the protocol; docs/control.md says what one may rely on.</summary>
    public const int Version = 1;

    private const int PartBytes = 32 << 10;
    private const int AnswerBytesMax = 64 << 20;
    private const int PatienceMilliseconds = 30_000;

    private readonly Socket _socket;
    private byte[] _buffer = new byte[64 << 10];
    private int _start;
    private int _end;
    private long _id;

    private ControlLink(Socket socket) => _socket = socket;

    /// <summary>The modules that the run began with.</summary>
    public ImmutableArray<string> Modules { get; private set; } = [];

    /// <summary>Connects to the run at a path.</summary>
    /// <returns>Null, with the reason.</returns>
    public static ControlLink? Open(string path, out string reason)
    {
        reason = FileOwner.IsKnown
            ? ControlPlace.WhyNotConnect(path) ?? ""
            : "a run can only be operated on Linux, x86-64 or arm64";
        if (reason.Length != 0)
        {
            return null;
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = PatienceMilliseconds,
            SendTimeout = PatienceMilliseconds,
        };
        var link = new ControlLink(socket);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            reason = ControlSocket.UserOf(socket) == FileOwner.Self ? link.Greet() : $"{path} is another user's";
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            reason = $"nobody listens at {path}: {e.Message}";
        }

        if (reason.Length == 0)
        {
            return link;
        }

        link.Dispose();
        return null;
    }

    /// <summary>Asks the run and waits for its answer, an object with `ok`.</summary>
    /// <param name="members">Writes `op` and what belongs to it.</param>
    /// <returns>Null, with the reason, when there is none.</returns>
    public JsonElement? Ask(Action<Utf8JsonWriter> members, out string reason)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteNumber("id", ++_id);
            members(json);
            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        try
        {
            var left = line.GetBuffer().AsSpan(0, (int)line.Length);
            while (!left.IsEmpty)
            {
                left = left[_socket.Send(left)..];
            }

            reason = "";
            return Read() ?? throw new SocketException((int)SocketError.ConnectionReset);
        }
        catch (Exception e) when (e is SocketException or JsonException)
        {
            reason = $"the run does not answer: {e.Message}";
            return null;
        }
    }

    /// <summary>Hands over a bundle in pieces, for a swap that is asked for next.</summary>
    /// <returns>Null, or why the run does not take it.</returns>
    public string? Send(ReadOnlyMemory<byte> bundle)
    {
        for (int at = 0; at < bundle.Length; at += PartBytes)
        {
            var part = bundle.Slice(at, Math.Min(PartBytes, bundle.Length - at));
            var answer = Ask(
                json =>
                {
                    json.WriteString("op", "part");
                    json.WriteBase64String("octets", part.Span);
                },
                out string reason);
            if (answer is not { } answered)
            {
                return reason;
            }

            if (!answered.GetProperty("ok").GetBoolean())
            {
                return answered.GetProperty("reason").GetString();
            }
        }

        return null;
    }

    public void Dispose() => _socket.Dispose();

    // Empty, or why this is nobody to talk to.
    private string Greet()
    {
        try
        {
            if (Read() is not { ValueKind: JsonValueKind.Object } hello
                || !hello.TryGetProperty("version", out var version) || version.ValueKind != JsonValueKind.Number
                || !hello.TryGetProperty("modules", out var modules) || modules.ValueKind != JsonValueKind.Array)
            {
                return "what listens there is no run, or has too many connections already";
            }

            Modules = [.. modules.EnumerateArray().Select(one => one.ToString())];
            return version.TryGetInt32(out int number) && number == Version
                ? ""
                : string.Create(
                    CultureInfo.InvariantCulture, $"the run speaks version {version}; known here is only {Version}");
        }
        catch (JsonException)
        {
            return "what listens there is no run";
        }
    }

    // A line of the run; null when it has closed the connection, or says more than it may.
    private JsonElement? Read()
    {
        while (true)
        {
            int end = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (0 <= end)
            {
                var line = _buffer.AsMemory(_start, end);
                _start += end + 1;
                using var document = JsonDocument.Parse(line);
                return document.RootElement.Clone();
            }

            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            if (_end == _buffer.Length)
            {
                if (AnswerBytesMax <= _buffer.Length)
                {
                    return null;
                }

                Array.Resize(ref _buffer, 2 * _buffer.Length);
            }

            int read = _socket.Receive(_buffer.AsSpan(_end));
            if (read == 0)
            {
                return null;
            }

            _end += read;
        }
    }
}
