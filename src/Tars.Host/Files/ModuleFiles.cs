using System.Collections.Immutable;
using Tars.Base;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Lang.Text;

namespace Tars.Host.Files;

/// <summary>The files of one module: its own and those that it names, found from the folder of its own.</summary>
/// <remarks>
/// Invariants:
///   I1  A source is called by its path relative to that folder, with forward slashes, so that a bundle says nothing
///       of the machine it was made on, and the same file has the same name by whatever path it is reached.
/// </remarks>
public sealed class ModuleFiles : IModuleSource
{
    private static readonly string[] _endings = [".tars", ".wasm"];

    private readonly string _folder;
    private readonly Dictionary<string, Entry?> _read = new(StringComparer.Ordinal);

    private ModuleFiles(string folder) => _folder = folder;

    /// <summary>The module's own source.</summary>
    public required SourceText Source { get; init; }

    /// <param name="path">The full path of the module's own file.</param>
    /// <param name="bytes">What stands in it.</param>
    public static ModuleFiles Of(string path, ReadOnlySpan<byte> bytes)
    {
        var name = Path.GetFileName(path);
        var entry = Entry.Of(name, bytes);
        var files = new ModuleFiles(Path.GetDirectoryName(path) ?? "") { Source = entry.Source };
        files._read.Add(name, entry);
        return files;
    }

    /// <summary>What there was to say about the bytes of a source, before anything was read in its text.</summary>
    public ImmutableArray<Diagnostic> DiagnosticsOf(SourceText source) => _read[source.Name]!.Diagnostics;

    public SourceText? Open(SourceText from, string path)
    {
        if (!IsModule(path) || Path.IsPathRooted(path) || path.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        var beside = Path.Combine(_folder, Path.GetDirectoryName(from.Name) ?? "", path);
        var name = Path.GetRelativePath(_folder, beside).Replace('\\', '/'); // I1
        if (!_read.TryGetValue(name, out var entry))
        {
            entry = Read(name);
            _read.Add(name, entry);
        }

        return entry?.Source;
    }

    private static bool IsModule(string path) => // I2
        _endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal));

    private Entry? Read(string name)
    {
        try
        {
            var path = Path.Combine(_folder, name);
            if (File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target && !IsModule(target.Name)) // I2
            {
                return null;
            }

            // One octet more than a source may have, so that the decoder refuses it and an endless file ends.
            using var stream = File.OpenRead(path);
            var bytes = new byte[Tars.Lang.Limits.SourceBytesMax + 1];
            int size = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return Entry.Of(name, bytes.AsSpan(0, size));
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
