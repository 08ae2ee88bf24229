using System.Text;
using Tars.Base;
using Tars.Evolution.Gates;
using Tars.Evolution.Scenarios;
using Tars.Evolution.Search;
using Tars.Evolution.Store;
using Tars.Evolution.Trials;
using Tars.Lang.Checking;

namespace Tars.Evolution.Auditing;

/// <summary>A module that comes with this program, and on which its gates are tried.</summary>
/// <param name="Files">Its own text first, then the files that it names.</param>
internal sealed record AuditSubject(string Name, IReadOnlyList<SourceText> Files, EvolutionProblem Problem)
{
    private const string Ending = ".tars";

    /// <summary>The subject of a name, and what else it names, as they are compiled into this program.</summary>
    /// <param name="recording">A recorded run that its versions have to come through; empty for none.</param>
    public static AuditSubject Of(string name, string recording, params ReadOnlySpan<string> others)
    {
        var files = new List<SourceText> { Text(name) };
        foreach (string other in others)
        {
            files.Add(Text(other));
        }

        var problem = ProblemOf(files);
        Invariant.Holds(problem is not null);
        return new AuditSubject(
            name,
            [problem.Source, .. files.Skip(1)],
            problem with { Recordings = recording.Length == 0 ? [] : [Recording.Of(recording, Octets(recording))] });
    }

    /// <summary>The parts of a search, with these files in the place of those on the disk.</summary>
    public ISearchParts Parts(ISearchParts inner) => new AuditParts(inner, Files);

    /// <summary>The same with another text in the place of one of its files.</summary>
    public AuditSubject With(int file, string text)
    {
        SourceText[] files = [.. Files];
        files[file] = new SourceText(files[file].Name, text);
        return this with { Files = files };
    }

    /// <summary>The hash that a run takes of all that judges; null for what a run would not take.</summary>
    public VersionId? Judge() => ProblemOf(Files)?.Judge;

    private static EvolutionProblem? ProblemOf(IReadOnlyList<SourceText> files)
    {
        var check = ModuleChecker.Check(files[0], new AuditSources(files));
        return check.HasErrors ? null : EvolutionProblem.Of(files[0], check, out _);
    }

    private static SourceText Text(string name) =>
        new(name + Ending, Encoding.UTF8.GetString(Octets(name + Ending)));

    private static byte[] Octets(string file)
    {
        // It is compiled in.
        using var stream = typeof(AuditSubject).Assembly.GetManifestResourceStream(file)!;
        using var octets = new MemoryStream();
        stream.CopyTo(octets);
        return octets.ToArray();
    }

    private sealed class AuditSources(IReadOnlyList<SourceText> files) : IModuleSource
    {
        public SourceText? Open(SourceText from, string path) => files.FirstOrDefault(one => one.Name == path);
    }

    private sealed class AuditParts(ISearchParts inner, IReadOnlyList<SourceText> files) : ISearchParts
    {
        public IScoreMemory? Memory => null;

        public IModuleSource Sources() => new AuditSources(files);

        public IScenarioParts Parts() => inner.Parts();

        public CancellationTokenSource Grace(CancellationToken stop) => inner.Grace(stop);

        public void Run(int jobs, Action<int> job) => inner.Run(jobs, job);
    }
}
