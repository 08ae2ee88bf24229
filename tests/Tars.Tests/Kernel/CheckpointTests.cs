using Tars.Base;
using Tars.Host;
using Tars.Kernel.Ports;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>
/// A kernel that is made of a checkpoint does what the first one would have done: every event, every digest. Every
/// other test of the kernel takes checkpoints too (see <see cref="CheckpointCheck"/>).
/// </summary>
public sealed class CheckpointTests
{
    private const string Program = """
        tars: 1
        module: busy
        version: 1.0.0
        summary: Asks, spawns, waits, traps, draws and remembers.
        params:
          most: { type: int, value: 5, range: [1, 9], about: How much is drawn at most. }
        metrics:
          handled: { kind: sum, goal: maximize, unit: lines, about: Lines that were weighed. }
        capabilities:
          devices: { input: lines, out: console }
          publish: { news/+: int }
          subscribe: { news/+: int }
          timers: { shortest: 10ms }
          spawn: { worker: 3 }
        agentic:
          agents:
            hub:
              role: Hands work on and waits for it.
              state:
                workers: list<ref<worker>> = []
                sums: map<int, int> = []
                ticks: int = 0
              handlers:
                start:
                  do: |
                    for i in 0..2 {
                      let one = spawn worker(by = self)
                      workers.push(one)
                    }
                    every 30ms tick
                timer tick:
                  do: |
                    ticks += 1
                    publish("news/ticks", ticks)
                device input as line:
                  do: |
                    let content = line else { return }
                    let size = content.size()
                    if size == 7 { fail "seven" }
                    let one = workers[size % 2]
                    let answer = ask one.weigh(size = size) within 1s else { return }
                    sums[size] = (sums.get(size) ?? 0) + answer
                    metric(handled, 1.0)
                    tell out.print(line = "{size} {answer}")
                exit worker as ended:
                  do: |
                    log("gone")
            worker:
              role: Weighs.
              starts: by_spawn
              state:
                by: ref<hub>
                seen: int = 0
                heard: int = 0
              handlers:
                message news/{where} as number:
                  do: |
                    heard += number
                ask weigh:
                  with: { size: int }
                  returns: int
                  do: |
                    seen += 1
                    if seen % 11 == 0 { fail "tired" }
                    return size * random_int(1, most) + seen
        """;

    public static IEnumerable<TheoryDataRow<PolicyKind>> Policies =>
        [.. Enum.GetValues<PolicyKind>().Select(kind => new TheoryDataRow<PolicyKind>(kind))];

    [Theory]
    [MemberData(nameof(Policies))]
    public void From_any_event_on_a_kernel_of_a_checkpoint_does_the_same(PolicyKind policy)
    {
        using var session = new Session { Policy = policy };
        var kernel = session.New();
        var digests = new List<(ulong Trace, ulong State)>();
        foreach (var happened in session.Events)
        {
            kernel.Step(happened());
            digests.Add((kernel.Trace, kernel.StateDigest().Value));
        }

        Assert.True(60 < kernel.Transactions);
        int taken = 0;
        for (int from = 1; from < session.Events.Count; from++)
        {
            var first = session.New();
            session.Events.Take(from).ToList().ForEach(happened => first.Step(happened()));
            var octets = new ByteWriter();
            if (first.TryCheckpoint(octets) is not null)
            {
                continue;
            }

            taken++;
            var again = From(session, octets.Written, out string why);
            Assert.True(again is not null, $"event {from}: {why}");
            for (int next = from; next < session.Events.Count; next++)
            {
                again.Step(session.Events[next]());
                Assert.Equal((from, next, digests[next]), (from, next, (again.Trace, again.StateDigest().Value)));
            }
        }

        Assert.True(session.Events.Count - 5 < taken, $"{taken} checkpoints of {session.Events.Count} events");
    }

    [Fact]
    public void No_octets_make_a_kernel_throw()
    {
        using var session = new Session();
        var kernel = session.New();
        session.Events.Take(session.Events.Count / 2).ToList().ForEach(happened => kernel.Step(happened()));
        var output = new ByteWriter();
        Assert.Null(kernel.TryCheckpoint(output));
        byte[] whole = output.ToArray();
        var random = new Xoshiro256(11);
        int refused = 0;
        for (int round = 0; round < 1_500; round++)
        {
            byte[] octets = [.. whole];
            for (int change = random.Next(3); 0 <= change; change--)
            {
                octets[random.Next(octets.Length / (1 + random.Next(30)))] =
                    (byte)(random.Next(3) == 0 ? 255 : random.Next(256));
            }

            octets = random.Next(5) == 0 ? octets[..random.Next(octets.Length)] : octets;
            if (From(session, octets, out _) is not { } again)
            {
                refused++;
                continue;
            }

            // Whatever it believes, it goes on: a guest that was changed harms itself alone.
            var at = new Moment(again.Now.Instant, Math.Min(again.Now.Monotonic, long.MaxValue - 2_000_000_000));
            if (at.Monotonic < again.Now.Monotonic)
            {
                continue;
            }

            for (int turn = 0; turn < 5; turn++)
            {
                at = at with { Monotonic = at.Monotonic + 100_000_000 };
                again.Step(new KernelEvent.Turn(at));
            }

            again.StateDigest();
        }

        Assert.InRange(refused, 100, 1_500);
    }

    [Fact]
    public void A_checkpoint_is_of_its_modules_alone()
    {
        using var session = new Session();
        using var other = new Session(Program.Replace("seven", "eight", StringComparison.Ordinal));
        var kernel = session.New();
        kernel.Step(session.Events[0]());
        var octets = new ByteWriter();
        Assert.Null(kernel.TryCheckpoint(octets));
        Assert.Null(From(other, octets.Written, out string why));
        Assert.Equal("it is a checkpoint of other modules", why);
    }

    private static Tars.Kernel.Kernel? From(Session session, ReadOnlySpan<byte> octets, out string why) =>
        Tars.Kernel.Kernel.From(session.System, new SilentOutside(), octets, load: null, out why);

    /// <summary>One system and what happens to it, again and again the same.</summary>
    private sealed class Session : IDisposable
    {
        private const long Millisecond = 1_000_000;

        public Session(string program = Program)
        {
            var image = Lang.Emitting.CompiledProcess.Compile(program);
            var loader = new SystemLoader(TestEngine.Here(), new RunOptions());
            System = loader.Load([image.Bytes])!;
            Assert.Empty(loader.Reasons);
            var device = System.Devices.First(one => one.Name == "input").Id;
            Add(at => new KernelEvent.Boot(at, Seed: 5));
            for (int round = 0; round < 25; round++)
            {
                string[] lines = [.. Enumerable.Range(round, 4).Select(size => new string('x', size % 13))];
                Add(at => new KernelEvent.DeviceLines(at, device, Lines(lines)));
                Add(at => new KernelEvent.Turn(at));
                if (round == 10)
                {
                    Add(at => new KernelEvent.SetParam(at, "busy", "most", [.. SystemRig.Int(9)]));
                    Add(at => new KernelEvent.Crash(at, "busy", "worker"));
                }
            }
        }

        public SystemImage System { get; }

        /// <summary>Each makes its event anew, since a kernel keeps the lines of one.</summary>
        public List<Func<KernelEvent>> Events { get; } = [];

        public PolicyKind Policy { get; init; }

        public Tars.Kernel.Kernel New() => new(System, new SilentOutside()) { Policy = new PolicyChoice(Policy) };

        public void Dispose()
        {
            foreach (var module in System.Modules)
            {
                module.Code.Dispose();
            }
        }

        private void Add(Func<Moment, KernelEvent> make)
        {
            var at = new Moment(Events.Count * Millisecond, Events.Count * 9 * Millisecond);
            Events.Add(() => make(at));
        }

        private static LineBatch Lines(string[] lines)
        {
            var batch = new LineBatch(1 << 12, LineForm.OptionalText);
            int start = 0;
            foreach (string line in lines)
            {
                int size = global::System.Text.Encoding.UTF8.GetBytes(line, batch.Buffer.AsSpan(start));
                batch.Add(start, size);
                start += size;
            }

            return batch;
        }
    }
}
