using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tars.Tests.Host.Models;

/// <summary>A real HTTP server on loopback that gives its answers in turn, the last one again and again.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IReadOnlyList<ScriptedAnswer> _answers;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private readonly List<string> _requests = [];

    public ScriptedServer(params IReadOnlyList<ScriptedAnswer> answers)
    {
        _answers = answers;
        _listener.Start();
        _thread = new Thread(Serve) { IsBackground = true };
        _thread.Start();
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/";

    /// <summary>Heads and bodies, in the order in which they came.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        _thread.Join();
        _stop.Dispose();
    }

    private void Serve()
    {
        for (int turn = 0; ; turn++)
        {
            try
            {
                using var client = _listener.AcceptTcpClient();
                using var stream = client.GetStream();
                string request = Request(stream);
                lock (_requests)
                {
                    _requests.Add(request);
                }

                Answer(stream, _answers[Math.Min(turn, _answers.Count - 1)]);
            }
            catch (IOException)
            {
                // The client went away.
            }
            catch (SocketException)
            {
                return; // The listener was stopped.
            }
            catch (InvalidOperationException)
            {
                return; // So it says when it was stopped before it was asked.
            }
        }
    }

    private void Answer(NetworkStream stream, ScriptedAnswer answer)
    {
        if (answer.Octets is { } octets)
        {
            Answer(stream, octets, answer.IsEndless);
            return;
        }

        stream.Write(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {answer.Status} Said\r\nContent-Type: application/json\r\n{answer.Header}"
            + $"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"));
        do
        {
            foreach (string part in answer.Parts)
            {
                if (_stop.Token.WaitHandle.WaitOne(answer.Pause))
                {
                    return;
                }

                byte[] said = Encoding.UTF8.GetBytes(part);
                stream.Write(Encoding.ASCII.GetBytes($"{said.Length:x}\r\n"));
                stream.Write(said);
                stream.Write("\r\n"u8);
            }
        }
        while (answer.IsEndless);

        if (!answer.Dies)
        {
            stream.Write("0\r\n\r\n"u8);
        }
    }

    private void Answer(NetworkStream stream, byte[] octets, bool isEndless)
    {
        stream.Write(octets);
        while (isEndless && !_stop.IsCancellationRequested)
        {
            stream.Write(octets);
        }

        if (!isEndless)
        {
            _stop.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(2)); // It says no more, and does not go away either.
        }
    }

    private static string Request(NetworkStream stream)
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            int octet = stream.ReadByte();
            if (octet < 0)
            {
                return head.ToString();
            }

            head.Append((char)octet);
        }

        string length = head.ToString().Split("\r\n")
            .First(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        byte[] body = new byte[int.Parse(length[15..], System.Globalization.CultureInfo.InvariantCulture)];
        stream.ReadExactly(body);
        return head + Encoding.UTF8.GetString(body);
    }
}

/// <param name="Parts">Of the body, each sent by itself.</param>
/// <param name="Pause">Before each part.</param>
/// <param name="Dies">True when the connection ends without the end of the body.</param>
internal sealed record ScriptedAnswer(
    IReadOnlyList<string> Parts, int Status = 200, TimeSpan Pause = default, bool Dies = false)
{
    /// <summary>Further lines of the head, each with its end.</summary>
    public string Header { get; init; } = "";

    /// <summary>All that comes over the wire, in the place of what is above.</summary>
    public byte[]? Octets { get; init; }

    /// <summary>Whether it is said again and again, as long as somebody listens.</summary>
    public bool IsEndless { get; init; }
}
