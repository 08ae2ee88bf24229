namespace Tars.Evolution.Search;

/// <summary>What candidates cost in earlier runs of the same module by the same judge; a search uses it when asked.
/// </summary>
/// <remarks>
/// It changes the time that a search takes and nothing else: what is not remembered is run. So a search that was killed
/// is begun again with the same seed, and comes to where it was by remembering (decision 103).
/// </remarks>
public interface IScoreMemory
{
    /// <summary>Null for what is not remembered.</summary>
    /// <param name="code">Of the candidate, whole.</param>
    CandidateScore? Find(string code);

    /// <summary>Keeps what candidates cost, in this order.</summary>
    void Add(IEnumerable<KeyValuePair<string, CandidateScore>> scores);
}
