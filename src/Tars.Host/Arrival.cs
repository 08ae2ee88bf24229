using Tars.Kernel.Ports;

namespace Tars.Host;

/// <summary>What came from outside and waits for the kernel: lines of an input, or the answer of a device.</summary>
/// <param name="Reader">Null for an answer.</param>
/// <param name="Answer">Null for lines.</param>
/// <param name="Ask">The number of the ask that is answered.</param>
internal readonly record struct Arrival(InputReader? Reader, LineBatch? Batch, DeviceAnswer? Answer, long Ask)
{
    public static Arrival Lines(InputReader reader, LineBatch batch) => new(reader, batch, Answer: null, Ask: 0);

    public static Arrival Answered(long ask, DeviceAnswer? answer) => new(Reader: null, Batch: null, answer, ask);
}
