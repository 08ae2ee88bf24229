using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Tars.Devices.Host;
using Tars.Host;
using Xunit;

namespace Tars.Tests.Host;

/// <summary>Modules talk over real sockets of this machine: connections and datagrams, allowed ones and no others.
/// </summary>
public sealed partial class SocketTests
{
    private const string Echo = """
        tars: 1
        module: echo
        version: 1.0.0
        summary: Sends back what comes, in capitals where it is a word.
        capabilities:
          devices: { wire: tcp, out: console }
        state:
          octets: int = 0
        handlers:
          device wire as event:
            do: |
              match event {
                opened(connection, peer) => {
                  let near = peer.starts_with("127.0.0.1:")
                  tell out.print(line = "opened {connection} {near}")
                }
                data(connection, part) => {
                  octets += part.len()
                  ask wire.send(connection = connection, data = part) within 5s else why { log("not sent", why = why.detail) }
                  if (part.to_text() ?? "").contains("bye") {
                    ask wire.close(connection = connection) within 5s else why { log("not closed", why = why.detail) }
                  }
                }
                closed(connection, reason) => { tell out.print(line = "closed {connection} {reason} {octets}") }
              }
        """;

    private const string Caller = """
        tars: 1
        module: caller
        version: 1.0.0
        summary: Calls an address, says hello and prints what comes back.
        capabilities:
          devices: { wire: tcp, out: console }
        params:
          to: { type: text, value: none, about: Whom. }
        handlers:
          start:
            do: |
              let connection = ask wire.connect(to = to) within 9s else why {
                tell out.print(line = "{why.kind == FailureKind.denied} {why.detail}")
                exit()
                return
              }
              ask wire.send(connection = connection, data = "hello".to_bytes()) within 9s else why { fail why.detail }
          device wire as event:
            do: |
              match event {
                opened(connection, peer) => { fail "nobody calls a caller: {connection} {peer}" }
                data(connection, part) => {
                  let words = part.to_text() ?? "?"
                  tell out.print(line = "{connection} {words}")
                }
                closed(connection, reason) => {
                  tell out.print(line = "closed {connection} {reason}")
                  exit()
                }
              }
        """;

    private const string Pong = """
        tars: 1
        module: pong
        version: 1.0.0
        summary: Answers each datagram to where it came from.
        capabilities:
          devices: { air: udp, out: console }
        handlers:
          device air as one:
            do: |
              ask air.send(to = one.from, data = one.octets) within 5s else why { log("not sent", why = why.detail) }
              ask air.send(to = "127.0.0.1:9", data = one.octets) within 5s else why {
                tell out.print(line = "{why.kind == FailureKind.denied}")
              }
        """;

    [Fact]
    public async Task What_is_sent_comes_back_in_order_and_both_ends_are_told()
    {
        using var system = new RunningSystem(Listening("tcp", "wire"), Echo);
        byte[] sent = new byte[300_000];
        for (int at = 0; at < sent.Length; at++)
        {
            sent[at] = (byte)('a' + (at % 26));
        }

        using (var client = Connect(system))
        {
            var stream = client.GetStream();
            var writing = Task.Run(() => stream.Write(sent), TestContext.Current.CancellationToken);
            byte[] came = new byte[sent.Length];
            stream.ReadExactly(came);
            await writing;
            Assert.Equal(sent, came);
            stream.Write("bye"u8);
            came = new byte[3];
            stream.ReadExactly(came);
            Assert.Equal(0, stream.Read(came));
        }

        using (var rude = Connect(system))
        {
            rude.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        using (var last = Connect(system))
        {
            last.GetStream().Write("bye"u8);
            last.GetStream().ReadExactly(new byte[3]);
        }

        var ended = Assert.IsType<RunOutcome.Ended>(system.End());
        Assert.Equal(0, ended.Report.Kernel.Traps);
        Assert.Contains("opened 1 true\n", system.Output, StringComparison.Ordinal);
        Assert.Contains("closed 1 end 300003\n", system.Output, StringComparison.Ordinal);
        Assert.Contains("opened 3 true\n", system.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_caller_reaches_what_is_allowed_and_the_run_ends_with_its_connection()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string to = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        var options = new RunOptions { Bindings = [new("tcp", "wire", to)], Params = [new("to", to)] };
        using var system = new RunningSystem(options, Caller);
        using (var there = listener.AcceptTcpClient())
        {
            byte[] came = new byte[5];
            there.GetStream().ReadExactly(came);
            Assert.Equal("hello", Encoding.ASCII.GetString(came));
            there.GetStream().Write("welcome"u8);
        }

        Assert.Equal(0, Assert.IsType<RunOutcome.Ended>(system.Wait()).Report.Kernel.Traps);
        Assert.Equal("1 welcome\nclosed 1 end\n", system.Output);
    }

    // No connection is made within a microsecond, so it comes when nobody waits for it any more.
    [Fact]
    public void A_connection_that_came_too_late_is_closed_and_nobody_hears_of_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string to = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        string hasty = Caller
            .Replace("connect(to = to) within 9s", "connect(to = to) within 1us", StringComparison.Ordinal)
            .Replace("        exit()\n        return\n", "        return\n", StringComparison.Ordinal)
            .Replace("{why.kind == FailureKind.denied} {why.detail}", "{why.kind == FailureKind.timeout}",
                StringComparison.Ordinal);
        var options = new RunOptions { Bindings = [new("tcp", "wire", to)], Params = [new("to", to)] };
        using var system = new RunningSystem(options, hasty);
        using (var there = listener.AcceptTcpClient())
        {
            there.GetStream().ReadTimeout = 30_000;
            Assert.Equal(0, there.GetStream().Read(new byte[1]));
        }

        Assert.Equal(0, Assert.IsType<RunOutcome.Ended>(system.Wait()).Report.Kernel.Traps);
        Assert.Equal("true\n", system.Output);
    }

    [Theory]
    [InlineData("127.0.0.1:2")]
    [InlineData("localhost:1")]
    [InlineData("127.0.0.1")]
    [InlineData("")]
    public void What_is_not_allowed_is_denied_without_a_connection(string to)
    {
        var options = new RunOptions { Bindings = [new("tcp", "wire", "127.0.0.1:1")], Params = [new("to", to)] };
        using var system = new RunningSystem(options, Caller);
        Assert.IsType<RunOutcome.Ended>(system.Wait());
        Assert.Equal($"true {to} is not among the addresses allowed\n", system.Output);
    }

    [Fact]
    public void An_address_where_nobody_is_is_an_answer()
    {
        const string Nobody = "127.0.0.1:1";
        var options = new RunOptions { Bindings = [new("tcp", "wire", Nobody)], Params = [new("to", Nobody)] };
        using var system = new RunningSystem(options, Caller);
        Assert.IsType<RunOutcome.Ended>(system.Wait());
        Assert.Equal("false 127.0.0.1:1: nobody there takes connections\n", system.Output);
    }

    [Fact]
    public void Datagrams_are_answered_to_whom_they_came_from_and_to_nobody_else()
    {
        using var system = new RunningSystem(Listening("udp", "air"), Pong);
        var at = AddressOf(system);
        using var client = new UdpClient(0, AddressFamily.InterNetwork);
        client.Client.ReceiveTimeout = 30_000;
        foreach (int size in new[] { 0, 1, 1_000, 60_000 })
        {
            byte[] sent = new byte[size];
            client.Send(sent, at);
            var from = new IPEndPoint(IPAddress.Any, 0);
            Assert.Equal(sent, client.Receive(ref from));
            Assert.Equal(at, from);
        }

        Assert.Equal(0, Assert.IsType<RunOutcome.Ended>(system.End()).Report.Kernel.Traps);
        Assert.StartsWith("true\ntrue\ntrue\n", system.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("example.com:25", "example.com:25 Example.COM:25", "example.com:26 example.com")]
    [InlineData("[::1]:25", "[::1]:25", "::1:25")]
    [InlineData("listen:9000", "", "localhost:9000")]
    public void What_is_allowed_is_a_host_and_a_port(string spec, string allowed, string denied)
    {
        var grant = SocketGrant.Of([spec]);
        Assert.All(allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries), one => Assert.True(grant.Reaches(one)));
        Assert.All(denied.Split(' '), one => Assert.False(grant.Reaches(one)));
    }

    [Theory]
    [InlineData("listen:")]
    [InlineData("listen:example.com:80")]
    [InlineData("example.com")]
    [InlineData(":80")]
    [InlineData("a:b:80")]
    [InlineData("example.com:65536")]
    public void What_is_no_address_is_refused(string spec) =>
        Assert.Throws<InvalidDataException>(() => SocketGrant.Of([spec]));

    private static RunOptions Listening(string kind, string name) =>
        new() { Bindings = [new(kind, name, "listen:127.0.0.1:0")] };

    private static IPEndPoint AddressOf(RunningSystem system) =>
        IPEndPoint.Parse(system.WaitForLog(ListensOn()).Groups[1].Value);

    private static TcpClient Connect(RunningSystem system)
    {
        var client = new TcpClient { ReceiveTimeout = 30_000 };
        client.Connect(AddressOf(system));
        return client;
    }

    [GeneratedRegex(@"listens on (\S+)")]
    private static partial Regex ListensOn();
}
