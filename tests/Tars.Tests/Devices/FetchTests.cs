using System.Net;
using System.Net.Sockets;
using System.Text;
using Tars.Base;
using Tars.Bundle.Interfaces;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;
using Xunit;
using FetchHost = Tars.Devices.Fetch.Host;

namespace Tars.Tests.Devices;

/// <summary>The HTTP client reaches what it was given and nothing else; what comes back is bounded data.</summary>
public sealed class FetchTests
{
    [Theory]
    [InlineData("http://example.com/a", "http://example.com:80")]
    [InlineData("HTTPS://Example.COM/a", "https://example.com:443")]
    [InlineData("http://example.com:8080", "http://example.com:8080")]
    [InlineData("http://user:word@example.com/", null)]
    [InlineData("file:///etc/passwd", null)]
    [InlineData("http://xn--é.com/", null)]
    [InlineData("example.com", null)]
    [InlineData("", null)]
    public void An_origin_has_one_spelling(string url, string? origin) => Assert.Equal(origin, Origins.Of(url));

    [Fact]
    public void What_is_not_allowed_is_denied_without_a_connection()
    {
        using var host = new FetchHost(new HashSet<string> { "http://localhost:1" });
        foreach (string url in new[] { "http://localhost:2/", "http://localhost.:1/", "file:///etc/passwd", "x" })
        {
            var answer = Assert.IsType<DeviceAnswer.Failed>(host.Ask(Get(url)));
            Assert.Equal(AskFailure.Denied, answer.Why);
        }

        Assert.Equal(4, host.Metrics.Denied);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-B: 1\r\nx-b: 2\r\n\r\nhello", "200 x-b=1, 2 hello")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n", "302  ")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nhello", "Unavailable")]
    [InlineData("no HTTP at all\r\n\r\n", "Unavailable")]
    [InlineData("", "Unavailable")]
    public void What_a_server_says_is_an_answer(string said, string expected)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var server = new Thread(() => Serve(listener, said));
        server.Start();
        var origins = new HashSet<string> { $"http://127.0.0.1:{port}" };
        using var host = new FetchHost(origins, millisecondsMax: 3_000);
        string answer = Text(host.Ask(Get($"http://127.0.0.1:{port}/a")));
        server.Join();
        Assert.Equal(expected, answer);
    }

    [Fact]
    public void A_server_can_know_a_fetch_that_comes_again()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        string heard = "";
        var server = new Thread(() => heard = Serve(listener, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
        server.Start();
        using var host = new FetchHost(new HashSet<string> { $"http://127.0.0.1:{port}" }, millisecondsMax: 3_000);
        host.Ask(Get($"http://127.0.0.1:{port}/a") with { Id = new EffectId("run", new ProcessId(4), 12) });
        server.Join();
        Assert.Contains("Idempotency-Key: run-12\r\n", heard, StringComparison.OrdinalIgnoreCase);
    }

    private static string Serve(TcpListener listener, string said)
    {
        using var client = listener.AcceptTcpClient();
        var stream = client.GetStream();
        byte[] heard = new byte[4_096];
        int size = stream.Read(heard);
        stream.Write(Encoding.ASCII.GetBytes(said));
        return Encoding.ASCII.GetString(heard, 0, size);
    }

    private static DeviceAsk Get(string url)
    {
        var arguments = new ByteWriter();
        arguments.Text(url);
        return new DeviceAsk(0, [.. arguments.Written], BuiltInTypes.Response);
    }

    private static string Text(DeviceAnswer? answer)
    {
        if (answer is not DeviceAnswer.Value value)
        {
            return ((DeviceAnswer.Failed)answer!).Why.ToString();
        }

        Assert.True(ValueEncoding.IsValid(BuiltInTypes.Response, value.Octets.AsSpan()));
        var reader = new ByteReader(value.Octets.AsSpan());
        string text = $"{reader.I64()} ";
        for (uint left = reader.U32(); 0 < left; left--)
        {
            string name = reader.Text();
            string content = reader.Text();
            text += name == "x-b" ? $"{name}={content}" : "";
        }

        return $"{text} {Encoding.UTF8.GetString(reader.Bytes(reader.U32()))}";
    }
}
