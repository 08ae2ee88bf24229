using System.Globalization;
using Tars.Base;

namespace Tars.Sim.Sharding;

/// <summary>What a module of <see cref="ShardsText"/> says of itself.</summary>
/// <param name="By">Which module says it.</param>
/// <param name="Index">How much that has said by now, this one counted.</param>
/// <param name="Number">Of the message, the capability or the order.</param>
/// <param name="To">Who it was sent to; of a capability, how many uses it has.</param>
internal readonly record struct ShardsSaying(int By, long Index, int What, int Of, int To, long Number)
{
    /// <summary>A message was sent.</summary>
    public const int Said = 1;

    /// <summary>A message has come.</summary>
    public const int Heard = 2;

    /// <summary>A capability was narrowed.</summary>
    public const int Made = 3;

    /// <summary>A capability was revoked.</summary>
    public const int Revoked = 4;

    /// <summary>An order of the outside has come.</summary>
    public const int Ordered = 5;

    public static ShardsSaying Read(ReadOnlySpan<byte> value)
    {
        var seen = new ByteReader(value);
        return new ShardsSaying(
            (int)seen.I64(), seen.I64(), (int)seen.I64(), (int)seen.I64(), (int)seen.I64(), seen.I64());
    }

    /// <summary>What the sink was told, which is that it has heard of it.</summary>
    public static ShardsSaying Printed(ReadOnlySpan<byte> value)
    {
        long[] words = [.. new ByteReader(value).Text().Split(' ')
            .Select(one => long.Parse(one, CultureInfo.InvariantCulture))];
        return new ShardsSaying(ShardsText.Sink, words[0], Heard, (int)words[1], ShardsText.Sink, words[2]);
    }
}
