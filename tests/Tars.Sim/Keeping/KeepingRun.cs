using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Host;
using Tars.Host.Journal.Durable;
using Tars.Kernel;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using Tars.Sim.Disks;
using Tars.Sim.Swarm;

namespace Tars.Sim.Keeping;

/// <summary>A durable run over several lives, on a disk that is written when the seed says so and that loses what it
/// has not synced.</summary>
/// <remarks>
/// The parts are those of a real run: journal, groups, held effects, recovery. What reads the lines goes on where the
/// journal says that it was, as an input does. What shows the sums puts them by until it is told to hand them on.
/// </remarks>
internal sealed class KeepingRun : IDisposable
{
    private const int LinesCount = 60;
    private const int LinesAtOnceMax = 3;
    private const int SizeMax = 12;
    private const int OneCutOf = 14;
    private const int ActsMax = 3_000;
    private const long Millisecond = 1_000_000;
    private const string Input = "feed";

    private const string Program = """
        tars: 1
        module: keeper
        version: 1.0.0
        summary: Adds up lines, and has another say the sums.

        types:
          Seen: { number: int, total: int, luck: int }

        capabilities:
          devices: { feed: lines }
          publish: { seen: Seen }

        agentic:
          agents:
            book:
              role: Adds up.
              journal: durable
              state:
                lines: int = 0
                total: int = 0
                luck: int = 0
                pages: map<int, int> = []
              handlers:
                device feed as line:
                  do: |
                    let content = line else { return }
                    lines += 1
                    total += content.size()
                    luck = (luck * 7 + random_int(0, 99)) % 1000
                    pages[lines % 20] = total
                    if content.size() == 5 { fail "five" }
                    tell clerk.note(number = lines, total = total, luck = luck)
            clerk:
              role: Says the sums.
              journal: durable
              state:
                last: int = 0
              handlers:
                ask note:
                  with: { number: int, total: int, luck: int }
                  do: |
                    last = number
                    publish("seen", Seen(number = number, total = total, luck = luck))
        """;

    private static readonly Lazy<(ModuleImage Image, ReadOnlyMemory<byte> Octets)> _module = new(() =>
        (SwarmModules.Load("keeper.tars", Program, out var octets), octets));

    private readonly Planted _planted;
    private readonly ulong _seed;
    private readonly Xoshiro256 _random;
    private readonly ImmutableArray<int> _sizes;
    private readonly KeepingModel _model;
    private readonly SystemImage _system;
    private readonly RunOptions _options;
    private CutDisk _disk = new();
    private DurableJournal? _journal;
    private Kernel.Kernel? _kernel;
    private long _now;
    private int _next;
    private string? _lost;

    public KeepingRun(ulong seed, Planted planted)
    {
        _seed = seed;
        _planted = planted;
        _random = new Xoshiro256(seed ^ 0x4B45_4550);
        _sizes = [.. Enumerable.Range(0, LinesCount).Select(_ => 1 + _random.Next(SizeMax))];
        _model = new KeepingModel(_sizes);
        _system = ((LinkResult.Linked)SystemImage.Link([_module.Value.Image])).System;
        _options = new RunOptions { JournalSegmentOctets = 1 << (10 + _random.Next(4)) };
    }

    /// <summary>Steps of the kernel in all lives.</summary>
    public long Events { get; private set; }

    /// <summary>What the last of them did; all those before are in it.</summary>
    public ulong Trace => _kernel?.Trace ?? 0;

    private string? Problem => _model.Problem ?? _lost;

    /// <summary>Null, or what was wrong.</summary>
    public string? Run()
    {
        Begin();
        for (int acts = 0; acts < ActsMax && Problem is null && !_model.IsOver; acts++)
        {
            Act();
            if (Problem is null && _random.Next(OneCutOf) == 0)
            {
                Cut();
            }
        }

        return Problem ?? (_model.IsOver ? null : $"{_model.Highest} sums were shown at the end");
    }

    public void Dispose()
    {
        _journal?.Dispose();
        _kernel?.LetGoOfGuests();
        _disk.Dispose();
    }

    private Moment At => new(_now, _now);

    private void Act()
    {
        _now += _random.Next(3) * Millisecond;
        switch (_random.Next(6))
        {
            case < 2 when _next < LinesCount:
                Lines();
                break;
            case < 4:
                Step(new KernelEvent.Turn(At));
                break;
            case 4:
                _journal!.Write(); // There is one from Begin on.
                break;
            default:
                _journal!.Flush();
                break;
        }
    }

    private void Lines()
    {
        var batch = new LineBatch(LinesAtOnceMax * SizeMax, LineForm.OptionalText);
        batch.Buffer.AsSpan().Fill((byte)'x');
        int start = 0;
        for (int left = 1 + _random.Next(LinesAtOnceMax); 0 < left && _next < LinesCount; left--)
        {
            batch.Add(start, _sizes[_next]);
            start += _sizes[_next++];
        }

        _journal!.Note(new InputPlace(Input, _next, IsOver: false));
        Step(new KernelEvent.DeviceLines(At, new DeviceId(0), batch));
    }

    private void Step(KernelEvent happened)
    {
        Events++;
        _journal!.Step(_kernel!, happened);
        if (_journal.Error is { } error)
        {
            _lost ??= $"the journal fails: {error}";
        }
    }

    // Perhaps in the middle of what the disk was about to do; nothing was shown since.
    private void Cut()
    {
        int calls = _disk.Calls;
        if (_random.Next(2) == 0)
        {
            _journal!.Write();
        }

        calls += _random.Next(_disk.Calls - calls + 1);
        var kinds = Enum.GetValues<CutDisk.Cut>();
        var left = _disk.After(calls, kinds[_random.Next(kinds.Length)], _random);
        Dispose();
        _disk = new CutDisk(left);
        Begin();
    }

    private void Begin()
    {
        var reasons = new List<string>();
        bool forgets = _planted == Planted.CommittedComesAgain;
        if (JournalFolder.Open(_disk, reasons, forgets) is not { } folder)
        {
            _lost ??= $"the journal cannot be gone on from: {string.Join("; ", reasons)}";
            return;
        }

        _next = folder.Places.TryGetValue(Input, out var place) ? (int)place.Octets : 0;
        _model.GoOn(_next);
        var outside = new Outside(_model); // What the one before had put by is lost with it.
        if (folder.IsFresh)
        {
            folder.BeginWith([_module.Value.Octets], _options);
            var hold = new EffectHold(outside, _system);
            var effects = new EffectTrace(hold);
            _kernel = new Kernel.Kernel(_system, effects);
            _journal = Journal(folder, effects, hold);
        }
        else if (folder.Recover(_system, outside, _ => null, reasons) is { } recovered)
        {
            _kernel = recovered.Kernel;
            _journal = Journal(folder, recovered.Effects, recovered.Hold);
            _now = Math.Max(_now, _kernel.Now.Monotonic);
        }
        else
        {
            _lost ??= $"the journal cannot be done again: {string.Join("; ", reasons)}";
            return;
        }

        if (folder.Events == 0)
        {
            Step(new KernelEvent.Boot(At, _seed));
        }
    }

    private DurableJournal Journal(JournalFolder folder, EffectTrace effects, EffectHold hold)
    {
        hold.LeavesBeforeHandOn = _planted == Planted.LeftBeforeHandOn;
        return new DurableJournal(folder, effects, hold, _options, isDriven: true)
        {
            AcknowledgesBeforeSync = _planted == Planted.AcknowledgedBeforeSync,
        };
    }

    /// <summary>Hears the sums.</summary>
    private sealed class Outside(KeepingModel model) : DeafOutside, IBufferedOutside
    {
        private readonly Queue<(long Number, long Total, long Luck)> _putBy = [];

        public void HandOn()
        {
            while (_putBy.TryDequeue(out var sum))
            {
                model.Show(sum.Number, sum.Total, sum.Luck);
            }
        }

        public override void Published(
            ProcessId from, ReadOnlySpan<byte> channel, SchemaType type, ReadOnlySpan<byte> value, bool taken)
        {
            var seen = new ByteReader(value);
            _putBy.Enqueue((seen.I64(), seen.I64(), seen.I64()));
        }
    }
}
