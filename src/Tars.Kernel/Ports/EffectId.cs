using System.Globalization;

namespace Tars.Kernel.Ports;

/// <summary>Which effect something outside is asked for: the same again after a crash, and no other has it.</summary>
/// <param name="Run">No other run has the name.</param>
/// <param name="Number">Of the ask, in its run. An event asks once at most, so it stands for event and index.</param>
public sealed record EffectId(string Run, ProcessId Process, long Number)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Run}-{Number}");
}
