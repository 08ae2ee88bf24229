using System.Buffers.Binary;
using System.Security.Cryptography;
using Tars.Base;

namespace Tars.Kernel.Journal;

/// <summary>How records lie in a file: each behind a head that can be checked alone, each hash over the one
/// before.</summary>
/// <remarks>
/// A frame is: u32 size of the record; u32 check of the size; the record; 32 octets of SHA-256 over the hash before,
/// the head and the record. The first hash before is that of the octets that every journal begins with.
///
/// Invariants:
///   I1  A frame that is not whole at the end of the octets is torn; nothing of it is used.
///   I2  Any other octet that is not as it was written makes its frame, and so all behind it, unreadable.
///   I3  No frame begins with eight zeros, so octets that were never written are not taken for one.
/// </remarks>
public sealed class JournalFrames : IDisposable
{
    private const int HeadSize = 8;
    private const int HashSize = 32;
    private const uint MarkSizeMax = 17;
    private const uint CheckSeed = 0x54415253; // I3

    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _hash = SHA256.HashData(Begin);

    /// <summary>What every journal begins with.</summary>
    public static ReadOnlySpan<byte> Begin => "TARSLOG1"u8;

    /// <summary>A mistake that a test has put in: what is missing of the last hash is not missed.</summary>
    internal bool AcceptsTornTail { get; init; }

    /// <summary>Frames that were appended or read so far.</summary>
    public long Count { get; private set; }

    /// <summary>Appends a record in its frame.</summary>
    public void Append(ByteWriter output, ReadOnlySpan<byte> record)
    {
        Invariant.Holds(0 < record.Length && record.Length <= Limits.JournalRecordBytesMax);
        int start = output.Length;
        output.U32((uint)record.Length);
        output.U32(CheckOf((uint)record.Length));
        output.Bytes(record);
        Chain(output.Written[start..]);
        output.Bytes(_hash);
    }

    /// <summary>Reads the frame that some octets begin with.</summary>
    /// <param name="octets">All that there is, or a window of it.</param>
    /// <param name="atEnd">True when nothing follows the octets.</param>
    public JournalFrame Read(ReadOnlySpan<byte> octets, bool atEnd)
    {
        if (octets.Length < HeadSize)
        {
            return !atEnd ? new JournalFrame(FrameKind.Cut, HeadSize, default)
                : new JournalFrame(octets.IsEmpty ? FrameKind.End : FrameKind.Torn, 0, default);
        }

        uint size = BinaryPrimitives.ReadUInt32LittleEndian(octets);
        if (size is 0 or > Limits.JournalRecordBytesMax
            || BinaryPrimitives.ReadUInt32LittleEndian(octets[4..]) != CheckOf(size))
        {
            bool unwritten = atEnd && !octets.ContainsAnyExcept((byte)0); // I3
            return new JournalFrame(unwritten ? FrameKind.Torn : FrameKind.Damaged, 0, default);
        }

        int whole = HeadSize + (int)size + HashSize;
        if (octets.Length < whole)
        {
            if (AcceptsTornTail && atEnd && HeadSize + (int)size <= octets.Length)
            {
                return new JournalFrame(FrameKind.Whole, octets.Length, HeadSize..(HeadSize + (int)size));
            }

            return new JournalFrame(atEnd ? FrameKind.Torn : FrameKind.Cut, whole, default); // I1
        }

        Chain(octets[..(HeadSize + (int)size)]);
        if (!octets.Slice(whole - HashSize, HashSize).SequenceEqual(_hash))
        {
            return new JournalFrame(FrameKind.Damaged, 0, default); // I2
        }

        Count++;
        return new JournalFrame(FrameKind.Whole, whole, HeadSize..(HeadSize + (int)size));
    }

    /// <summary>Whether a mark begins here that says of itself that it stands here.</summary>
    /// <param name="at">How many octets stand before.</param>
    public static bool IsMark(ReadOnlySpan<byte> octets, long at)
    {
        if (octets.Length < HeadSize
            || BinaryPrimitives.ReadUInt32LittleEndian(octets) is not (> 0 and <= MarkSizeMax and var size)
            || octets.Length < HeadSize + size
            || BinaryPrimitives.ReadUInt32LittleEndian(octets[4..]) != CheckOf(size))
        {
            return false;
        }

        return JournalCodec.Read(octets.Slice(HeadSize, (int)size)) is JournalRecord.Mark mark && mark.Synced == at;
    }

    public void Dispose() => _digest.Dispose();

    private void Chain(ReadOnlySpan<byte> frame)
    {
        _digest.AppendData(_hash);
        _digest.AppendData(frame);
        _digest.GetHashAndReset(_hash);
    }

    private static uint CheckOf(uint size)
    {
        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(octets, size);
        return (uint)XxHash64.Of(octets, CheckSeed);
    }
}

/// <summary>What stands at a place in a journal.</summary>
/// <param name="Size">Of the whole frame; for <see cref="FrameKind.Cut"/>, octets that are needed.</param>
/// <param name="Record">Where in the octets the record lies.</param>
public readonly record struct JournalFrame(FrameKind Kind, int Size, Range Record);

/// <summary>Whether octets are a frame.</summary>
public enum FrameKind
{
    Whole,

    /// <summary>More octets are needed to say.</summary>
    Cut,

    /// <summary>Nothing follows.</summary>
    End,

    /// <summary>The writer was stopped in the middle of this frame.</summary>
    Torn,

    /// <summary>The octets were changed.</summary>
    Damaged,
}
