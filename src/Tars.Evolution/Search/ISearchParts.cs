using Tars.Evolution.Scenarios;
using Tars.Lang.Checking;

namespace Tars.Evolution.Search;

/// <summary>What a search is run with and cannot make itself: files, an engine, and workers.</summary>
public interface ISearchParts
{
    /// <summary>The files of the module; one worker at a time uses what it was given.</summary>
    IModuleSource Sources();

    /// <summary>An engine and twins; one worker at a time uses what it was given.</summary>
    IScenarioParts Parts();

    /// <summary>What earlier runs found, or null for nothing.</summary>
    IScoreMemory? Memory { get; }

    /// <summary>Ends some seconds after a stop is asked for, and some seconds from now on where one was already: for
    /// checks that are done all the same, if they are no longer than usual. Whoever asks disposes of it.</summary>
    CancellationTokenSource Grace(CancellationToken stop);

    /// <summary>Does so many jobs in any order, each once, and ends when all are done.</summary>
    void Run(int jobs, Action<int> job);
}
