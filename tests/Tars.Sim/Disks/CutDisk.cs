using Tars.Base;
using Tars.Host.Journal.Durable;

namespace Tars.Sim.Disks;

/// <summary>A disk in memory that knows every call, and what a power cut after any of them would have left.</summary>
internal sealed class CutDisk : IJournalDisk
{
    private const int SectorSize = 512;

    private readonly object _gate = new();
    private readonly List<Call> _calls = [];
    private readonly Dictionary<string, ByteWriter> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _before;

    public CutDisk(IReadOnlyDictionary<string, byte[]>? files = null)
    {
        _before = new Dictionary<string, byte[]>(files ?? new Dictionary<string, byte[]>(), StringComparer.Ordinal);
        foreach (var (name, octets) in _before)
        {
            var file = new ByteWriter();
            file.Bytes(octets);
            _files.Add(name, file);
        }
    }

    /// <summary>What a power cut does to what was written and not synced.</summary>
    public enum Cut
    {
        /// <summary>The process was killed and the system lives: nothing is lost.</summary>
        Kept,
        Lost,

        /// <summary>A part from the front is there.</summary>
        Torn,

        /// <summary>Any sectors are there, and zeros in place of the others.</summary>
        Scattered,
    }

    private enum CallKind
    {
        Create,
        Write,
        Shorten,
        Sync,
        Delete,
        SyncNames,
    }

    /// <summary>How much of a file that it begins with was synced, where that is not all of it or not its name: who
    /// wrote it was killed.</summary>
    public IReadOnlyDictionary<string, Synced> SyncedSizes { get; init; } = new Dictionary<string, Synced>();

    /// <summary>The write after which every call fails; null for a disk that never does.</summary>
    public int? FailsFrom { get; set; }

    /// <summary>Whether there is room for what files have, and for no other file.</summary>
    public bool IsWithoutNew { get; set; }

    /// <summary>The call in which the power is cut; null for none. It and every one behind it throws a
    /// <see cref="PowerCutException"/>.</summary>
    public int? CutsAt { get; set; }

    /// <summary>Files that were made so far.</summary>
    public int Created
    {
        get
        {
            lock (_gate)
            {
                return _calls.Count(one => one.Kind == CallKind.Create);
            }
        }
    }

    public int Calls
    {
        get
        {
            lock (_gate)
            {
                return _calls.Count;
            }
        }
    }

    public IReadOnlyDictionary<string, byte[]> Files => _files.ToDictionary(
        one => one.Key, one => one.Value.ToArray(), StringComparer.Ordinal);

    public string RunName => "the-run";

    /// <summary>What is on the disk when the power is cut after so many calls.</summary>
    public IReadOnlyDictionary<string, byte[]> After(int calls, Cut cut, Xoshiro256 random)
    {
        var (files, gone) = Replay(calls);
        bool isKill = cut == Cut.Kept;
        var left = files.Where(one => isKill || one.Value.HasName || random.Next(2) == 0)
            .ToDictionary(one => one.Key, one => one.Value, StringComparer.Ordinal);
        foreach (var (name, file) in gone.Where(_ => !isKill && random.Next(2) == 0))
        {
            left.TryAdd(name, file); // One name is of one file.
        }

        return left.ToDictionary(one => one.Key, one => Left(one.Value, cut, random), StringComparer.Ordinal);
    }

    /// <summary>What of the files that a kill after so many calls leaves is not synced.</summary>
    public IReadOnlyDictionary<string, Synced> SyncedAfter(int calls) => Replay(calls).Files
        .Where(one => 0 < one.Value.Pending.Count || !one.Value.HasName)
        .ToDictionary(
            one => one.Key, one => new Synced(one.Value.Synced.Count, one.Value.HasName), StringComparer.Ordinal);

    public IReadOnlyList<string> Names()
    {
        lock (_gate)
        {
            return [.. _files.Keys];
        }
    }

    public byte[] Read(string name)
    {
        lock (_gate)
        {
            return _files[name].ToArray();
        }
    }

    public long SizeOf(string name)
    {
        lock (_gate)
        {
            return _files[name].Length;
        }
    }

    public IJournalFile Create(string name)
    {
        Note(new Call(CallKind.Create, name, [], 0));
        lock (_gate)
        {
            _files.Add(name, new ByteWriter());
        }

        return new OpenFile(this, name);
    }

    public IJournalFile Continue(string name, long octets)
    {
        Note(new Call(CallKind.Shorten, name, [], (int)octets));
        lock (_gate)
        {
            _files[name].Truncate((int)octets);
        }

        return new OpenFile(this, name);
    }

    /// <summary>How old each file is.</summary>
    public Func<string, TimeSpan> Age { get; init; } = _ => TimeSpan.Zero;

    public TimeSpan AgeOf(string name) => Age(name);

    public void Delete(string name)
    {
        Note(new Call(CallKind.Delete, name, [], 0));
        lock (_gate)
        {
            _files.Remove(name);
        }
    }

    public void SyncNames() => Note(new Call(CallKind.SyncNames, "", [], 0));

    public void Dispose()
    {
    }

    private void Note(Call call)
    {
        lock (_gate)
        {
            if (FailsFrom <= _calls.Count || (IsWithoutNew && call.Kind == CallKind.Create))
            {
                throw new IOException("the disk is full");
            }

            if (CutsAt is null || _calls.Count <= CutsAt) // None is made behind the one that it is cut in.
            {
                _calls.Add(call);
            }

            if (CutsAt < _calls.Count)
            {
                throw new PowerCutException();
            }
        }
    }

    // What the calls made of the files that it begins with, and the files whose deletion a power cut may undo.
    private (Dictionary<string, OnDisk> Files, Dictionary<string, OnDisk> Gone) Replay(int calls)
    {
        var files = _before.ToDictionary(
            one => one.Key, one => Begun(one.Key, one.Value), StringComparer.Ordinal);
        var gone = new Dictionary<string, OnDisk>(StringComparer.Ordinal);
        foreach (var call in _calls.Take(calls))
        {
            switch (call.Kind)
            {
                case CallKind.Create:
                    files[call.Name] = new OnDisk([], HasName: false);
                    break;
                case CallKind.Write:
                    files[call.Name].Pending.AddRange(call.Octets);
                    break;
                case CallKind.Shorten:
                    files[call.Name].Shorten(call.Size);
                    break;
                case CallKind.Sync:
                    files[call.Name].Synced.AddRange(files[call.Name].Pending);
                    files[call.Name].Pending.Clear();
                    break;
                case CallKind.Delete:
                    gone[call.Name] = files[call.Name];
                    files.Remove(call.Name);
                    break;
                case CallKind.SyncNames:
                    gone.Clear();
                    foreach (string name in files.Keys.ToArray())
                    {
                        files[name] = files[name] with { HasName = true };
                    }

                    break;
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }

        return (files, gone);
    }

    private OnDisk Begun(string name, byte[] octets)
    {
        var synced = SyncedSizes.TryGetValue(name, out var part) ? part : new Synced(octets.Length, HasName: true);
        var file = new OnDisk([.. octets[..synced.Octets]], synced.HasName);
        file.Pending.AddRange(octets[synced.Octets..]);
        return file;
    }

    private static byte[] Left(OnDisk file, Cut cut, Xoshiro256 random)
    {
        byte[] pending = [.. file.Pending];
        switch (cut)
        {
            case Cut.Lost:
                pending = [];
                break;
            case Cut.Torn:
                pending = pending[..random.Next(pending.Length + 1)];
                break;
            case Cut.Scattered:
                pending = pending[..random.Next(pending.Length + 1)];
                for (int at = 0; at < pending.Length; at += SectorSize)
                {
                    if (random.Next(2) == 0)
                    {
                        pending.AsSpan(at, Math.Min(SectorSize, pending.Length - at)).Clear();
                    }
                }

                break;
            case Cut.Kept:
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }

        return [.. file.Synced, .. pending];
    }

    /// <summary>How much of a file was synced.</summary>
    /// <param name="HasName">Whether its name was.</param>
    internal readonly record struct Synced(int Octets, bool HasName);

    private sealed record OnDisk(List<byte> Synced, bool HasName)
    {
        public List<byte> Pending { get; } = [];

        public void Shorten(int size)
        {
            int synced = Math.Min(size, Synced.Count);
            Synced.RemoveRange(synced, Synced.Count - synced);
            Pending.RemoveRange(size - synced, Pending.Count - (size - synced));
        }
    }

    private sealed record Call(CallKind Kind, string Name, byte[] Octets, int Size);

    private sealed class OpenFile(CutDisk disk, string name) : IJournalFile
    {
        public void Write(ReadOnlySpan<byte> octets)
        {
            disk.Note(new Call(CallKind.Write, name, octets.ToArray(), 0));
            lock (disk._gate)
            {
                disk._files[name].Bytes(octets);
            }
        }

        public void Sync() => disk.Note(new Call(CallKind.Sync, name, [], 0));

        public void Dispose()
        {
        }
    }
}
