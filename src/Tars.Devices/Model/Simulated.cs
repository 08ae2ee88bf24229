using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Devices.Model;

/// <summary>The twin of a `model` device: it gives its answers in turn, and begins anew after the last.</summary>
/// <param name="answers">Each makes the JSON of one answer for the type that was asked for.</param>
public sealed class Simulated(IReadOnlyList<Func<SchemaType, ReadOnlyMemory<byte>>> answers) : IAskedDevice
{
    private int _next;

    public Metrics Metrics { get; } = new();

    public DeviceAnswer? Ask(DeviceAsk asked)
    {
        Metrics.Asks++;
        if (answers.Count == 0)
        {
            return new DeviceAnswer.Failed(AskFailure.Unavailable, "the scenario has no answers for this model");
        }

        var answer = answers[_next](asked.Answer);
        _next = (_next + 1) % answers.Count;
        return Protocol.Answer(asked, answer);
    }
}
