using System.Globalization;
using Tars.Kernel.Journal;

namespace Tars.Host.Journal.Durable;

/// <summary>One file of a durable journal, read whole: its records up to a torn end.</summary>
/// <remarks>
/// Records are written in groups, a group only when the one before is synced, and each begins with a mark that says
/// where it stands. So whatever a power cut has left of the last group, in whatever order the disk had written it, is
/// torn; octets that do not hold before a mark that was written later have been changed.
/// </remarks>
internal sealed class Segment : IDisposable
{
    private const string Ending = ".tarslog";
    private const int NumberDigits = 10;

    private readonly byte[] _octets;
    private JournalFrames _frames = new();

    public Segment(string name, byte[] octets)
    {
        Name = name;
        _octets = octets;
        bool begins = octets.AsSpan().StartsWith(JournalFrames.Begin);
        At = begins ? JournalFrames.Begin.Length : 0;

        // A disk may have written the sectors of a head in any order, the first one last.
        var first = octets.AsSpan(0, Math.Min(octets.Length, JournalFrames.Begin.Length));
        bool isUnwritten = octets.Length < JournalFrames.Begin.Length || !first.ContainsAnyExcept((byte)0);
        IsTorn = !begins && isUnwritten && !HasMarkBehind();
        Damage = begins || IsTorn ? null : "it is no journal";
    }

    public string Name { get; }

    /// <summary>Octets of the records that were read so far.</summary>
    public int At { get; private set; }

    /// <summary>True once the end was found to be torn.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>Why nothing more can be read; null when all is well.</summary>
    public string? Damage { get; private set; }

    public static string NameOf(long number) => number.ToString(CultureInfo.InvariantCulture)
        .PadLeft(NumberDigits, '0') + Ending;

    /// <summary>The number of a segment; null for another file.</summary>
    public static long? NumberOf(string name) =>
        name.Length == NumberDigits + Ending.Length && name.EndsWith(Ending, StringComparison.Ordinal)
        && long.TryParse(name.AsSpan(0, NumberDigits), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : null;

    /// <summary>The next record; null at the end, whatever the reason.</summary>
    public JournalRecord? Next()
    {
        if (IsTorn || Damage is not null)
        {
            return null;
        }

        var frame = _frames.Read(_octets.AsSpan(At), atEnd: true);
        switch (frame.Kind)
        {
            case FrameKind.Whole:
                if (JournalCodec.Read(_octets.AsSpan(At)[frame.Record]) is { } record)
                {
                    At += frame.Size;
                    return record;
                }

                Damage = $"record {_frames.Count} is none that is known here";
                return null;
            case FrameKind.End:
                return null;
            case FrameKind.Torn:
                IsTorn = true;
                return null;
            case FrameKind.Damaged:
                IsTorn = !HasMarkBehind();
                Damage = IsTorn ? null : $"record {_frames.Count + 1} is damaged";
                return null;
            default:
                throw new System.Diagnostics.UnreachableException(); // All octets are there, so none is cut.
        }
    }

    /// <summary>Frames that go on behind the records that were read; they are the caller's.</summary>
    public JournalFrames Frames()
    {
        // A frame that did not hold has left its hash behind.
        _frames.Dispose();
        _frames = new JournalFrames();
        for (int at = JournalFrames.Begin.Length; at < At;)
        {
            at += _frames.Read(_octets.AsSpan(at..At), atEnd: true).Size;
        }

        var frames = _frames;
        _frames = new JournalFrames();
        return frames;
    }

    public void Dispose() => _frames.Dispose();

    private bool HasMarkBehind()
    {
        for (int at = At + 1; at < _octets.Length; at++)
        {
            if (JournalFrames.IsMark(_octets.AsSpan(at), at))
            {
                return true;
            }
        }

        return false;
    }
}
