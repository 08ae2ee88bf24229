using System.Text;
using Tars.Base;

namespace Tars.Devices.Console;

/// <summary>The real outside of a `console` device: a stream that gets one line after the other.</summary>
/// <remarks>
/// What a guest prints cannot drive the terminal: control and format characters other than tab are shown as U+FFFD.
/// </remarks>
public sealed class Host(Stream stream)
{
    public Metrics Metrics { get; } = new();

    /// <summary>What may be several lines.</summary>
    /// <exception cref="IOException">The stream cannot be written to.</exception>
    public void Print(ReadOnlySpan<byte> text)
    {
        while (text.IndexOf((byte)'\n') is var at and >= 0)
        {
            PrintLine(text[..at]);
            text = text[(at + 1)..];
        }

        PrintLine(text);
    }

    /// <summary>One line, whatever is in it.</summary>
    /// <exception cref="IOException">The stream cannot be written to.</exception>
    public void PrintLine(ReadOnlySpan<byte> line)
    {
        Metrics.Lines++;
        Metrics.Octets += line.Length + 1;
        bool isPlain = !line.ContainsAnyExceptInRange((byte)' ', (byte)'~');
        stream.Write(isPlain ? line : Encoding.UTF8.GetBytes(Printable.Of(Encoding.UTF8.GetString(line))));
        stream.WriteByte((byte)'\n');
    }
}
