using Tars.Evolution.Models;

namespace Tars.Host.Models;

/// <summary>Another model, whose every exchange is written down before anybody uses its answer.</summary>
internal sealed class RecordingModel(IModel inner, string file) : IModel
{
    public string Name => inner.Name;

    public ModelAnswer Ask(ModelAsk ask, CancellationToken stop)
    {
        var answer = inner.Ask(ask, stop);
        try
        {
            File.AppendAllText(file, ExchangeText.Write(new ModelExchange(ask, answer)) + "\n");
            return answer;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ModelAnswer.Failed($"its answer cannot be kept: {e.Message}");
        }
    }
}
