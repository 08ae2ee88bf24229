using System.Text;
using System.Text.RegularExpressions;
using Tars.Host;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host;

/// <summary>A system that runs on a thread of its own, in real time, until it is told to stop.</summary>
internal sealed partial class RunningSystem : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stop = new();
    private readonly LogText _log = new();
    private readonly MemoryStream _output = new();
    private readonly Task<RunOutcome> _run;

    public RunningSystem(RunOptions options, params string[] programs)
    {
        ReadOnlyMemory<byte>[] bundles = [.. programs.Select(one => CompiledProcess.Compile(one).Bytes)];
        _run = Task.Run(() => SystemRun.Run(bundles, options, new RunStreams(Stream.Null, _output, _log), _stop.Token));
    }

    public string Log => _log.ToString();

    /// <summary>What was printed and published; whole only after <see cref="End"/>.</summary>
    public string Output => Encoding.UTF8.GetString(_output.ToArray());

    /// <summary>The address that the log tells.</summary>
    public string Address => WaitForLog(Listening()).Groups[1].Value;

    public int Port => new Uri(Address).Port;

    public Match WaitForLog(Regex line)
    {
        Match found = Match.Empty;
        bool isThere = SpinWait.SpinUntil(
            () =>
            {
                Thread.Sleep(1);
                found = line.Match(Log);
                return found.Success || _run.IsCompleted;
            },
            _patience);
        Assert.True(isThere && found.Success, Log);
        return found;
    }

    /// <summary>Stops the run if it still goes on, and says how it ended.</summary>
    public RunOutcome End()
    {
        _stop.Cancel();
        return Wait();
    }

    /// <summary>Waits until the run ends by itself.</summary>
    public RunOutcome Wait()
    {
        Assert.True(_run.Wait(_patience), "the run does not end");
        return _run.Result;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _ = _run.Wait(_patience);
        _stop.Dispose();
    }

    [GeneratedRegex(@"listening on (http://\S+) ")]
    private static partial Regex Listening();

    /// <summary>A log that another thread may read.</summary>
    private sealed class LogText : StringWriter
    {
        private readonly Lock _writing = new();

        public override void WriteLine(string? value)
        {
            lock (_writing)
            {
                base.WriteLine(value);
            }
        }

        public override string ToString()
        {
            lock (_writing)
            {
                return base.ToString();
            }
        }
    }
}
