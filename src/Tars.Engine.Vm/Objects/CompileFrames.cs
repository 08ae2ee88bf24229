using System.Buffers.Binary;
using Tars.Engine.Vm.Llvm;

namespace Tars.Engine.Vm.Objects;

/// <summary>What travels over the pipes between a run and the child that compiles for it.</summary>
/// <remarks>
/// A job is its tier, its processor time in seconds and its size, then the code; an answer is its kind and its size,
/// then an object or a reason in UTF-8. All numbers are little-endian. Neither side believes the other.
/// </remarks>
internal static class CompileFrames
{
    private const int JobHeadSize = 12;
    private const int AnswerHeadSize = 8;
    private const int KindObject = 1;
    private const int KindRefusal = 2;

    public static void WriteJob(Stream to, ReadOnlySpan<byte> code, CodeTier tier, int cpuSeconds)
    {
        Span<byte> head = stackalloc byte[JobHeadSize];
        BinaryPrimitives.WriteInt32LittleEndian(head, (int)tier);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], cpuSeconds);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], code.Length);
        to.Write(head);
        to.Write(code);
        to.Flush();
    }

    /// <summary>The next job; null at the end, and when what came is none.</summary>
    public static (byte[] Code, CodeTier Tier, int CpuSeconds)? ReadJob(Stream from)
    {
        Span<byte> head = stackalloc byte[JobHeadSize];
        if (!TryFill(from, head))
        {
            return null;
        }

        var tier = (CodeTier)BinaryPrimitives.ReadInt32LittleEndian(head);
        int cpuSeconds = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
        int size = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
        if (size is < 0 or > Limits.CodeTextBytesMax || cpuSeconds < 1 || !Enum.IsDefined(tier))
        {
            return null;
        }

        byte[] code = new byte[size];
        return TryFill(from, code) ? (code, tier, cpuSeconds) : null;
    }

    public static void WriteObject(Stream to, ReadOnlySpan<byte> octets) => WriteAnswer(to, KindObject, octets);

    public static void WriteRefusal(Stream to, string reason) =>
        WriteAnswer(to, KindRefusal, System.Text.Encoding.UTF8.GetBytes(reason));

    /// <summary>The answer to a job; null when it ends too early or is none.</summary>
    /// <param name="isWhole">Whether the next answer can be read behind it.</param>
    public static ObjectAnswer? ReadAnswer(Stream from, int objectBytesMax, out bool isWhole)
    {
        Span<byte> head = stackalloc byte[AnswerHeadSize];
        isWhole = false;
        if (!TryFill(from, head))
        {
            return null;
        }

        int kind = BinaryPrimitives.ReadInt32LittleEndian(head);
        int size = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
        int sizeMax = kind == KindObject ? objectBytesMax : Limits.RefusalBytesMax;
        if (kind is not (KindObject or KindRefusal) || size < 0)
        {
            return null;
        }

        if (sizeMax < size)
        {
            return kind == KindObject
                ? new ObjectAnswer.Refused($"its machine code has {size:N0} octets; {sizeMax:N0} are allowed")
                : null;
        }

        byte[] octets = new byte[size];
        isWhole = TryFill(from, octets);
        return !isWhole ? null
            : kind == KindObject ? new ObjectAnswer.Made(octets)
            : new ObjectAnswer.Refused(PlainText.Of(octets));
    }

    private static void WriteAnswer(Stream to, int kind, ReadOnlySpan<byte> octets)
    {
        Span<byte> head = stackalloc byte[AnswerHeadSize];
        BinaryPrimitives.WriteInt32LittleEndian(head, kind);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], octets.Length);
        to.Write(head);
        to.Write(octets);
        to.Flush();
    }

    private static bool TryFill(Stream from, Span<byte> octets) =>
        from.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false) == octets.Length;
}
