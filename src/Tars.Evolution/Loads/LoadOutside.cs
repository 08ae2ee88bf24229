using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Loads;

/// <summary>Hears how long events take, and answers asks of devices from a recording. Nothing leaves.</summary>
internal sealed class LoadOutside(SystemImage system, RecordedAnswers answers) : IOutside
{
    private readonly Dictionary<ProcessId, AgentTimes> _processes = [];
    private readonly SortedDictionary<string, AgentTimes> _agents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _used = [];

    /// <summary>The clock of the Step that is being made.</summary>
    public long Now { get; set; }

    /// <summary>When the last event was committed.</summary>
    public long LastCommit { get; private set; }

    /// <summary>Answers that are to come: when, to which ask, and what.</summary>
    public PriorityQueue<(long Number, DeviceAnswer Given), (long At, long Serial)> Answers { get; } = new();

    /// <summary>Mail for other shards that nobody has taken yet.</summary>
    public Queue<LoadMail> Mail { get; } = new();

    /// <summary>The first ask to which the recording has no answer, for a person; null while there is none.</summary>
    public string? Unknown { get; private set; }

    public ImmutableArray<AgentLoad> Report(KernelReport report, long nanosecondsPerFuel)
    {
        foreach (var process in report.Processes)
        {
            _agents[NameOf(process.Module, process.Agent)].Served += (Int128)process.Fuel * nanosecondsPerFuel;
        }

        foreach (var ended in report.Ended)
        {
            _agents[NameOf(ended.Module, ended.Agent)].Served += (Int128)ended.Fuel * nanosecondsPerFuel;
        }

        return [.. _agents.Where(one => 0 < one.Value.Times.Count).Select(one => one.Value.Report(one.Key))];
    }

    public void Started(ProcessId process, string module, string agent)
    {
        string name = NameOf(module, agent);
        if (!_agents.TryGetValue(name, out var times))
        {
            var spec = system.Modules.First(one => one.Manifest.Name == module).Manifest.Agents
                .First(one => one.Name == agent);
            times = new AgentTimes(spec);
            _agents.Add(name, times);
        }

        _processes[process] = times;
    }

    public void Committed(ProcessId process, int handler, int count, long arrived)
    {
        LastCommit = Now;
        _processes[process].Times.Add((Math.Max(0, Now - arrived), count));
    }

    public void Asked(ProcessId from, DeviceId device, long ask, DeviceAsk asked)
    {
        string key = RecordedAnswers.KeyOf(device, asked.Operation, asked.Arguments.AsSpan());
        int place = _used.GetValueOrDefault(key);
        if (answers.At(key, place) is not { } answered)
        {
            var image = system.Devices[device.Value];
            string name = $"{image.Name}.{image.Kind.Asks[asked.Operation].Name}";
            Unknown ??= $"{image.Module} asks {name} for what the recorded run did not ask, or not so often";
            return;
        }

        _used[key] = place + 1;
        if (answered.Given is { } given)
        {
            Answers.Enqueue((ask, given), (Now + answered.Delay, ask));
        }
    }

    public void ToShard(int shard, long sequence, ReadOnlySpan<byte> records) =>
        Mail.Enqueue(new LoadMail(shard, sequence, [.. records]));

    public void Ended(ProcessId process, EndReason reason, string detail)
    {
        // The report has it.
    }

    public void Published(
        ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
    {
        // Nothing leaves.
    }

    public void Told(ProcessId from, DeviceId device, int operation, ReadOnlySpan<byte> arguments)
    {
        // Nothing leaves.
    }

    public void Answered(long number, bool failed, SchemaType type, ReadOnlySpan<byte> answer)
    {
        // Whoever asked has been answered in the recorded run.
    }

    public void Measured(ProcessId from, int metric, double value)
    {
        // What handlers report is not what is measured here.
    }

    public void Logged(ProcessId from, ReadOnlySpan<byte> entry)
    {
        // Nothing leaves.
    }

    public void Audited(Audit entry)
    {
        // The recorded run has told it.
    }

    public void Trapped(DeadLetter letter)
    {
        // The recorded run has told it.
    }

    public void InputTaken(LineBatch batch)
    {
        // Each batch was read for its event alone.
    }

    private static string NameOf(string module, string agent) => module == agent ? module : $"{module}.{agent}";

    /// <summary>What is known of one agent: how long its events took, and how long its handlers ran.</summary>
    private sealed class AgentTimes(AgentSpec spec)
    {
        public List<(long Time, int Count)> Times { get; } = [];

        public Int128 Served { get; set; }

        public AgentLoad Report(string name)
        {
            Times.Sort();
            long events = Times.Sum(one => (long)one.Count);
            Int128 all = 0;
            foreach (var (time, count) in Times)
            {
                all += (Int128)time * count;
            }

            long? late = spec.Schedule.Deadline is { } span
                ? Times.Where(one => span < one.Time).Sum(one => (long)one.Count)
                : null;
            double slowdown = Served == 0 ? 1 : (double)all / (double)Served;
            return new AgentLoad(name, events, At(events, 50), At(events, 99), Times[^1].Time, late, slowdown)
            {
                Priority = spec.Schedule.Priority,
            };
        }

        // The least time that this share of all events, in hundredths, does not exceed.
        private long At(long events, int share)
        {
            long wanted = ((events * share) + 99) / 100;
            foreach (var (time, count) in Times)
            {
                wanted -= count;
                if (wanted <= 0)
                {
                    return time;
                }
            }

            return Times[^1].Time;
        }
    }
}
