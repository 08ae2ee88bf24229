using Tars.Base;

namespace Tars.Kernel.Ports;

/// <summary>Many lines in one buffer: one event for the kernel, one transaction each for whoever takes them.</summary>
/// <remarks>
/// Whoever fills a batch hands it over with an event and may touch it again after <see cref="IOutside.InputTaken"/>.
/// Then
/// <see cref="Clear"/> makes it ready for the next filling, so that input in bulk allocates nothing.
/// </remarks>
public sealed class LineBatch
{
    private (int Start, int Size)[] _lines;

    public LineBatch(int capacity, LineForm form)
    {
        Buffer = new byte[capacity];
        Form = form;
        _lines = new (int, int)[Math.Max(16, capacity / 64)];
    }

    /// <summary>Where the octets of the lines lie.</summary>
    public byte[] Buffer { get; private set; }

    public LineForm Form { get; }

    public int Count { get; private set; }

    /// <summary>True when nothing comes after these lines.</summary>
    public bool IsLast { get; set; }

    /// <summary>Processes that have not yet taken all lines; the kernel's own count.</summary>
    internal int Takers { get; set; }

    public void Clear()
    {
        Count = 0;
        IsLast = false;
    }

    /// <summary>A larger buffer with the same octets.</summary>
    public void Grow(int capacity)
    {
        byte[] larger = new byte[capacity];
        Buffer.CopyTo(larger, 0);
        Buffer = larger;
    }

    /// <summary>Says that a line is these octets of the buffer: valid UTF-8, or a valid value for that form.</summary>
    public void Add(int start, int size)
    {
        Invariant.Holds(0 <= start && 0 <= size && size <= Buffer.Length - start);
        if (Count == _lines.Length)
        {
            Array.Resize(ref _lines, 2 * Count);
        }

        _lines[Count++] = (start, size);
    }

    public ReadOnlySpan<byte> Line(int index)
    {
        var (start, size) = _lines[index];
        return Buffer.AsSpan(start, size);
    }
}

/// <summary>How a line becomes the value that a handler binds.</summary>
public enum LineForm
{
    /// <summary>`text?`: the line, and `none` after the last.</summary>
    OptionalText,

    /// <summary>`text`: the line.</summary>
    Text,

    /// <summary>The octets are a value in the encoding already.</summary>
    Encoded,
}
