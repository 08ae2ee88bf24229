using System.Globalization;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Loads;

/// <summary>What devices answered in a recorded run: each answer once, to the same ask in the same order.</summary>
public sealed class RecordedAnswers
{
    private readonly Dictionary<string, List<RecordedAnswer>> _given = [];

    /// <summary>An ask of the recorded run; what came of it is put into what this gives back.</summary>
    public RecordedAnswer Add(DeviceId device, int operation, ReadOnlySpan<byte> arguments)
    {
        string ask = KeyOf(device, operation, arguments);
        if (!_given.TryGetValue(ask, out var answers))
        {
            answers = [];
            _given.Add(ask, answers);
        }

        var answer = new RecordedAnswer();
        answers.Add(answer);
        return answer;
    }

    /// <summary>What came of an ask; null when it was not asked so often.</summary>
    /// <param name="place">How many of the same came before.</param>
    internal RecordedAnswer? At(string ask, int place) =>
        _given.TryGetValue(ask, out var answers) && place < answers.Count ? answers[place] : null;

    internal static string KeyOf(DeviceId device, int operation, ReadOnlySpan<byte> arguments) => string.Create(
        CultureInfo.InvariantCulture, $"{device.Value} {operation} {Convert.ToHexString(arguments)}");
}
