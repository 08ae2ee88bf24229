namespace Tars.Devices.Console;

/// <summary>The real outside of a `console` device: a stream that gets one line after the other.</summary>
/// <remarks>
/// A guest's control characters other than tab are written as `?`, so that no script can drive the terminal.
/// </remarks>
public sealed class Host(Stream stream)
{
    public Metrics Metrics { get; } = new();

    /// <exception cref="IOException">The stream cannot be written to.</exception>
    public void Print(ReadOnlySpan<byte> line)
    {
        Metrics.Lines++;
        Metrics.Octets += line.Length + 1;
        while (line.IndexOfAnyInRange((byte)0, (byte)31) is var at and >= 0)
        {
            stream.Write(line[..at]);
            stream.WriteByte(line[at] == '\t' || line[at] == '\n' ? line[at] : (byte)'?');
            line = line[(at + 1)..];
        }

        stream.Write(line);
        stream.WriteByte((byte)'\n');
    }
}
