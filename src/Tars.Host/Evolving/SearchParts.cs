using System.Text;
using Tars.Evolution.Scenarios;
using Tars.Evolution.Search;
using Tars.Host.Files;
using Tars.Host.Granting;
using Tars.Host.Scenarios;
using Tars.Lang.Checking;

namespace Tars.Host.Evolving;

/// <summary>Gives a search files, engines and threads.</summary>
/// <param name="path">The full path of the module's own file.</param>
/// <param name="text">What stands in it.</param>
/// <param name="workers">Threads at a time.</param>
/// <param name="memory">What earlier runs found, or null.</param>
/// <param name="grants">What an operator says of the module: here only with what isolation it runs.</param>
/// <param name="files">The files that the module was checked with; what judges it stays what it was then. Null where
/// nothing was read before.</param>
public sealed class SearchParts(
    string path,
    string text,
    int workers,
    IScoreMemory? memory = null,
    PolicyFile? grants = null,
    ModuleFiles? files = null) : ISearchParts
{
    private readonly byte[] _octets = Encoding.UTF8.GetBytes(text);
    private readonly ModuleFiles _files = files ?? ModuleFiles.Of(path, Encoding.UTF8.GetBytes(text));

    public IScoreMemory? Memory => memory;

    public IModuleSource Sources() => _files.Again(_octets);

    public IScenarioParts Parts() => new ScenarioParts(Compose.WithFloors(), grants);

    public CancellationTokenSource Grace(CancellationToken stop)
    {
        var grace = new CancellationTokenSource();
        stop.Register(() =>
        {
            try
            {
                grace.CancelAfter(Limits.StoppedChecksMilliseconds);
            }
            catch (ObjectDisposedException)
            {
                // What it was for is over.
            }
        });
        return grace;
    }

    public void Run(int jobs, Action<int> job) =>
        Parallel.For(0, jobs, new ParallelOptions { MaxDegreeOfParallelism = workers }, job);
}
