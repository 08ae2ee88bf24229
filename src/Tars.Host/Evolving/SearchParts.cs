using System.Text;
using Tars.Evolution.Scenarios;
using Tars.Evolution.Search;
using Tars.Host.Files;
using Tars.Host.Scenarios;
using Tars.Kernel.Ports;
using Tars.Lang.Checking;

namespace Tars.Host.Evolving;

/// <summary>Gives a search files, engines and threads.</summary>
/// <param name="path">The full path of the module's own file.</param>
/// <param name="text">What stands in it.</param>
/// <param name="workers">Threads at a time.</param>
/// <param name="memory">What earlier runs found, or null.</param>
public sealed class SearchParts(string path, string text, int workers, IScoreMemory? memory = null) : ISearchParts
{
    private readonly byte[] _octets = Encoding.UTF8.GetBytes(text);

    public IScoreMemory? Memory => memory;

    public IModuleSource Sources() => ModuleFiles.Of(path, _octets);

    public IScenarioParts Parts() => new ScenarioParts(Engine());

    public void Run(int jobs, Action<int> job) =>
        Parallel.For(0, jobs, new ParallelOptions { MaxDegreeOfParallelism = workers }, job);

    private static IEngine Engine() => Compose.Engine(new RunOptions().Engine)!; // The default is one that there is.
}
