using System.Text;

namespace Tars.Devices.Console;

/// <summary>The twin of a `console` device: it remembers what was printed.</summary>
public sealed class Simulated
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public void Print(ReadOnlySpan<byte> line) => _lines.Add(Encoding.UTF8.GetString(line));
}
