namespace Tars.Evolution.Models;

/// <summary>A language model: text in, text out. What it says is data, and decides nothing.</summary>
public interface IModel
{
    /// <summary>For people and the record.</summary>
    string Name { get; }

    /// <summary>Asks once and waits; whatever goes wrong is an answer too.</summary>
    ModelAnswer Ask(ModelAsk ask, CancellationToken stop);
}
