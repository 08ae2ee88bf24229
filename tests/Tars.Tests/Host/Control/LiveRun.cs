using System.Text.Json;
using Tars.Host;
using Tars.Host.Control;
using Tars.Host.Journal.Durable;
using Tars.Tests.Lang.Emitting;
using Xunit;

namespace Tars.Tests.Host.Control;

/// <summary>A system that runs on a thread of its own, with a socket in a folder that only this test knows.</summary>
internal sealed class LiveRun : IAsyncDisposable
{
    private readonly Task<RunOutcome> _running;
    private readonly CancellationTokenSource _stop = new();
    private readonly StringWriter _log = new();
    private readonly TextWriter _locked; // Each of its calls locks it.

    public LiveRun(string folder, string program, string? record = null)
        : this(folder, [program], shards: 1, record)
    {
    }

    /// <param name="journal">What it is kept on; null where it is not.</param>
    public LiveRun(
        string folder,
        IEnumerable<string> programs,
        int shards,
        string? record = null,
        IJournalDisk? journal = null,
        long? segmentOctets = null)
    {
        Path = System.IO.Path.Combine(folder, "run.sock");
        var options = new RunOptions
        {
            Control = new ControlOptions(Path),
            Record = record,
            JournalDisk = journal,
            JournalSegmentOctets = segmentOctets,
            Shards = shards,
            For = 120_000_000_000,
        };
        _locked = TextWriter.Synchronized(_log);
        var streams = new RunStreams(Stream.Null, Stream.Null, _locked);
        ReadOnlyMemory<byte>[] bundles = [.. programs.Select(one => CompiledProcess.Compile(one).Bytes)];
        _running = Task.Run(
            () => SystemRun.Run(bundles, options, streams, _stop.Token), CancellationToken.None);
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Path) || _running.IsCompleted, TimeSpan.FromMinutes(1)));
    }

    public string Path { get; }

    public bool IsOver => _running.IsCompleted;

    public string Log
    {
        get
        {
            lock (_locked)
            {
                return _log.ToString();
            }
        }
    }

    public async Task<RunOutcome> EndAsync()
    {
        await _stop.CancelAsync();
        return await _running;
    }

    public Task<RunOutcome> Outcome => _running;

    public ControlLink Connect()
    {
        var link = ControlLink.Open(Path, out string reason);
        Assert.True(link is not null, reason);
        return link;
    }

    /// <summary>Asks for what must be done.</summary>
    public static JsonElement Ask(ControlLink link, string op, params (string Name, object Value)[] members)
    {
        var answer = Try(link, op, members);
        Assert.True(answer.GetProperty("ok").GetBoolean(), answer.ToString());
        return answer;
    }

    /// <summary>Asks for what may be refused.</summary>
    public static JsonElement Try(ControlLink link, string op, params (string Name, object Value)[] members)
    {
        var answer = link.Ask(
            json =>
            {
                json.WriteString("op", op);
                foreach (var (name, value) in members)
                {
                    json.WritePropertyName(name);
                    JsonSerializer.Serialize(json, value, value.GetType());
                }
            },
            out string reason);
        Assert.True(answer is not null, reason);
        return answer.Value;
    }

    public async ValueTask DisposeAsync()
    {
        _ = await EndAsync();
        _stop.Dispose();
    }
}
