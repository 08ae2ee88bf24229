using System.Collections.Immutable;

namespace Tars.Bundle.Wasm;

/// <summary>A u32 in a module's memory that its code makes one more: how that is written, and found again.</summary>
public static class MemoryCounter
{
    /// <summary>Octets of one.</summary>
    public const int Size = 4;

    private static readonly ImmutableArray<Opcode> _sequence =
        [Opcode.I32Const, Opcode.I32Const, Opcode.I32Load, Opcode.I32Const, Opcode.I32Add, Opcode.I32Store];

    /// <summary>What counting burns, each time.</summary>
    public static int Fuel { get; } = _sequence.Sum(one => one.Info().Fuel);

    /// <param name="address">A multiple of <see cref="Size"/>.</param>
    public static void Write(CodeWriter code, int address) => code
        .I32Const(address).I32Const(address).Load(Opcode.I32Load).I32Const(1).Op(Opcode.I32Add)
        .Store(Opcode.I32Store);

    /// <summary>A module in which counting costs nothing: it burns what it would if it did not count.</summary>
    /// <remarks>What a bundle burns is part of what it means: this is for code that somebody counts for himself, and
    /// that is run by nobody else.</remarks>
    /// <param name="address">Where the counters begin.</param>
    /// <param name="size">Of all of them, in octets.</param>
    public static ValidatedModule Uncharged(ValidatedModule module, int address, int size) => module.With(
        [.. module.Functions.Select(one => one.With(RegionsOf(module, one, address, size)))]);

    private static ImmutableArray<FuelRegion> RegionsOf(
        ValidatedModule module, ValidatedFunction function, int address, int size)
    {
        var regions = function.Regions.ToBuilder();
        int region = 0;
        int seen = 0;
        int counter = 0;
        var walker = module.Walk(function);
        while (walker.Next())
        {
            ref readonly var at = ref walker.At;
            bool isAddress = at.Opcode == Opcode.I32Const && at.I32 - address >= 0 && at.I32 - address < size;
            bool isNext = at.Opcode == _sequence[seen] && seen switch
            {
                0 => isAddress,
                1 => isAddress && at.I32 == counter,
                3 => at.I32 == 1,
                2 or 5 => at.Offset == 0,
                _ => true,
            };
            if (!isNext)
            {
                // Of three addresses in a row the last two may begin it.
                seen = seen == 2 && isAddress && at.I32 == counter ? 2 : isAddress ? 1 : 0;
                counter = isAddress ? at.I32 : counter;
                continue;
            }

            counter = seen == 0 ? at.I32 : counter;
            seen++;
            if (seen == _sequence.Length)
            {
                seen = 0;
                region = Around(regions, region, at.Position);
                regions[region] = regions[region] with { Cost = regions[region].Cost - Fuel };
            }
        }

        regions.RemoveAll(one => one.Cost == 0);
        return regions.ToImmutable();
    }

    // No region begins within the sequence, and it costs something, so there is one round it.
    private static int Around(ImmutableArray<FuelRegion>.Builder regions, int from, int position)
    {
        int region = from;
        while (region + 1 < regions.Count && regions[region + 1].Offset <= position)
        {
            region++;
        }

        return region;
    }
}
