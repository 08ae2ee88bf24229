using Tars.Base;

namespace Tars.Sim.Fuzz;

/// <summary>Damages the bytes of a module in a few places, as the seed will have it.</summary>
public static class WasmMutation
{
    // Bytes that mean something almost everywhere: ends, types, prefixes, the edges of LEB128.
    private static readonly byte[] _telling =
        [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x0B, 0x10, 0x11, 0x1A, 0x40, 0x60, 0x70, 0x7F, 0x80, 0xFC, 0xFD, 0xFF];

    public static byte[] Of(ReadOnlySpan<byte> module, Xoshiro256 random)
    {
        List<byte> bytes = [.. module];
        for (int left = 1 + random.Next(4); 0 < left && 0 < bytes.Count; left--)
        {
            // Mostly behind the header: what is wrong there is found at once.
            int at = bytes.Count <= 8 ? 0 : 8 + random.Next(bytes.Count - 8);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = _telling[random.Next(_telling.Length)];
                    break;
                case 2:
                    bytes.Insert(at, _telling[random.Next(_telling.Length)]);
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(1 + random.Next(3), bytes.Count - at));
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(20), bytes.Count - at)));
                    break;
                default:
                    bytes[at] = bytes[random.Next(bytes.Count)];
                    break;
            }
        }

        return [.. bytes];
    }
}
