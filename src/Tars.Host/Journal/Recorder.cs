using System.Collections.Immutable;
using Tars.Bundle.Container;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal;

/// <summary>Steps a kernel and writes down what it was stepped with and what came of it.</summary>
internal sealed class Recorder : IRunJournal
{
    private readonly JournalWriter _writer;
    private readonly EffectTrace _effects;
    private long _events;
    private long _nextPoint = Limits.JournalPointEvents;

    /// <param name="effects">What the kernel was given as its outside.</param>
    public Recorder(Stream stream, EffectTrace effects)
    {
        _writer = new JournalWriter(stream);
        _effects = effects;
    }

    /// <summary>Why the recording ends early; null as long as all is well.</summary>
    public string? Error => _writer.Error;

    /// <summary>Makes a new file.</summary>
    /// <returns>Null, or why there is none.</returns>
    public static string? Create(string path, out Stream? stream)
    {
        try
        {
            stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
            return null;
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            stream = null;
            return File.Exists(path) ? "the file is there already, and a recording replaces nothing"
                : broken is DirectoryNotFoundException ? "there is no such folder"
                : broken is UnauthorizedAccessException ? "no file may be made there"
                : broken.Message;
        }
    }

    /// <summary>What comes before the first event.</summary>
    /// <param name="shard">Of a run on several; null for the only one.</param>
    public void Begin(IReadOnlyList<ReadOnlyMemory<byte>> bundles, RunOptions options, JournalShard? shard = null)
    {
        var hashes = bundles.Select(BundleReader.Read).OfType<BundleReading.Read>().Select(read => read.Bundle.Hash);
        ImmutableArray<string> inputs = [.. options.Inputs.Select(input => input.Name)];
        Add(new JournalRecord.Begin(new JournalHeader([.. hashes], options.Params, inputs)
        {
            Policy = new JournalPolicy(options.Policy, options.PolicyModule is { } policy ? HashOf(policy) : null),
            Narrowings = options.Narrowings,
            StandIns = options.StandIns,
            Isolated = options.Isolated,
            Shard = shard,
        }));
        foreach (var bundle in bundles)
        {
            Add(new JournalRecord.Module(bundle));
        }

        if (options.PolicyModule is { } module)
        {
            Add(new JournalRecord.Module(module));
        }
    }

    public bool KeepsAll => false;

    public bool IsLeft => false;

    public void Note(InputPlace input)
    {
        // A replay needs the lines alone.
    }

    public void Note(ReadOnlyMemory<byte> bundle) => Add(new JournalRecord.Module(bundle));

    // It was loaded before, so it is a bundle.
    private static BundleHash? HashOf(ReadOnlyMemory<byte> bundle) =>
        BundleReader.Read(bundle) is BundleReading.Read read ? read.Bundle.Hash : null;

    public StepResult Step(Kernel.Kernel kernel, KernelEvent happened)
    {
        JournalCodec.WriteEvent(_writer.Begin(), happened, Digests(kernel));
        _writer.End();
        return After(kernel, kernel.Step(happened));
    }

    public StepResult Turn(Kernel.Kernel kernel, Moment at)
    {
        JournalCodec.WriteTurn(_writer.Begin(), at, Digests(kernel));
        _writer.End();
        return After(kernel, kernel.Turn(at));
    }

    private StepResult After(Kernel.Kernel kernel, StepResult answer)
    {
        _events++;
        if (!answer.Aborted.IsEmpty)
        {
            Add(new JournalRecord.Aborted(answer.Aborted));
        }

        if (_nextPoint <= _events)
        {
            var state = kernel.StateDigest();
            Add(new JournalRecord.Point(PointOf(kernel, state)));

            // Where there is much state to read, points come less often, so that they cost a part of the run only.
            _nextPoint = _events + Math.Max(Limits.JournalPointEvents, state.Octets / Limits.JournalOctetsPerEvent);
        }

        return answer;
    }

    /// <summary>Lets what was recorded so far be written.</summary>
    public void Flush() => _writer.Flush();

    /// <summary>The run is over.</summary>
    public void End(Kernel.Kernel kernel)
    {
        Add(new JournalRecord.End(PointOf(kernel, kernel.StateDigest())));
        _writer.Dispose();
    }

    public void Dispose() => _writer.Dispose();

    private JournalPoint PointOf(Kernel.Kernel kernel, StateDigest state) =>
        new(_events, kernel.Transactions, Digests(kernel), state.Value);

    private JournalDigests Digests(Kernel.Kernel kernel) => new(kernel.Trace, _effects.Digest);

    private void Add(JournalRecord record)
    {
        JournalCodec.Write(_writer.Begin(), record);
        _writer.End();
    }
}
