using Tars.Evolution.Models;

namespace Tars.Host.Models;

/// <summary>A model that says what was said before: the exchanges of an earlier run.</summary>
/// <remarks>The same question asked again gets the answers in the order in which they came.</remarks>
internal sealed class RecordedModel : IModel
{
    private readonly Dictionary<string, Queue<ModelAnswer>> _answers = new(StringComparer.Ordinal);

    /// <param name="lines">Of `exchanges.jsonl`; what is none of them is passed over.</param>
    public RecordedModel(IEnumerable<string> lines)
    {
        foreach (var (key, answer) in lines.Select(ExchangeText.Read).OfType<(string, ModelAnswer)>())
        {
            if (!_answers.TryGetValue(key, out var queue))
            {
                _answers[key] = queue = new Queue<ModelAnswer>();
            }

            queue.Enqueue(answer);
        }
    }

    public string Name => "replay";

    public ModelAnswer Ask(ModelAsk ask, CancellationToken stop) =>
        _answers.TryGetValue(ExchangeText.KeyOf(ask), out var queue) && queue.TryDequeue(out var answer)
            ? answer
            : new ModelAnswer.Failed("nobody asked this before: the module, the seed or the prompt is another");
}
