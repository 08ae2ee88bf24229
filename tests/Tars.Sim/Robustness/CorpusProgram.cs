using Tars.Base;
using Tars.Lang.Checking;

namespace Tars.Sim.Robustness;

/// <summary>A program of the repository that is damaged, and the files beside it, which it may name.</summary>
/// <param name="Name">Its path in the repository.</param>
/// <param name="Recordings">By their paths from its folder.</param>
internal sealed record CorpusProgram(
    string Name,
    string Text,
    IReadOnlyDictionary<string, SourceText> Beside,
    IReadOnlyDictionary<string, byte[]> Recordings)
    : IModuleSource
{
    public SourceText Source => new(Path.GetFileName(Name), Text);

    /// <summary>Only whole files of the same folder.</summary>
    public SourceText? Open(SourceText from, string path) => Beside.GetValueOrDefault(FromFolder(path));

    public LoadFile? OpenLoad(SourceText from, string path) =>
        Recordings.TryGetValue(FromFolder(path), out byte[]? octets)
            ? new LoadFile.Found(new CheckedLoad(FromFolder(path), octets))
            : null;

    private static string FromFolder(string path) =>
        path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
}
