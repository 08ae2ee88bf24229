using System.Buffers.Binary;
using System.Text;
using Tars.Base;

namespace Tars.Engine.Vm.Loading;

/// <summary>An object, and before it how large the frame of each of its functions is.</summary>
/// <remarks>
/// Four octets `TFO1`; the number of functions as u32; for each its size as u32, the octets of its name as u16 and the
/// name in UTF-8; then the object. Numbers are little-endian. It is as hostile as the object: whoever believes it gives
/// code too little stack, and code that has too little is stopped.
/// </remarks>
internal static class FramedObject
{
    private const int CountSize = 4;
    private const int FunctionHeadSize = 6;

    private static ReadOnlySpan<byte> Magic => "TFO1"u8;

    /// <param name="frames">Octets, by the functions' names.</param>
    public static byte[] Write(IReadOnlyDictionary<string, long> frames, ReadOnlySpan<byte> code)
    {
        var to = new ByteWriter();
        to.Bytes(Magic);
        to.U32((uint)frames.Count);
        foreach (var (name, size) in frames.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            byte[] octets = Encoding.UTF8.GetBytes(name);
            to.U32((uint)Math.Min(size, uint.MaxValue));
            to.U16((ushort)octets.Length);
            to.Bytes(octets);
        }

        to.Bytes(code);
        return to.ToArray();
    }

    /// <returns>Null when it is damaged.</returns>
    public static (Dictionary<string, long> Frames, ReadOnlyMemory<byte> Code)? Read(ReadOnlyMemory<byte> octets)
    {
        var bytes = octets.Span;
        if (bytes.Length < Magic.Length + CountSize || !bytes.StartsWith(Magic))
        {
            return null;
        }

        uint count = BinaryPrimitives.ReadUInt32LittleEndian(bytes[Magic.Length..]);
        int at = Magic.Length + CountSize;
        var frames = new Dictionary<string, long>();
        for (uint function = 0; function < count; function++)
        {
            if (bytes.Length - at < FunctionHeadSize)
            {
                return null;
            }

            long size = BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + sizeof(uint))..]);
            at += FunctionHeadSize;
            if (bytes.Length - at < length
                || !frames.TryAdd(Encoding.UTF8.GetString(bytes.Slice(at, length)), size))
            {
                return null;
            }

            at += length;
        }

        return (frames, octets[at..]);
    }
}
