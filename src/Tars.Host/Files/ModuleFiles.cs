using System.Collections.Concurrent;
using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Kernel.Journal;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Text;

namespace Tars.Host.Files;

/// <summary>The files of one module: its own and those that it names, found from the folder of its own.</summary>
/// <remarks>
/// Invariants:
///   I1  A source is called by its path relative to that folder, with forward slashes, so that a bundle says nothing
///       of the machine it was made on, and the same file has the same name by whatever path it is reached.
///   I2  Only files that are called modules or recordings are opened, and none whose opening or reading may never
///       end.
///   I3  A file is read once, by these and by all that come of <see cref="Again"/>: whoever changes it meanwhile
///       changes nothing here.
/// </remarks>
public sealed class ModuleFiles : IModuleSource
{
    private static readonly string[] _modules = [".tars", ".wasm"];
    private static readonly string[] _recordings = [".log", ".tarslog"];

    private readonly string _folder;
    private readonly Dictionary<string, Entry?> _read = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LoadFile?> _loads = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    // The octets of files by path and by how many were wanted; null where there is none.
    private readonly ConcurrentDictionary<(string Path, int SizeMax), byte[]?> _octets;

    private ModuleFiles(string folder, ConcurrentDictionary<(string Path, int SizeMax), byte[]?> octets) =>
        (_folder, _octets) = (folder, octets);

    /// <summary>The module's own source.</summary>
    public required SourceText Source { get; init; }

    /// <param name="path">The full path of the module's own file.</param>
    /// <param name="bytes">What stands in it.</param>
    public static ModuleFiles Of(string path, ReadOnlySpan<byte> bytes) =>
        Of(Path.GetFileName(path), Path.GetDirectoryName(path) ?? "", bytes, new());

    /// <summary>The same files beside another text of the module's own; any thread may ask for them.</summary>
    public ModuleFiles Again(ReadOnlySpan<byte> bytes) => Of(Source.Name, _folder, bytes, _octets);

    private static ModuleFiles Of(
        string name,
        string folder,
        ReadOnlySpan<byte> bytes,
        ConcurrentDictionary<(string Path, int SizeMax), byte[]?> octets)
    {
        var entry = Entry.Of(name, bytes);
        var files = new ModuleFiles(folder, octets) { Source = entry.Source };
        files._read.Add(name, entry);
        return files;
    }

    /// <summary>The full path of every other file that was wanted so far, whether it was there or not.</summary>
    public IEnumerable<string> Asked => _asked;

    /// <summary>What there was to say about the bytes of a source, before anything was read in its text.</summary>
    public ImmutableArray<Diagnostic> DiagnosticsOf(SourceText source) => _read[source.Name]!.Diagnostics;

    public SourceText? Open(SourceText from, string path)
    {
        if (NameOf(from, path, _modules) is not { } name)
        {
            return null;
        }

        if (!_read.TryGetValue(name, out var entry))
        {
            entry = Bytes(name, Tars.Lang.Limits.SourceBytesMax, _modules) is { } bytes ? Entry.Of(name, bytes) : null;
            _read.Add(name, entry);
        }

        return entry?.Source;
    }

    public ReadOnlyMemory<byte>? OpenCode(SourceText from, string path) =>
        NameOf(from, path, _modules) is { } name && Bytes(name, WasmLimits.ModuleBytesMax, _modules) is { } bytes
            ? bytes
            : default(ReadOnlyMemory<byte>?);

    public LoadFile? OpenLoad(SourceText from, string path)
    {
        if (NameOf(from, path, _recordings) is not { } name)
        {
            bool isCalledOne = HasEnding(path, _recordings);
            return isCalledOne ? null : new LoadFile.Refused($"is not called {string.Join(" or ", _recordings)}");
        }

        if (!_loads.TryGetValue(name, out var load))
        {
            load = Bytes(name, Tars.Lang.Limits.LoadBytesMax, _recordings) is { } bytes ? LoadOf(name, bytes) : null;
            _loads.Add(name, load);
        }

        return load;
    }

    private static LoadFile LoadOf(string name, byte[] bytes) =>
        Tars.Lang.Limits.LoadBytesMax < bytes.Length
            ? new LoadFile.Refused($"has more than {Tars.Lang.Limits.LoadBytesMax} octets")
            : !bytes.AsSpan().StartsWith(JournalFrames.Begin)
                ? new LoadFile.Refused("is no recording of a run")
                : new LoadFile.Found(new CheckedLoad(name, bytes));

    private string? NameOf(SourceText from, string path, string[] endings)
    {
        if (!HasEnding(path, endings) || Path.IsPathRooted(path) || path.Contains('\0', StringComparison.Ordinal)) // I2
        {
            return null;
        }

        var beside = Path.Combine(_folder, Path.GetDirectoryName(from.Name) ?? "", path);
        return Path.GetRelativePath(_folder, beside).Replace('\\', '/'); // I1
    }

    private static bool HasEnding(string path, string[] endings) =>
        endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal));

    private byte[]? Bytes(string name, int sizeMax, string[] endings)
    {
        var path = Path.GetFullPath(Path.Combine(_folder, name));
        _asked.Add(path);
        return _octets.GetOrAdd((path, sizeMax), _ => Read(path, sizeMax, endings)); // I3
    }

    // One octet more than may be, so that whoever reads them refuses them and an endless file ends.
    private static byte[]? Read(string path, int sizeMax, string[] endings)
    {
        try
        {
            var target = File.ResolveLinkTarget(path, returnFinalTarget: true);
            if (target is not null && !HasEnding(target.Name, endings)) // I2
            {
                return null;
            }

            // A pipe has no size either, and opening one waits for a writer that may never come.
            var file = new FileInfo(target?.FullName ?? path);
            if (!file.Exists || file.Length == 0)
            {
                return file.Exists ? [] : null;
            }

            using var stream = file.OpenRead();
            var bytes = new byte[Math.Min(file.Length, sizeMax) + 1];
            int size = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return bytes[..size];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed record Entry(SourceText Source, ImmutableArray<Diagnostic> Diagnostics)
    {
        public static Entry Of(string name, ReadOnlySpan<byte> bytes)
        {
            var bag = new DiagnosticBag();
            var source = SourceDecoder.Decode(name, bytes, bag);
            return new Entry(source, bag.ToSorted());
        }
    }
}
