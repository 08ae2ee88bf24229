using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Tars.Devices.Host;
using Tars.Host;
using Tars.Host.Granting;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Host;

/// <summary>Modules that serve answer HTTP on a real port of this machine, by the rules of the language.</summary>
public sealed class ServingTests : IDisposable
{
    private const string Desk = """
        tars: 1
        module: desk
        version: 1.0.0
        summary: Answers in every way that there is.
        capabilities: { serve: [/desk] }
        state:
          count: int = 0
        handlers:
          http GET /desk/count as request:
            do: |
              count += 1
              return Response(status = 200, body = "{count}".to_bytes())
          http POST /desk/echo as request:
            do: |
              let kind = request.headers.get("x-kind") ?? "-"
              let name = request.query.get("name") ?? "-"
              return Response(status = 200, headers = ["x-kind" => kind, "x-name" => name], body = request.body)
          http POST /desk/size as request:
            do: |
              return Response(status = 200, body = "{request.body.len()}".to_bytes())
          http GET /desk/{name} as request:
            do: |
              return Response(status = 200, body = "name {name}".to_bytes())
          http GET /desk/trap as request:
            do: |
              count += 100
              fail "on purpose"
          http GET /desk/split as request:
            do: |
              return Response(status = 200, headers = ["x-a" => "1\nset-cookie: a=b"])
          http GET /desk/status/{status} as request:
            do: |
              return Response(status = if status == "low" { 99 } else { 204 }, body = "none".to_bytes())
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-serve-").FullName;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });

    public void Dispose()
    {
        _client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void What_the_operator_does_not_leave_to_a_module_is_not_served()
    {
        const string Doors = """
            tars: 1
            module: doors
            version: 1.0.0
            summary: Serves what is open and what is inside.
            capabilities:
              serve: [/open, /inside]
            agentic:
              agents:
                door:
                  role: Door
                  starts: per_request
                  handlers:
                    http GET /open as request:
                      do: |
                        return Response(status = 200, body = "open".to_bytes())
                    http GET /inside/{room} as request:
                      do: |
                        return Response(status = 200, body = room.to_bytes())
            """;
        string grants = Path.Combine(_folder, "tars.toml");
        Directory.CreateDirectory(_folder);
        File.WriteAllText(grants, "[grant.doors]\nserve = [\"/inside/hall\"]\n");
        var options = new RunOptions { Listen = ["0"], Grants = PolicyFiles.Read(grants, "tars.toml") };
        using var system = new RunningSystem(options, Doors);
        string at = system.Address;
        Assert.Equal("404", Call("GET", at + "/open")[..3]);
        Assert.Equal("404", Call("GET", at + "/inside/attic")[..3]);
        Assert.Equal("200 hall", Call("GET", at + "/inside/hall"));
    }

    [Fact]
    public void The_design_s_program_of_short_links_serves_real_clients()
    {
        // No client asks for what it would fetch.
        string grants = Path.Combine(_folder, "tars.toml");
        Directory.CreateDirectory(_folder);
        File.WriteAllText(grants, "[grant.short_links]\ndevice.web = false\n");
        var options = new RunOptions
        {
            Listen = ["0"],
            Params = [new("per_second", "0.1")],
            Grants = PolicyFiles.Read(grants, "tars.toml"),
            Bindings = [new("store", "links", _folder + "/links"), new("store", "titles", _folder + "/titles")],
        };

        // In the program the limits are those of a quiet machine.
        string program = File.ReadAllText(Golden.Path("lang/programs/3-edge.tars"));
        using var system = new RunningSystem(options, Regex.Replace(program, "within [0-9]+ms", "within 60s"));
        string at = system.Address;
        Assert.Equal("401", Call("GET", at + "/links/a")[..3]);
        string link = """{"slug": "a", "url": "https://example.com/"}""";
        Assert.StartsWith("201 {", Call("POST", at + "/links", link, ("x-api-key", "k1")), StringComparison.Ordinal);
        Assert.Equal("409", Call("POST", at + "/links", link, ("x-api-key", "k1"))[..3]);
        Assert.Equal("302", Call("GET", at + "/links/a", body: null, ("X-API-Key", "k1")));
        Assert.Equal("400", Call("POST", at + "/links", "{", ("x-api-key", "k1"))[..3]);
        var quick = Enumerable.Range(0, 30).Select(_ => Call("GET", at + "/links/a", body: null, ("x-api-key", "k2")));
        Assert.Contains("429", quick.Select(one => one[..3]));
        Assert.Equal(0, Assert.IsType<RunOutcome.Ended>(system.End()).Report.Kernel.Traps);
    }

    [Fact]
    public void Every_status_of_the_language_comes_from_a_real_server()
    {
        using var system = new RunningSystem(new RunOptions { Listen = ["127.0.0.1:0"] }, Desk);
        string at = system.Address;
        Assert.Equal("200 1", Call("GET", at + "/desk/count"));
        Assert.Equal("200 name trap/x", Call("GET", at + "/desk/trap%2Fx"));
        Assert.Equal("200 name é b", Call("GET", at + "/desk/%C3%A9%20b"));
        Assert.Equal("500", Call("GET", at + "/desk/trap"));
        Assert.Equal("500", Call("GET", at + "/desk/split"));
        Assert.Equal("500", Call("GET", at + "/desk/status/low"));
        Assert.Equal("204", Call("GET", at + "/desk/status/none"));
        Assert.Equal("404", Call("GET", at + "/desk"));
        Assert.Equal("404", Call("GET", at + "/desks/count"));
        Assert.Equal("404", Call("GET", at + "/../etc/passwd"));
        Assert.Equal("405 allow=GET,HEAD", Call("DELETE", at + "/desk/count"));
        Assert.Equal("400", Call("GET", at + "/desk/trap%252Fx")[..3]);
        Assert.Equal("200 name 100% of it", Call("GET", at + "/desk/100%25%20of%20it"));
        Assert.Equal("200", Call("HEAD", at + "/desk/name").Trim());
        Assert.Equal("404", Call("HEAD", at + "/desk/no/such/path")[..3]);
        string most = new('x', 1 << 20);
        Assert.Equal("200 1048576", Call("POST", at + "/desk/size", most));
        Assert.Equal("200 2", Call("GET", at + "/desk/count"));
        Assert.Equal(1, Assert.IsType<RunOutcome.Ended>(system.End()).Report.Kernel.Traps);
    }

    [Fact]
    public void Headers_are_lower_case_and_joined_and_a_query_is_what_was_meant()
    {
        using var system = new RunningSystem(new RunOptions { Listen = ["127.0.0.1:0"] }, Desk);
        string answer = Raw(
            system.Port,
            "POST /desk/echo?name=a+b%26c HTTP/1.1\r\nHost: x\r\nX-Kind: one\r\nx-kind: two\r\n"
            + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
        Assert.Contains("x-kind: one, two\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("x-name: a b&c\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nabcde", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Server:", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GARBAGE\r\n\r\n", "400")]
    [InlineData("GET /desk/count HTTP/1.1\r\n\r\n", "400")]
    [InlineData("GET /desk/count HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n", "400")]
    [InlineData("POST /desk/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "400")]
    [InlineData("POST /desk/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", "413")]
    [InlineData("POST /desk/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400")]
    [InlineData("POST /desk/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n", "400")]
    [InlineData("GET /desk/%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400")]
    public void What_is_no_request_never_gets_as_far_as_a_handler(string sent, string status)
    {
        using var system = new RunningSystem(new RunOptions { Listen = ["127.0.0.1:0"] }, Desk);
        Assert.StartsWith($"HTTP/1.1 {status}", Raw(system.Port, sent), StringComparison.Ordinal);
        Assert.Equal("200 1", Call("GET", system.Address + "/desk/count"));
        Assert.Equal(1, Assert.IsType<RunOutcome.Ended>(system.End()).Report.Committed);
    }

    [Fact]
    public void Clients_that_say_half_of_it_and_go_harm_nobody()
    {
        using var system = new RunningSystem(new RunOptions { Listen = ["127.0.0.1:0"] }, Desk);
        int port = system.Port;
        string whole = "POST /desk/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nnine octe";
        var slow = new List<TcpClient>();
        for (int cut = 0; cut < whole.Length; cut += 3)
        {
            var client = new TcpClient("127.0.0.1", port);
            client.GetStream().Write(Encoding.ASCII.GetBytes(whole[..cut]));
            (cut % 2 == 0 ? slow.Add : (Action<TcpClient>)(one => one.Dispose()))(client);
        }

        Assert.Equal("200 1", Call("GET", system.Address + "/desk/count"));
        var ended = Assert.IsType<RunOutcome.Ended>(system.End());
        Assert.Equal((1, 0), (ended.Report.Committed, ended.Report.Kernel.Traps));
        slow.ForEach(one => one.Dispose());
    }

    [Fact]
    public void A_flood_is_answered_one_and_all_and_the_count_is_right()
    {
        using var system = new RunningSystem(new RunOptions { Listen = ["127.0.0.1:0"] }, Desk);
        string at = system.Address;
        string[] answers = new string[2_000];
        int next = -1;
        var clients = Enumerable.Range(0, 64).Select(_ => new Thread(() =>
        {
            for (int index; (index = Interlocked.Increment(ref next)) < answers.Length;)
            {
                answers[index] = Call("GET", at + "/desk/count");
            }
        })).ToList();
        clients.ForEach(one => one.Start());
        clients.ForEach(one => one.Join());
        int served = answers.Count(one => one.StartsWith("200 ", StringComparison.Ordinal));
        Assert.Equal(answers.Length, served + answers.Count(one => one == "503"));
        var numbers = answers.Where(one => one.Length > 4).Select(one => one[4..]).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(served, numbers.Count);
        Assert.Equal($"200 {(served + 1).ToString(CultureInfo.InvariantCulture)}", Call("GET", at + "/desk/count"));
    }

    [Fact]
    public async Task What_waits_when_the_run_is_to_end_is_still_answered()
    {
        const string Slow = """
            tars: 1
            module: slow
            version: 1.0.0
            summary: Takes its time.
            capabilities:
              serve: [/slow]
              devices: { web: { kind: fetch, hosts: [http://127.0.0.1:1] } }
            agentic:
              agents:
                door:
                  role: Door
                  starts: per_request
                  handlers:
                    http GET /slow as request:
                      do: |
                        let page = ask web.get(url = "http://127.0.0.1:PORT/") within 20s else why {
                          return Response(status = 502, body = why.detail.to_bytes())
                        }
                        return page
            """;
        using var upstream = new TcpListener(IPAddress.Loopback, 0);
        upstream.Start();
        int port = ((IPEndPoint)upstream.LocalEndpoint).Port;
        string program = Slow.Replace("127.0.0.1:1]", $"127.0.0.1:{port}]", StringComparison.Ordinal)
            .Replace("PORT", $"{port}", StringComparison.Ordinal);
        var options = new RunOptions { Listen = ["127.0.0.1:0"], Origins = [$"http://127.0.0.1:{port}"] };
        using var system = new RunningSystem(options, program);
        string at = system.Address;
        var asked = Task.Run(() => Call("GET", at + "/slow"), TestContext.Current.CancellationToken);
        using var connection = upstream.AcceptTcpClient();
        _ = connection.GetStream().Read(new byte[4_096]);
        var ending = Task.Run(system.End, TestContext.Current.CancellationToken);
        Thread.Sleep(50);
        connection.GetStream().Write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate"u8);
        Assert.Equal("200 late", await asked);
        Assert.Equal(0, Assert.IsType<RunOutcome.Ended>(await ending).Report.Kernel.Traps);
        Assert.ThrowsAny<Exception>(() => new TcpClient("127.0.0.1", new Uri(at).Port).Dispose());
    }

    [Theory]
    [InlineData("8080", "127.0.0.1:8080")]
    [InlineData("localhost:80", "127.0.0.1:80")]
    [InlineData("0.0.0.0:80", "0.0.0.0:80")]
    [InlineData("[::1]:80", "[::1]:80")]
    [InlineData("::1:80", null)]
    [InlineData("1:80", null)]
    [InlineData("example.com:80", null)]
    [InlineData("127.0.0.1", null)]
    [InlineData("127.0.0.1:70000", null)]
    [InlineData("127.0.0.1:-1", null)]
    [InlineData("", null)]
    public void An_address_is_an_ip_and_a_port_or_the_port_alone(string spec, string? endpoint) =>
        Assert.Equal(endpoint, SocketGrant.EndpointOf(spec)?.ToString());

    [Fact]
    public void An_address_that_cannot_be_had_is_refused_before_anything_runs()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var system = new RunningSystem(new RunOptions { Listen = [taken.LocalEndpoint.ToString()!] }, Desk);
        var reasons = Assert.IsType<RunOutcome.Refused>(system.Wait()).Reasons;
        Assert.Contains("in use", Assert.Single(reasons), StringComparison.Ordinal);
    }

    private string Call(string method, string url, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), url);
        request.Content = body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var response = _client.Send(request);
        using var reader = new StreamReader(response.Content.ReadAsStream());
        string allow = response.Content.Headers.Allow.Count == 0
            ? ""
            : $" allow={string.Join(",", response.Content.Headers.Allow)}";
        string text = reader.ReadToEnd();
        return $"{(int)response.StatusCode}{allow}{(text == "" ? "" : $" {text}")}";
    }

    // What a server says to these octets until it closes the connection.
    private static string Raw(int port, string sent)
    {
        using var client = new TcpClient("127.0.0.1", port);
        var stream = client.GetStream();
        stream.Write(Encoding.ASCII.GetBytes(sent));
        client.ReceiveTimeout = 30_000;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
