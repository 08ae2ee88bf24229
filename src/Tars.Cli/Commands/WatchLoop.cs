using System.Globalization;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Evolution.Trials;
using Tars.Host.Granting;
using Tars.Host.Swapping;

namespace Tars.Cli.Commands;

/// <summary>Runs a system and swaps each saved change in; what does not fit changes nothing.</summary>
/// <remarks>
/// Files are looked at, not listened to: editors save in too many ways for events to be relied on. What counts is every
/// metascript in the folders of the named ones, and every file that was read for them, wherever it stands.
///
/// Invariants:
///   I1  A run that has come to its end by itself begins anew with the next change of the system, and says so. One that
///       an operator stopped, or that was given a time or is recorded, since a recording is of one run, is over
///       however it came to its end, and the loop with it.
/// </remarks>
internal sealed class WatchLoop : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(100);

    private readonly RunCommand.Options _options;
    private readonly Terminal _terminal;
    private readonly CancellationToken _stop;
    private readonly HashSet<string> _wanted = new(StringComparer.Ordinal);
    private Task<int>? _running;
    private bool _wasStopped; // Read once the run is over.
    private bool _endTold;
    private SwapDesk? _desk;
    private string _begun = "";
    private CancellationTokenSource _end = new();

    private WatchLoop(RunCommand.Options options, Terminal terminal, CancellationToken stop)
    {
        // The run writes on a thread of its own, while this one tells of mistakes.
        _options = options;
        _terminal = terminal with { Error = TextWriter.Synchronized(terminal.Error) };
        _stop = stop;

        // Where it is not yet, it may come to be.
        string folder = Path.GetDirectoryName(options.Files[0]) ?? "";
        _wanted.Add(_terminal.FullPath(options.Grants ?? Path.Combine(folder, PolicyFile.FileName)));
    }

    public static int Run(RunCommand.Options options, Terminal terminal, CancellationToken stop)
    {
        if (options.Run.Inputs.Any(input => input.Path == InputFile.Standard))
        {
            terminal.Error.WriteLine("tarscli run: --watch reads its inputs again and again, which - does not allow");
            return ExitStatus.Unusable;
        }

        using var loop = new WatchLoop(options, terminal, stop);
        return loop.Loop();
    }

    public void Dispose() => _end.Dispose();

    private int Loop()
    {
        bool isFirst = true;
        while (!_stop.IsCancellationRequested)
        {
            var loading = Task.Run(Load, CancellationToken.None);
            if (!IsDone(loading))
            {
                break;
            }

            var (files, seen) = loading.Result;
            if (IsOver())
            {
                return End() ?? ExitStatus.Fine; // What was saved shortly before comes too late.
            }

            Take(files, isFirst);
            isFirst = false;
            while (!_stop.IsCancellationRequested && seen.SequenceEqual(Stamps()))
            {
                if (IsOver())
                {
                    return End() ?? ExitStatus.Fine;
                }

                _ = _stop.WaitHandle.WaitOne(_interval);
            }
        }

        return End() ?? ExitStatus.Fine;
    }

    // I1
    private bool IsOver()
    {
        if (_running is not { IsCompleted: true } || _endTold)
        {
            return false;
        }

        if (_wasStopped || _options.Run.For is not null || _options.Run.Record is not null)
        {
            return true;
        }

        _endTold = true;
        _terminal.Error.WriteLine("the run has ended; the next change of it begins it anew, Ctrl-C ends");
        _terminal.Error.Flush();
        return false;
    }

    // A file may have become a pipe that nobody writes to: neither who stops the run waits for it, nor a run that is
    // over (I1).
    private bool IsDone(Task loading)
    {
        try
        {
            while (!loading.Wait((int)_interval.TotalMilliseconds, _stop))
            {
                if (IsOver())
                {
                    return false;
                }
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // The stamps are older than what was read, so whatever is saved since then shows, however old it says that it is.
    // Files that are wanted for the first time had no stamp before, so all are read once more.
    private (SystemFiles Files, SortedDictionary<string, string> Seen) Load()
    {
        var seen = Stamps();
        while (true)
        {
            var files = SystemFiles.Load("run", _options.Files, _terminal, mayWait: false);
            _wanted.UnionWith(files.Wanted);
            var now = Stamps();
            if (now.Keys.All(seen.ContainsKey))
            {
                return (files, seen);
            }

            seen = now;
        }
    }

    private void Take(SystemFiles files, bool isFirst)
    {
        switch (files)
        {
            case SystemFiles.Ready ready when _desk is { } desk && IsUp(desk):
                Offer(desk, ready.Bundles);
                break;
            case SystemFiles.Ready when IsOver():
                break; // Since it was asked last; the loop asks again.
            case SystemFiles.Ready ready:
                Begin(ready.Bundles, isFirst);
                break;
            case SystemFiles.Faulty faulty:
                Compilation.ShowFaults(faulty.Diagnostics, asJson: false, _terminal);
                Keep();
                break;
            case SystemFiles.NotInForce waiting:
                _ = RunCommand.Refuse(waiting.Reasons, ExitStatus.Faulty, asJson: false, _terminal);
                Keep();
                break;
            default:
                Keep();
                break;
        }
    }

    private void Begin(IReadOnlyList<ReadOnlyMemory<byte>> bundles, bool isFirst)
    {
        string system = string.Join(
            ' ', bundles.Select(bytes => (BundleReader.Read(bytes) as BundleReading.Read)?.Bundle.Hash));
        if (system == _begun)
        {
            TellNoChange(); // I1: inputs are not read again for nothing.
            return;
        }

        _begun = system;
        _ = End();
        _end = CancellationTokenSource.CreateLinkedTokenSource(_stop);
        if (!isFirst)
        {
            _terminal.Error.WriteLine("saved: begins anew");
            _terminal.Error.Flush();
        }

        if (GrantDesk.Settle(_options, bundles, _terminal) is not { } run)
        {
            _begun = ""; // What is granted may change without a change of the modules.
            Keep();
            return;
        }

        var token = _end.Token;
        _desk = new SwapDesk(run, run.Terms) { Stop = token };
        var options = _options with { Run = run with { Swaps = _desk } };
        _endTold = false;
        _running = Task.Run(
            () => RunCommand.RunOnce(options, bundles, _terminal, token, out _wasStopped), CancellationToken.None);
    }

    // What becomes of a swap the run tells itself.
    private void Offer(SwapDesk desk, IReadOnlyList<ReadOnlyMemory<byte>> bundles)
    {
        bool isSame = true;
        foreach (var given in GivenVersions.Of(bundles))
        {
            if (given.Bundle is not { Manifest.Name: var name } bundle)
            {
                isSame = false;
                Keep();
            }
            else if (desk.Running(name) is not { } running)
            {
                isSame = false;
                _terminal.Error.WriteLine($"module {Printable.Of(name)} is new: run again to have it too");
                Keep();
            }
            else if (running != bundle.Hash)
            {
                isSame = false;
                Offer(desk, name, given.Bytes);
            }
        }

        if (isSame)
        {
            TellNoChange();
        }

        _terminal.Error.Flush();
    }

    // It is tried on what the run had lately, before it takes over.
    private void Offer(SwapDesk desk, string name, ReadOnlyMemory<byte> bundle)
    {
        int percent = _options.Gate ?? TrialText.PercentDefault;
        if (desk.Try(bundle) is { } outcome)
        {
            foreach (string line in TrialText.Of(outcome, percent))
            {
                _terminal.Error.WriteLine(Printable.Of($"{name}: {line}"));
            }

            if (_options.Gate is not null && TrialText.WhyNot(outcome, percent) is { } closed)
            {
                _terminal.Error.WriteLine(Printable.Of($"not swapped {name}: {closed}"));
                return;
            }
        }

        foreach (string reason in desk.Offer(bundle))
        {
            _terminal.Error.WriteLine($"not swapped {Printable.Of(reason)}");
        }
    }

    private void TellNoChange()
    {
        _terminal.Error.WriteLine("saved: nothing of the system has changed; grants count from the next run on");
        _terminal.Error.Flush();
    }

    private void Keep()
    {
        var runs = _running is { IsCompleted: false };
        _terminal.Error.WriteLine(runs ? "the version before goes on" : "waiting for the next change");
        _terminal.Error.Flush();
    }

    // Null when nothing has run.
    private int? End()
    {
        _end.Cancel();
        int? status = _running?.GetAwaiter().GetResult();
        _end.Dispose();
        _end = new CancellationTokenSource();
        _running = null;
        _terminal.Flush();
        return status;
    }

    // A run that has only begun does not know its modules yet; what is saved meanwhile must not be lost.
    private bool IsUp(SwapDesk desk)
    {
        while (_running is { IsCompleted: false } && !desk.IsAttached && !_stop.IsCancellationRequested)
        {
            _ = _stop.WaitHandle.WaitOne(_interval);
        }

        return _running is { IsCompleted: false };
    }

    // Sizes and times by path of all that counts.
    private SortedDictionary<string, string> Stamps()
    {
        var folders = _options.Files.Select(file => Path.GetDirectoryName(_terminal.FullPath(file))!).Distinct();
        var named = _options.Files.Select(_terminal.FullPath);
        var beside = folders.SelectMany(Metascripts);
        var stamps = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in named.Concat(beside).Concat(_wanted))
        {
            var file = new FileInfo(path);
            stamps[path] = file.Exists
                ? string.Create(CultureInfo.InvariantCulture, $"{file.Length} {file.LastWriteTimeUtc.Ticks}")
                : "";
        }

        return stamps;
    }

    // A folder that is gone, or that may not be read, has none.
    private static string[] Metascripts(string folder)
    {
        try
        {
            return Directory.GetFiles(folder, "*.tars");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
