using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Cli;
using Tars.Host;
using Tars.Host.Granting;
using Tars.Host.Scenarios;
using Tars.Packages.Grants;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Evolution;

/// <summary>The recorded days of the office, on which the sample `policy` learns and is judged, replay.</summary>
/// <remarks>They are recorded anew, in real time and with other instants, by `TARS_BLESS=1`: where a journal of this
/// version is another than they are.</remarks>
public sealed class SampleLoadTests
{
    private const int Agents = 5;
    private const int Jobs = 250;

    public static TheoryData<int> Days => [1, 2, 3, 4, 5, 6];

    [Theory]
    [MemberData(nameof(Days))]
    public void A_recorded_day_replays_and_every_job_of_it_is_done(int day)
    {
        string path = RepoRoot.File(string.Create(CultureInfo.InvariantCulture, $"samples/loads/office-{day}.log"));
        if (Golden.Blessing)
        {
            Record(path, day);
        }

        var reasons = new List<string>();
        var stop = TestContext.Current.CancellationToken;
        using var load = new ScenarioParts(TestEngine.Here()).LoadRecorded(File.ReadAllBytes(path), reasons, stop);
        Assert.True(load is not null, string.Join('\n', reasons));
        var report = load.RunAsRecorded(long.MaxValue, nanosecondsPerFuel: 1, reasons, stop);
        Assert.Empty(reasons);
        Assert.Null(report!.Inconclusive);
        Assert.Equal(Agents, report.Agents.Length);
        Assert.Equal(Agents + (2 * Jobs), report.Handled); // Births, then reception, then whom a job is for.
    }

    [Fact]
    public void Who_reads_a_recording_keeps_the_floor_of_the_operator_and_can_be_stopped()
    {
        byte[] octets = File.ReadAllBytes(RepoRoot.File("samples/loads/office-1.log"));
        var grants = GrantReader.Read("tars.toml", "[grant.office]\nisolation = \"microvm\"\n"u8);
        var cil = Compose.Engine("cil", TestContext.Current.CancellationToken)!; // It is always there.
        var reasons = new List<string>();
        var apart = new ScenarioParts(cil, new PolicyFile("/tars.toml", "", grants));
        Assert.Null(apart.LoadRecorded(octets, reasons, CancellationToken.None));
        Assert.EndsWith(Compose.HowToIsolate(), Assert.Single(reasons), StringComparison.Ordinal);
        reasons.Clear();
        Assert.Null(new ScenarioParts(cil).LoadRecorded(octets, reasons, new CancellationToken(canceled: true)));
        Assert.Equal("it was interrupted", Assert.Single(reasons));
    }

    private static void Record(string path, int day)
    {
        File.Delete(path);
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var bytes = new MemoryStream();
        var terminal = new Terminal(
            output,
            bytes,
            error,
            () => new JobStream((ulong)day),
            RepoRoot.File("samples"),
            OutputColors: false,
            ErrorColors: false);
        string[] words = ["run", "office.tars", "--no-control", "--input", "job=-", "--record", path];
        Assert.True(CommandLine.Run(words, terminal) == 0, error.ToString());
    }

    // A day of jobs, each at its time: now and then, and sometimes many at once.
    private sealed class JobStream(ulong seed) : MemoryStream
    {
        private readonly Xoshiro256 _random = new(seed);
        private readonly Stopwatch _clock = new();
        private double _due;
        private int _made;
        private int _rush;
        private byte[] _line = [];
        private int _read;

        public override bool CanRead => true;

        public override int Read(Span<byte> buffer)
        {
            if (_read == _line.Length)
            {
                if (_made++ == Jobs)
                {
                    return 0;
                }

                _clock.Start();
                _rush = 0 < _rush ? _rush - 1 : _random.NextUnit() < 0.03 ? 5 + _random.Next(15) : 0;
                _due += -Math.Log(1 - _random.NextUnit()) * (0 < _rush ? 0.2 : 1.1);
                SpinWait.SpinUntil(() => _due <= _clock.Elapsed.TotalMilliseconds);
                _line = Encoding.UTF8.GetBytes(Job());
                _read = 0;
            }

            int size = Math.Min(buffer.Length, _line.Length - _read);
            _line.AsSpan(_read, size).CopyTo(buffer);
            _read += size;
            return size;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        private string Job()
        {
            double kind = _random.NextUnit();
            var (desk, least, most) = kind < 0.5 ? ("phone", 200, 1_500)
                : kind < 0.8 ? ("letters", 2_000, 12_000)
                : kind < 0.9 ? ("archive", 10_000, 40_000)
                : ("guard", 100, 400);
            int steps = least + _random.Next(most - least);
            return string.Create(CultureInfo.InvariantCulture, $"{{\"desk\":\"{desk}\",\"steps\":{steps}}}\n");
        }
    }
}
