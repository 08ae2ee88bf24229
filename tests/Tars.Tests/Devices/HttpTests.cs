using System.Net;
using System.Net.Sockets;
using System.Text;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Devices.Http;
using Tars.Kernel.Ports;
using Xunit;
using HttpHost = Tars.Devices.Http.Host;

namespace Tars.Tests.Devices;

/// <summary>The HTTP client of every method sends what a guest may say, and nothing that would say it for others.
/// </summary>
public sealed class HttpTests
{
    [Fact]
    public void A_request_goes_out_as_it_was_asked_for()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string origin = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        string came = "";
        var server = new Thread(() =>
        {
            using var client = listener.AcceptTcpClient();
            var stream = client.GetStream();
            byte[] buffer = new byte[4_096];
            while (!came.EndsWith("hello", StringComparison.Ordinal))
            {
                came += Encoding.ASCII.GetString(buffer, 0, stream.Read(buffer));
            }

            stream.Write("HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX-A: 1\r\n\r\nok"u8);
        });
        server.Start();
        using var host = new HttpHost(new HashSet<string> { origin }, millisecondsMax: 30_000);
        var answer = Assert.IsType<DeviceAnswer.Value>(host.Ask(
            Send("PUT", $"{origin}/a?b=c", "hello", ("content-type", "text/plain"), ("idempotency-key", "k1"))));
        server.Join();
        Assert.True(ValueEncoding.IsValid(BuiltInTypes.Response, answer.Octets.AsSpan()));
        Assert.Equal(201, new ByteReader(answer.Octets.AsSpan()).I64());
        Assert.StartsWith("PUT /a?b=c HTTP/1.1\r\n", came, StringComparison.Ordinal);
        Assert.Contains("content-type: text/plain\r\n", came, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("idempotency-key: k1\r\n", came, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("\r\n\r\nhello", came, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("get", "x-a", "1")]
    [InlineData("CONNECT", "x-a", "1")]
    [InlineData("GET / HTTP/1.1\r\nHost: b\r\n\r\nGET", "x-a", "1")]
    [InlineData("GET", "x-a", "1\r\nhost: elsewhere")]
    [InlineData("GET", "x a", "1")]
    [InlineData("GET", "Host", "elsewhere")]
    [InlineData("GET", "Content-Length", "7")]
    [InlineData("GET", "transfer-encoding", "chunked")]
    public void What_a_guest_may_not_say_is_refused_without_a_connection(string method, string name, string value)
    {
        using var host = new HttpHost(new HashSet<string> { "http://127.0.0.1:1" });
        var asked = Send(method, "http://127.0.0.1:1/", "", (name, value));
        Assert.Equal(AskFailure.Refused, Assert.IsType<DeviceAnswer.Failed>(host.Ask(asked)).Why);
        Assert.Equal(AskFailure.Refused, Assert.IsType<DeviceAnswer.Failed>(new Simulated(Answers).Ask(asked)).Why);
    }

    [Fact]
    public void What_is_not_allowed_is_denied()
    {
        using var host = new HttpHost(new HashSet<string> { "http://127.0.0.1:1" });
        foreach (string url in new[] { "http://127.0.0.1:2/", "https://127.0.0.1:1/", "file:///etc/passwd", "" })
        {
            var answer = Assert.IsType<DeviceAnswer.Failed>(host.Ask(Send("POST", url, "a")));
            Assert.Equal(AskFailure.Denied, answer.Why);
        }

        Assert.Equal((4, 4), (host.Metrics.Asks, host.Metrics.Failed));
    }

    [Fact]
    public void The_twin_answers_a_method_and_a_url()
    {
        var twin = new Simulated(Answers);
        Assert.IsType<DeviceAnswer.Value>(twin.Ask(Send("POST", "https://example.com/a", "body")));
        Assert.IsType<DeviceAnswer.Failed>(twin.Ask(Send("GET", "https://example.com/a", "")));
    }

    private static Dictionary<string, string> Answers => new() { ["POST https://example.com/a"] = "done" };

    private static DeviceAsk Send(string method, string url, string body, params (string Name, string Value)[] headers)
    {
        var arguments = new ByteWriter();
        arguments.Text(method);
        arguments.Text(url);
        arguments.U32((uint)headers.Length);
        foreach (var (name, value) in headers)
        {
            arguments.Text(name);
            arguments.Text(value);
        }

        arguments.Text(body);
        return new DeviceAsk(Device.Send, [.. arguments.Written], BuiltInTypes.Response);
    }
}
