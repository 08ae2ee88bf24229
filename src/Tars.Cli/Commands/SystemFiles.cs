using System.Collections.Immutable;
using Tars.Bundle.Container;
using Tars.Cli.Views;

namespace Tars.Cli.Commands;

/// <summary>What became of the files of one system: bundles that are ready, or why not.</summary>
internal abstract record SystemFiles
{
    private SystemFiles()
    {
    }

    /// <summary>The full path of every file that the named ones wanted, whether it was there or not.</summary>
    public ImmutableArray<string> Wanted { get; private init; } = [];

    /// <summary>Warnings may still be there.</summary>
    public sealed record Ready(
        ImmutableArray<ReadOnlyMemory<byte>> Bundles, ImmutableArray<PlacedDiagnostic> Warnings) : SystemFiles;

    public sealed record Faulty(ImmutableArray<PlacedDiagnostic> Diagnostics) : SystemFiles;

    /// <summary>Each says of a module what it declares that this version cannot run.</summary>
    public sealed record NotInForce(ImmutableArray<string> Reasons) : SystemFiles;

    /// <summary>The user was told.</summary>
    public sealed record Unreadable : SystemFiles;

    /// <summary>Reads metascripts and bundles and compiles what is to be compiled.</summary>
    /// <param name="mayWait">False where a pipe in the place of a file would hold up what goes on.</param>
    public static SystemFiles Load(
        string command, IEnumerable<string> files, Terminal terminal, bool mayWait = true)
    {
        var bundles = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        var diagnostics = ImmutableArray.CreateBuilder<PlacedDiagnostic>();
        var wanted = ImmutableArray.CreateBuilder<string>();
        foreach (var file in files)
        {
            if (InputFile.Read(command, file, terminal, mayWait) is not { } bytes)
            {
                return new Unreadable { Wanted = wanted.ToImmutable() };
            }

            if (InputFile.IsBundle(bytes))
            {
                bundles.Add(bytes);
                continue;
            }

            var compiled = Compilation.Of(file, bytes, terminal, includeTests: false);
            diagnostics.AddRange(compiled.Diagnostics);
            wanted.AddRange(compiled.Sources.Asked);
            if (compiled.Bundle is { } bundle)
            {
                bundles.Add(bundle);
            }
        }

        if (diagnostics.Any(one => one.IsError))
        {
            return new Faulty(diagnostics.ToImmutable()) { Wanted = wanted.ToImmutable() };
        }

        ImmutableArray<string> waiting = [.. bundles.SelectMany(WithImports)];
        return waiting.IsEmpty
            ? new Ready(bundles.ToImmutable(), diagnostics.ToImmutable()) { Wanted = wanted.ToImmutable() }
            : new NotInForce(waiting) { Wanted = wanted.ToImmutable() };
    }

    private static IEnumerable<string> WithImports(ReadOnlyMemory<byte> bytes) =>
        BundleReader.Read(bytes) is BundleReading.Read { Bundle.Imports: var imports }
            ? imports.Prepend(bytes).SelectMany(NotYetInForce)
            : [];

    // A bundle that cannot be read is for the host to refuse.
    private static IEnumerable<string> NotYetInForce(ReadOnlyMemory<byte> bytes) =>
        BundleReader.Read(bytes) is BundleReading.Read { Bundle.Manifest: var manifest }
            ? manifest.NotYetInForce.Select(what => $"{manifest.Name}: declared, not yet in force: {what}")
            : [];
}
