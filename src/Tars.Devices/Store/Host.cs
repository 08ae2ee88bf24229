using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Tars.Base;
using Tars.Devices.Host;
using Tars.Devices.Wasi;
using Tars.Devices.Wasi.Linux;
using Tars.Kernel.Ports;

namespace Tars.Devices.Store;

/// <summary>The real outside of a `store` device: a folder with one file for each value.</summary>
/// <remarks>
/// Invariants:
///   I1  A key never is part of a path: a file is called by the hash of its key, and holds the key.
///   I2  A change is whole or not there, and what was answered outlives a power cut: a new file is written, synced and
///       put in the place of the old one, and the names in the folder are synced before the answer.
///   I3  What was damaged by others is an answer that says so, never a value.
///   I4  A change that comes again after a crash is not made again, and is answered as before (decision 085). So a
///       value that was deleted leaves behind who did it, until there are too many of those. Another change under the
///       same number is none that comes again.
///   I5  One run at a time has the folder: whether a key is new, and how many there are, is asked of nobody else.
/// </remarks>
public sealed class Host : IAskedDevice, IDisposable
{
    private const string Ending = ".value";
    private const string FreshEnding = $"{Ending}.new";
    private const string GoneEnding = ".gone";
    private const string NoFolder = "the folder of the store cannot be used";
    private const int SumBytes = 8;

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly FileStream _lock;
    private readonly Action _syncNames;
    private readonly Queue<string> _gone;
    private bool _isDisposed;

    /// <param name="folder">Made when it is not there. One run at a time has it.</param>
    /// <exception cref="IOException">The folder cannot be made or listed, or another run has it.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be used.</exception>
    /// <exception cref="InvalidDataException">What has the name of the lock in it is no regular file.</exception>
    public Host(string folder)
        : this(folder, () => FolderSync.Sync(folder))
    {
    }

    /// <param name="syncNames">Makes what the names in the folder say outlast a power cut.</param>
    internal Host(string folder, Action syncNames)
    {
        _folder = folder;
        _syncNames = syncNames;
        System.IO.Directory.CreateDirectory(folder);
        _lock = FolderLock.Take(folder); // I5
        try
        {
            int size = PathOf(key: "").Length - Ending.Length + FreshEnding.Length;
            foreach (string unfinished in System.IO.Directory.EnumerateFiles(folder, $"*{FreshEnding}")
                .Where(one => one.Length == size))
            {
                File.Delete(unfinished); // The power went, and nobody was told of it.
            }

            Count = System.IO.Directory.EnumerateFiles(folder, $"*{Ending}").Count();
            _gone = new Queue<string>(
                System.IO.Directory.EnumerateFiles(folder, $"*{GoneEnding}").Order(StringComparer.Ordinal)
                    .OrderBy(File.GetLastWriteTimeUtc));
            _syncNames(); // Of what the run before was lost over, no answer may be given that a power cut takes back.
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    public Metrics Metrics { get; } = new();

    /// <summary>How many values there are in the folder.</summary>
    internal int Count { get; private set; }

    /// <summary>Whether a folder is none that a store was ever in: it is not there, or has nothing of one.</summary>
    public static bool IsUnused(string folder) => !System.IO.Directory.Exists(folder)
        || (!File.Exists(Path.Combine(folder, FolderLock.Name))
            && !System.IO.Directory.EnumerateFiles(folder, $"*{Ending}").Any());

    public DeviceAnswer? Ask(DeviceAsk asked)
    {
        Metrics.Asks++;
        var answer = Protocol.Read(asked, out string key, out var value) ?? Serve(asked, key, value);
        Metrics.Failed += answer is DeviceAnswer.Failed ? 1 : 0;
        return answer;
    }

    /// <summary>Waits for the ask that is being done, then lets the folder go; later asks are `unavailable`.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _lock.Dispose();
        }
    }

    private DeviceAnswer Serve(DeviceAsk asked, string key, ImmutableArray<byte> value)
    {
        lock (_gate)
        {
            // Where another folder stands, to find no value there says nothing.
            return _isDisposed || !FolderLock.IsStill(_lock)
                ? new DeviceAnswer.Failed(AskFailure.Unavailable, NoFolder) // I5
                : Change(asked, key, value);
        }
    }

    private DeviceAnswer Change(DeviceAsk asked, string key, ImmutableArray<byte> value)
    {
        string path = PathOf(key);
        try
        {
            return asked.Operation switch
            {
                Device.Get => Get(path, key),
                Device.Put => Put(path, key, value, asked, isNew: null),
                Device.PutNew => PutNew(path, key, value, asked),
                Device.Delete => Delete(path, key, asked),
                _ => new DeviceAnswer.Failed(AskFailure.Refused, "a store has no such ask"),
            };
        }
        catch (IOException e) when (IsFull(e))
        {
            return new DeviceAnswer.Failed(AskFailure.Unavailable, "there is no room for it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new DeviceAnswer.Failed(AskFailure.Unavailable, NoFolder);
        }
    }

    private static DeviceAnswer Get(string path, string key)
    {
        if (!File.Exists(path))
        {
            return Protocol.Nothing;
        }

        return Content(Read(path), key, out _) is { } value
            ? Protocol.Found(value)
            : new DeviceAnswer.Failed(AskFailure.Unavailable, "the value was damaged"); // I3
    }

    // A little more than the largest value, so that a file of others is not read whole. To open a pipe would wait.
    private static ReadOnlySpan<byte> Read(string path)
    {
        using var stream = FileContent.OpenRead(path);
        byte[] octets = new byte[Limits.StoreKeyBytesMax + Limits.StoreValueBytesMax + Limits.StoreMarkBytesMax];
        return octets.AsSpan(0, stream.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false));
    }

    private static Marks MarksIn(string path, string key)
    {
        Marks? marks = null;
        string place = File.Exists(path) ? path : GonePathOf(path);
        if (File.Exists(place))
        {
            Content(Read(place), key, out marks);
        }

        return marks ?? new Marks();
    }

    /// <param name="isNew">What a `put_new` is answered; null for a `put`.</param>
    private DeviceAnswer Put(string path, string key, ImmutableArray<byte> value, DeviceAsk asked, bool? isNew)
    {
        var marks = asked.Id is null ? new Marks() : MarksIn(path, key);
        if (marks.AnswerOf(asked) is { } before)
        {
            Metrics.Repeats++;
            return before; // I4
        }

        bool isAdded = !File.Exists(path);
        if (isAdded && Limits.StoreKeysMax <= Count)
        {
            return new DeviceAnswer.Failed(AskFailure.Refused, "the store is full");
        }

        marks.Add(asked, isNew);
        Replace(path, Octets(key, value.AsSpan(), marks)); // I2
        Count += isAdded ? 1 : 0; // It is there, whatever becomes of the names.
        _syncNames();
        return isNew is { } answer ? Protocol.Fresh(answer) : Protocol.Done;
    }

    private static ReadOnlySpan<byte> Octets(string key, ReadOnlySpan<byte> value, Marks marks)
    {
        var content = new ByteWriter();
        content.Text(key);
        content.U32((uint)value.Length);
        content.Bytes(value);
        marks.Write(content);
        content.Bytes(SHA256.HashData(content.Written).AsSpan(0, SumBytes));
        return content.Written;
    }

    private static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string fresh = Path.ChangeExtension(path, FreshEnding);
        File.Delete(fresh); // A link that someone put there would be followed.
        try
        {
            using (var stream = new FileStream(fresh, FileMode.CreateNew, FileAccess.Write))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(fresh, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(fresh); // On a full disk it would keep the room that there is.
            throw;
        }
    }

    private DeviceAnswer PutNew(string path, string key, ImmutableArray<byte> value, DeviceAsk asked)
    {
        if (!File.Exists(path))
        {
            return Put(path, key, value, asked, isNew: true);
        }

        var before = asked.Id is null ? null : MarksIn(path, key).AnswerOf(asked);
        Metrics.Repeats += before is null ? 0 : 1;
        return before ?? Protocol.Fresh(isFresh: false); // I4
    }

    // Who deletes is written before the value goes: a crash in between leaves the value without that mark, and the
    // repeat takes it away.
    private DeviceAnswer Delete(string path, string key, DeviceAsk asked)
    {
        bool isThere = File.Exists(path);
        if (asked.Id is not null)
        {
            var marks = MarksIn(path, key);
            if (marks.AnswerOf(asked) is { } before)
            {
                Metrics.Repeats++;
                return before; // I4
            }

            if (isThere)
            {
                marks.Add(asked, wasNew: null);
                LeaveBehind(GonePathOf(path), Octets(key, [], marks));
            }
        }

        File.Delete(path);
        Count -= isThere ? 1 : 0;
        _syncNames(); // I2
        return Protocol.Done;
    }

    private static bool IsFull(IOException e) =>
        LinuxErrno.Of(e.HResult) is Errno.Nospc or Errno.Dquot or Errno.Fbig;

    private void LeaveBehind(string path, ReadOnlySpan<byte> content)
    {
        bool isKnown = File.Exists(path);
        try
        {
            Replace(path, content);
        }
        catch (IOException e) when (IsFull(e))
        {
            return; // To delete is how one makes room.
        }

        if (!isKnown)
        {
            _gone.Enqueue(path);
        }

        while (Limits.StoreGoneMax < _gone.Count)
        {
            File.Delete(_gone.Dequeue());
        }
    }

    private static string GonePathOf(string path) => Path.ChangeExtension(path, GoneEnding);

    private string PathOf(string key) => // I1
        Path.Combine(_folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))) + Ending);

    // Null when the octets are not what was written for this key.
    private static byte[]? Content(ReadOnlySpan<byte> octets, string key, out Marks? marks)
    {
        marks = null;
        if (octets.Length < SumBytes)
        {
            return null;
        }

        var body = octets[..^SumBytes];
        if (!SHA256.HashData(body).AsSpan(0, SumBytes).SequenceEqual(octets[^SumBytes..]))
        {
            return null;
        }

        var reader = new ByteReader(body);
        string written = reader.Text();
        var value = reader.Bytes(reader.U32());
        marks = Marks.Read(ref reader);
        return !reader.Failed && reader.AtEnd && written == key ? value.ToArray() : null;
    }
}
