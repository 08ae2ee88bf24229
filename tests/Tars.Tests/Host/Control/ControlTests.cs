using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Tars.Base;
using Tars.Devices.Wasi.Linux;
using Tars.Host;
using Tars.Host.Control;
using Tars.Host.Journal;
using Xunit;

namespace Tars.Tests.Host.Control;

/// <summary>A run is operated over its socket, and nobody who connects can slow it, end it or get past its user.
/// </summary>
public sealed class ControlTests : IDisposable
{
    private const string Program = """
        tars: 1
        module: mill
        version: 1.0.0
        summary: Turns, and breaks now and then.

        capabilities:
          devices: { out: { kind: console } }
          publish: { ground: int }
          timers: { shortest: 1ms }

        params:
          step: { type: int, value: 1, range: [0, 100], about: How far it turns. }

        state:
          turns: int = 0

        handlers:
          start:
            do: |
              every 2ms turn

          timer turn:
            do: |
              turns += step
              if step > 50 { fail "too fast" }
              publish("ground", turns)
              tell out.print(line = "turned")
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tars-ctl-").FullName;

    public static bool IsHere => FileOwner.IsKnown;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_run_that_is_still_being_recovered_says_so_and_answers_once_it_goes_on()
    {
        var stop = TestContext.Current.CancellationToken;
        using var desk = new ControlDesk(() => { });
        var early = await desk.AskAsync(new ControlRequest.Processes(0), id: 7, offer: null, stop);
        Assert.Contains("the run has not begun", Encoding.UTF8.GetString(early.Span), StringComparison.Ordinal);
        desk.Settle();
        Assert.Null(desk.Take());

        var asked = desk.AskAsync(new ControlRequest.Processes(0), id: 8, offer: null, stop);
        desk.Begin();
        ControlTask? task = null;
        Assert.True(SpinWait.SpinUntil(() => (task = desk.Take()) is not null, 30_000));
        task!.Done(_ => { });
        Assert.Contains("\"ok\":true", Encoding.UTF8.GetString((await asked).Span), StringComparison.Ordinal);
        desk.Settle();

        using var closed = new ControlDesk(() => { });
        var late = closed.AskAsync(new ControlRequest.Processes(0), id: 9, offer: null, stop);
        closed.Close();
        Assert.Contains("the run has ended", Encoding.UTF8.GetString((await late).Span), StringComparison.Ordinal);
    }

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    public async Task A_run_tells_what_it_does_and_does_what_it_is_told()
    {
        await using var run = new LiveRun(_folder, Program);
        using var link = run.Connect();
        Assert.Equal(["mill"], link.Modules);
        var row = LiveRun.Ask(link, "ps").GetProperty("processes").EnumerateArray().Single();
        Assert.Equal((1, "mill"), (row.GetProperty("process").GetInt64(), row.GetProperty("module").GetString()));
        Assert.Equal("step=fast: not a int", Reason(SetTo(link, "step", "fast")));
        Assert.Equal("mill.step=101: outside the range 0 to 100", Reason(SetTo(link, "mill.step", "101")));
        Assert.Equal("no module has a parameter pace", Reason(SetTo(link, "pace", "1")));
        _ = LiveRun.Ask(link, "set", ("param", "step"), ("value", "60"), ("for_ns", 50_000_000));
        var letters = await Letters(link);
        Assert.Equal("timer turn", letters[0].GetProperty("handler").GetString());
        Assert.Equal("fail: too fast", letters[0].GetProperty("trap").GetString());
        await Until(() => run.Log.Contains("operator: return mill.step", StringComparison.Ordinal));
        long first = letters[0].GetProperty("letter").GetInt64();
        _ = LiveRun.Ask(link, "dead_deliver", ("letter", first));
        Assert.Equal("there is no such dead letter", Reason(LiveRun.Try(link, "dead_deliver", ("letter", first))));
        _ = LiveRun.Ask(link, "dead_drop");
        Assert.Empty(LiveRun.Ask(link, "dead").GetProperty("letters").EnumerateArray());
        _ = LiveRun.Ask(link, "revoke", ("module", "mill"), ("device", "out"));
        var rights = LiveRun.Ask(link, "rights").GetProperty("rights").EnumerateArray().ToArray();
        Assert.Single(rights, one => one.GetProperty("revoked").GetBoolean());
        _ = LiveRun.Ask(link, "grant", ("module", "mill"), ("device", "out"));
        _ = LiveRun.Ask(link, "stop");
        Assert.IsType<RunOutcome.Ended>(await run.Outcome);
        Assert.False(File.Exists(run.Path));
    }

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    public async Task A_button_is_pressed_and_let_go_and_the_run_waits_for_it()
    {
        await using var run = new LiveRun(_folder, """
            tars: 1
            module: bell
            version: 1.0.0
            summary: Counts how often it is rung.
            capabilities:
              devices: { ringer: button, out: console }
            state:
              rings: int = 0
            handlers:
              device ringer as pressed:
                do: |
                  if pressed { rings += 1 } else { tell out.print(line = "rung {rings}") }
                  if rings == 2 and not pressed { exit() }
            """);
        using var link = run.Connect();
        Assert.Equal("no module has a button bell", Reason(LiveRun.Try(link, "press", ("device", "bell"))));
        for (int ring = 0; ring < 2; ring++)
        {
            var answer = LiveRun.Ask(link, "press", ("device", "ringer"));
            Assert.Equal("press bell.ringer", answer.GetProperty("done").GetString());
            _ = LiveRun.Ask(link, "press", ("device", "bell.ringer"), ("down", false));
        }

        Assert.IsType<RunOutcome.Ended>(await run.Outcome);
    }

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    public async Task A_new_version_is_handed_over_and_one_that_does_not_fit_changes_nothing()
    {
        await using var run = new LiveRun(_folder, Program);
        using var link = run.Connect();
        string next = Program.Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal)
            .Replace("turns: int = 0", "turns: int = 0\n  more: int = 7", StringComparison.Ordinal);
        Assert.Null(link.Send(Lang.Emitting.CompiledProcess.Compile(next).Bytes));
        var swapped = LiveRun.Ask(link, "swap", ("probation_ns", 1_000_000));
        Assert.Equal("swap mill 1.0.0 -> 1.1.0", swapped.GetProperty("done").GetString());
        Assert.Contains("not a", Reason(LiveRun.Try(link, "swap")), StringComparison.OrdinalIgnoreCase);
        string other = next.Replace("more: int = 7", "more: text = \"\"", StringComparison.Ordinal);
        Assert.Null(link.Send(Lang.Emitting.CompiledProcess.Compile(other).Bytes));
        Assert.Contains("`int` before, `text` now", Reason(LiveRun.Try(link, "swap")), StringComparison.Ordinal);
        Assert.Single(LiveRun.Ask(link, "ps").GetProperty("processes").EnumerateArray());
    }

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    public async Task What_an_operator_did_to_a_recorded_run_is_replayed_by_both_engines()
    {
        for (ulong seed = 1; seed <= 3; seed++)
        {
            string name = seed.ToString(CultureInfo.InvariantCulture);
            string folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
            string log = Path.Combine(folder, "log");
            await using (var run = new LiveRun(folder, Program, log))
            {
                using var link = run.Connect();
                var random = new Xoshiro256(seed);
                for (int number = 0; number < 60; number++)
                {
                    Operate(link, random);
                }

                var ended = Assert.IsType<RunOutcome.Ended>(await run.EndAsync());
                Assert.Null(ended.Report.RecordError);
            }

            foreach (string engine in Compose.ReplayNames.Where(one => Compose.Engine(one) is not null))
            {
                var silent = new RunStreams(Stream.Null, Stream.Null, TextWriter.Null);
                var options = new ReplayOptions { Verify = true, Engine = engine };
                var outcome = Replay.Run(log, options, silent, TestContext.Current.CancellationToken);
                var report = Assert.IsType<ReplayOutcome.Ended>(outcome).Report;
                Assert.Equal((JournalEnd.Closed, null, null), (report.End, report.Damage, report.Difference));
            }
        }
    }

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    public async Task Whatever_clients_send_the_run_goes_on_and_answers_the_next_one()
    {
        await using var run = new LiveRun(_folder, Program);
        var random = new Xoshiro256(11);
        var silent = new List<Socket>();
        for (int number = 0; number < 200; number++)
        {
            using var socket = Raw(run.Path);
            byte[] octets = Hostile(random, number);
            try
            {
                _ = socket.Send(octets);
            }
            catch (SocketException)
            {
                // The run has let go of it.
            }

            if (number % 20 == 0)
            {
                silent.Add(Raw(run.Path)); // Says nothing and stays, up to more than may be there at a time.
                silent.Add(Raw(run.Path));
            }
        }

        silent.ForEach(one => one.Dispose());
        Assert.False(run.IsOver);
        ControlLink? link = null;
        await Until(() => (link = ControlLink.Open(run.Path, out _)) is not null);
        using (link)
        {
            Assert.Single(LiveRun.Ask(link!, "ps").GetProperty("processes").EnumerateArray());
        }
    }

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    public async Task A_client_that_does_not_listen_holds_nobody_up()
    {
        await using var run = new LiveRun(_folder, Program);
        using var deaf = Raw(run.Path);
        deaf.Blocking = false;
        byte[] flood = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"op\":\"ps\"}\n", 10_000)));
        for (int sent = 0, tries = 0; sent < flood.Length && tries < 1_000; tries++)
        {
            try
            {
                sent += deaf.Send(flood.AsSpan(sent));
            }
            catch (SocketException)
            {
                // Its own buffers are full, as it should be.
                await Task.Delay(1, TestContext.Current.CancellationToken);
            }
        }

        using var link = run.Connect();
        long before = LiveRun.Ask(link, "ps").GetProperty("processes")[0].GetProperty("fuel").GetInt64();
        await Until(() => before
            < LiveRun.Ask(link, "ps").GetProperty("processes")[0].GetProperty("fuel").GetInt64());
    }

    [Fact(Skip = "Linux alone", SkipUnless = nameof(IsHere))]
    [UnsupportedOSPlatform("windows")]
    public async Task Only_the_user_himself_can_reach_the_socket_and_nothing_is_put_in_its_place()
    {
        await using (var run = new LiveRun(_folder, Program))
        {
            var mode = File.GetUnixFileMode(run.Path);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
            Assert.Contains("another run listens", WhyNot(run.Path), StringComparison.Ordinal);
        }

        string stale = Path.Combine(_folder, "stale.sock");
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            left.Bind(new UnixDomainSocketEndPoint(stale + "x"));
            File.Move(stale + "x", stale);
        }

        Assert.True(FileOwner.Of(stale) is { Kind: FileKind.Socket });
        Assert.Equal("", WhyNot(stale));
        string file = Path.Combine(_folder, "file.sock");
        File.WriteAllText(file, "kept");
        Assert.Contains("is no socket", WhyNot(file), StringComparison.Ordinal);
        Assert.Equal("kept", File.ReadAllText(file));
        string link = Path.Combine(_folder, "link.sock");
        File.CreateSymbolicLink(link, stale);
        Assert.Contains("is no socket", WhyNot(link), StringComparison.Ordinal);
        string open = Directory.CreateDirectory(Path.Combine(_folder, "open")).FullName;
        File.SetUnixFileMode(open, (UnixFileMode)0b111_111_111);
        Assert.Contains("open to other users", WhyNot(Path.Combine(open, "a.sock")), StringComparison.Ordinal);
        string linked = Path.Combine(_folder, "linked");
        Directory.CreateSymbolicLink(linked, open);
        Assert.Contains("is no folder", WhyNot(Path.Combine(linked, "a.sock")), StringComparison.Ordinal);
        Assert.Contains("longer", WhyNot(Path.Combine(_folder, new string('x', 120))), StringComparison.Ordinal);
    }

    private static string WhyNot(string path)
    {
        using var socket = ControlSocket.Open(path, out string reason);
        return reason;
    }

    private static void Operate(ControlLink link, Xoshiro256 random)
    {
        string right = random.Next(2) == 0 ? "device" : "publish";
        string name = right == "device" ? "out" : "ground";
        _ = random.Next(8) switch
        {
            0 => LiveRun.Try(link, "set", ("param", "step"), ("value", Number(random))),
            1 or 2 => LiveRun.Try(
                link, "set", ("param", "step"), ("value", Number(random)), ("for_ns", random.Next(9_000_000))),
            3 => LiveRun.Try(link, "revoke", ("module", "mill"), (right, name)),
            4 => LiveRun.Try(link, "grant", ("process", 1 + random.Next(2)), (right, name)),
            5 => LiveRun.Try(link, "revoke", ("process", 1 + random.Next(2)), (right, name)),
            6 => LiveRun.Try(link, "dead_deliver"),
            _ => LiveRun.Try(link, "dead_drop", ("letter", random.Next(20))),
        };
    }

    private static JsonElement SetTo(ControlLink link, string param, string value) =>
        LiveRun.Try(link, "set", ("param", param), ("value", value));

    private static string Number(Xoshiro256 random) => random.Next(110).ToString(CultureInfo.InvariantCulture);

    private static byte[] Hostile(Xoshiro256 random, int number)
    {
        byte[] octets = new byte[number % 10 == 0 ? 1 << 20 : 1 + random.Next(3_000)];
        for (int at = 0; at < octets.Length; at++)
        {
            octets[at] = (byte)random.Next(256);
        }

        string[] lines =
        [
            "{\"op\":\"ps\"", "{\"op\":\"set\",\"param\":3}\n", "[[[[[[[[[[[[\n",
            "{\"op\":\"part\",\"octets\":\"!\"}\n",
            "{\"op\":\"swap\"}\n", "{\"id\":1e400,\"op\":\"ps\"}\n", "{\"op\":\"\\ud800\"}\n", "null\n", "\n\n\n",
            "{\"op\":\"stop\",\"process\":99}\n{\"op\":\"dead_deliver\",\"letter\":-1}\n",
        ];
        return number % 3 == 0 ? octets : Encoding.UTF8.GetBytes(lines[random.Next(lines.Length)]);
    }

    private static Socket Raw(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        socket.SendTimeout = 200; // Who is let in and not listened to gives up; it holds for Connect too.
        return socket;
    }

    private static string Reason(JsonElement answer)
    {
        Assert.False(answer.GetProperty("ok").GetBoolean(), answer.ToString());
        return answer.GetProperty("reason").GetString() ?? "";
    }

    private static async Task<JsonElement[]> Letters(ControlLink link)
    {
        JsonElement[] letters = [];
        await Until(() =>
            (letters = [.. LiveRun.Ask(link, "dead").GetProperty("letters").EnumerateArray()]).Length != 0);
        return letters;
    }

    private static async Task Until(Func<bool> holds)
    {
        for (int tries = 0; !holds(); tries++)
        {
            Assert.True(tries < 3_000, "it does not come");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
