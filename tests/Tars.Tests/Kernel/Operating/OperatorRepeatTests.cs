using Tars.Base;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Kernel.Operating;

/// <summary>A run with an operator's events at random moments is repeated from its octets, digest for digest.</summary>
public sealed class OperatorRepeatTests
{
    [Fact]
    public void What_an_operator_did_is_repeated()
    {
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        for (ulong seed = 1; seed <= 150; seed++)
        {
            var first = new Recording();
            first.Run(seed);
            var second = new Recording();
            foreach (byte[] octets in first.Octets)
            {
                var input = new ByteReader(octets);
                second.Take(Assert.IsType<KernelEvent>(EventCodec.Read(ref input), exactMatch: false));
            }

            Assert.Equal(first.Rig.Journal, second.Rig.Journal);
            Assert.Equal(first.Ends, second.Ends);
            seen.UnionWith(first.Rig.Journal.Split('\n')
                .Where(line => line.StartsWith("  operator ", StringComparison.Ordinal))
                .Select(line => line.Split(' ')[3] + (line.EndsWith(": done", StringComparison.Ordinal) ? "+" : "-")));
        }

        string[] all =
        [
            "deliver+", "deliver-", "drop+", "drop-", "grant+", "grant-", "return+", "revoke+", "revoke-", "set+",
            "set-", "stop+", "stop-",
        ];
        Assert.Equal(all, seen);
    }

    /// <summary>A system, its events as octets, and its digests after each.</summary>
    private sealed class Recording
    {
        private readonly EffectTrace _effects;

        public Recording()
        {
            Rig = new SystemRig(running: false).Add(OperatorTests.Till);
            _effects = new EffectTrace(Rig);
            Rig.Link(_effects);
        }

        public SystemRig Rig { get; }

        public List<byte[]> Octets { get; } = [];

        public List<(ulong Trace, ulong Effects, ulong State)> Ends { get; } = [];

        public void Run(ulong seed)
        {
            var random = new Xoshiro256(seed);
            Take(new KernelEvent.Boot(Rig.At, seed));
            for (int number = 0; number < 60; number++)
            {
                Rig.Advance(0.25 * random.Next(8));
                Take(Draw(random));
                while (Rig.Last.MoreToDo)
                {
                    Take(new KernelEvent.Turn(Rig.At));
                }
            }
        }

        public void Take(KernelEvent happened)
        {
            Rig.Once(happened.GetType().Name, happened);
            var octets = new ByteWriter();
            EventCodec.Write(octets, happened);
            Octets.Add(octets.ToArray());
            Ends.Add((Rig.Kernel.Trace, _effects.Digest, Rig.Kernel.StateDigest().Value));
        }

        private KernelEvent Draw(Xoshiro256 random)
        {
            var process = new ProcessId(random.Next(3) == 0 ? 1 + random.Next(2) : 0);
            var right = random.Next(2) == 0
                ? new Right(RightKind.Device, "out")
                : new Right(RightKind.Publish, "total");
            return random.Next(12) switch
            {
                0 => new KernelEvent.SetParam(Rig.At, "till", "tax", Value(random)),
                1 => new KernelEvent.SetParam(Rig.At, "till", "tax", Value(random))
                {
                    Until = Rig.At.Monotonic + (1_000_000_000L * random.Next(5)),
                },
                2 => new KernelEvent.Revoke(Rig.At, process, "till", right),
                3 => new KernelEvent.Grant(Rig.At, process, "till", right),
                4 or 5 => new KernelEvent.DeliverDead(Rig.At, random.Next(12)),
                6 => new KernelEvent.DropDead(Rig.At, random.Next(12)),
                7 when random.Next(20) == 0 => new KernelEvent.StopProcess(Rig.At, new ProcessId(1 + random.Next(2))),
                7 or 8 => new KernelEvent.Message(
                    Rig.At, "go", [.. SystemRig.Text(random.Next(2) == 0 ? "close" : "open")]),
                _ => new KernelEvent.Message(Rig.At, "sold", [.. SystemRig.Int(random.Next(9))]),
            };
        }

        private static System.Collections.Immutable.ImmutableArray<byte> Value(Xoshiro256 random) =>
            [.. SystemRig.Int(random.Next(120))];
    }
}
