using System.Diagnostics;
using System.Globalization;
using Tars.Base;
using Tars.Kernel;
using Tars.Sim.Disks;
using Tars.Sim.Swarm;

namespace Tars.Sim.Sharding.Kept;

/// <summary>One seed of a kept run on several shards over several lives: the power is cut in any call of the disk, and
/// all shards go on as one run from what that holds (decision 199).</summary>
internal sealed class KeptShardsSeed : IDisposable
{
    private const int CutsMax = 6;

    private readonly KeptPlan _plan;
    private readonly KeptModel _model = new();
    private readonly Xoshiro256 _random;
    private readonly Coverage _coverage;
    private CutDisk _disk = new();
    private ulong _digest;
    private Counts _counts;

    private KeptShardsSeed(ulong seed, Planted planted, Coverage coverage)
    {
        _plan = new KeptPlan(seed, planted);
        _random = new Xoshiro256(seed ^ 0x4B53_4C49);
        _coverage = coverage;
    }

    public static SwarmOutcome Run(ulong seed, Planted planted, Coverage coverage)
    {
        using var run = new KeptShardsSeed(seed, planted, coverage);
        string? problem = run.Play();
        return new SwarmOutcome(problem, run._counts.Events, run._digest);
    }

    /// <summary>Many seeds of this alone; the status is zero when all are clean.</summary>
    public static int Campaign(ulong first, ulong count)
    {
        var clock = Stopwatch.StartNew();
        var coverage = new Coverage();
        ulong failed = 0;
        ulong digest = 0;
        var all = new Counts();
        for (ulong seed = first; seed - first < count; seed++)
        {
            using var run = new KeptShardsSeed(seed, Planted.None, coverage);
            if (run.Play() is { } problem)
            {
                failed++;
                Console.WriteLine(
                    $"kept shards, seed {seed}: {problem}\n  repeat with: ./dev.cs keptshards 1 {seed}");
            }

            digest = SwarmOutcome.DigestOf(digest, run._digest);
            all += run._counts with
            {
                Sayings = run._model.Shown,
                SayingsAgain = run._model.ShownAgain,
                Mails = run._model.Left,
                MailsAgain = run._model.LeftAgain,
            };
        }

        foreach (var (mark, times) in coverage.Marks)
        {
            Console.WriteLine($"{times,9} {mark}");
        }

        double each = clock.Elapsed.TotalMilliseconds / Math.Max(1, count);
        Console.WriteLine($"kept shards: {count - failed} passed, {failed} failed; {all}; "
            + string.Create(CultureInfo.InvariantCulture, $"{each:F1} ms each; digest {digest:x16}"));
        return failed == 0 ? 0 : 1;
    }

    public void Dispose() => _disk.Dispose();

    private string? Play()
    {
        for (int life = 0; ; life++)
        {
            bool behindCheckpoint = life < CutsMax && _random.Next(3) == 0;
            int? cutsAt = life < CutsMax && !behindCheckpoint ? DrawCut() : null;
            _disk = new CutDisk(_disk.Files)
            {
                CutsAt = cutsAt,
                SyncedSizes = _disk.SyncedSizes,
            };
            using var now = new KeptLife(_plan, _model, _disk, _random, _coverage)
            {
                CutsBehindCheckpoint = behindCheckpoint,
            };
            try
            {
                if (now.Begin())
                {
                    now.Play();
                    return _model.Problem ?? End(now);
                }

                return _model.Problem;
            }
            catch (PowerCutException)
            {
                Cut(now);
            }
            finally
            {
                _counts += new Counts { Events = now.Events, Moves = now.Moves, Swaps = now.Swaps };
                _digest = SwarmOutcome.DigestOf(_digest, now.Digest);
            }
        }
    }

    // Early, while it still opens and completes, or somewhere in the middle.
    private int DrawCut() => _random.Next(4) == 0 ? _random.Next(20) : _random.Next(120);

    // The call in which it was cut may have been done, or begun, or not.
    private void Cut(KeptLife life)
    {
        _counts += new Counts { Cuts = 1 };
        var kinds = Enum.GetValues<CutDisk.Cut>();
        var kind = kinds[_random.Next(kinds.Length)];
        int calls = _disk.Calls - _random.Next(2);
        _coverage.Add($"kept shards: cut while {life.Doing}");
        _coverage.Add($"kept shards: what was not synced is {kind}");
        _disk = new CutDisk(_disk.After(calls, kind, _random))
        {
            SyncedSizes = kind == CutDisk.Cut.Kept
                ? _disk.SyncedAfter(calls)
                : new Dictionary<string, CutDisk.Synced>(),
        };
    }

    // All is at rest and on the disk: who begins again there is what it was, and has nothing new to say.
    private string? End(KeptLife last)
    {
        if ((_model.WhyNotOver() ?? last.WhyNotOver()) is { } why)
        {
            return why;
        }

        long shown = _model.Shown;
        var left = new CutDisk(_disk.After(_disk.Calls, CutDisk.Cut.Lost, _random));
        using var again = new KeptLife(_plan, _model, left, _random, _coverage);
        if (!again.Begin())
        {
            return _model.Problem;
        }

        again.Settle();
        return _model.Problem
            ?? (shown != _model.Shown ? "a run that had come to rest has more to say after a cut" : null)
            ?? (last.State != again.State ? "a run that had come to rest is another after a cut" : null);
    }

    /// <summary>What seeds have come to.</summary>
    private readonly record struct Counts(
        long Events, long Cuts, long Moves, long Swaps, long Sayings, long SayingsAgain, long Mails, long MailsAgain)
    {
        public static Counts operator +(Counts one, Counts more) => new(
            one.Events + more.Events,
            one.Cuts + more.Cuts,
            one.Moves + more.Moves,
            one.Swaps + more.Swaps,
            one.Sayings + more.Sayings,
            one.SayingsAgain + more.SayingsAgain,
            one.Mails + more.Mails,
            one.MailsAgain + more.MailsAgain);

        public override string ToString() => $"{Events} events, {Cuts} cuts, {Moves} moves, {Swaps} swaps, "
            + $"{Sayings} sayings and {SayingsAgain} again, {Mails} mails and {MailsAgain} again";
    }
}
