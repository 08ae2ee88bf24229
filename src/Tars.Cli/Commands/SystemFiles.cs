using System.Collections.Immutable;
using Tars.Cli.Views;

namespace Tars.Cli.Commands;

/// <summary>What became of the files of one system: bundles that are ready, or why not.</summary>
internal abstract record SystemFiles
{
    private SystemFiles()
    {
    }

    /// <summary>Warnings may still be there.</summary>
    public sealed record Ready(
        ImmutableArray<ReadOnlyMemory<byte>> Bundles, ImmutableArray<PlacedDiagnostic> Warnings) : SystemFiles;

    public sealed record Faulty(ImmutableArray<PlacedDiagnostic> Diagnostics) : SystemFiles;

    /// <summary>The user was told.</summary>
    public sealed record Unreadable : SystemFiles;

    /// <summary>Reads metascripts and bundles and compiles what is to be compiled.</summary>
    public static SystemFiles Load(string command, IEnumerable<string> files, Terminal terminal)
    {
        var bundles = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        var diagnostics = ImmutableArray.CreateBuilder<PlacedDiagnostic>();
        foreach (var file in files)
        {
            if (InputFile.Read(command, file, terminal) is not { } bytes)
            {
                return new Unreadable();
            }

            if (InputFile.IsBundle(bytes))
            {
                bundles.Add(bytes);
                continue;
            }

            var compiled = Compilation.Of(file, bytes, terminal, includeTests: false);
            diagnostics.AddRange(compiled.Diagnostics);
            if (compiled.Bundle is { } bundle)
            {
                bundles.Add(bundle);
            }
        }

        return diagnostics.Any(one => one.IsError)
            ? new Faulty(diagnostics.ToImmutable())
            : new Ready(bundles.ToImmutable(), diagnostics.ToImmutable());
    }
}
