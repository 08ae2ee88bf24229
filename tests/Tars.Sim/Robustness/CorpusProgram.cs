using Tars.Base;
using Tars.Lang.Checking;

namespace Tars.Sim.Robustness;

/// <summary>A program of the repository that is damaged, and the files beside it, which it may name.</summary>
/// <param name="Name">Its path in the repository.</param>
internal sealed record CorpusProgram(string Name, string Text, IReadOnlyDictionary<string, SourceText> Beside)
    : IModuleSource
{
    public SourceText Source => new(Path.GetFileName(Name), Text);

    /// <summary>Only whole files of the same folder.</summary>
    public SourceText? Open(SourceText from, string path)
    {
        string name = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
        return Beside.GetValueOrDefault(name);
    }
}
