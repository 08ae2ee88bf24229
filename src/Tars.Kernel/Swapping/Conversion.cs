using System.Collections.Immutable;
using Tars.Bundle.Schema;

namespace Tars.Kernel.Swapping;

/// <summary>How a value of one type becomes a value of another, in the value encoding. Inert data.</summary>
internal abstract record Conversion
{
    private Conversion()
    {
    }

    /// <summary>The octets stay as they are.</summary>
    /// <param name="Size">How many octets every value of the type has; -1 where that differs.</param>
    public sealed record Copy(SchemaType Type, int Size) : Conversion;

    /// <summary>The octets are left out.</summary>
    public sealed record Drop(SchemaType Type, int Size) : Conversion;

    /// <summary>New octets, for which nothing is read.</summary>
    public sealed record Put(ImmutableArray<byte> Octets) : Conversion;

    /// <summary>A record whose fields keep their order: one step after the other.</summary>
    public sealed record Steps(ImmutableArray<Conversion> All) : Conversion
    {
        /// <summary>How many octets are read and written, where that is the same for all values; else null.</summary>
        public (int From, int To)? Sizes { get; } = SizesOf(All);

        private static (int From, int To)? SizesOf(ImmutableArray<Conversion> all)
        {
            var (from, to) = (0, 0);
            foreach (var step in all)
            {
                switch (step)
                {
                    case Copy { Size: >= 0 and var size }:
                        from += size;
                        to += size;
                        break;
                    case Drop { Size: >= 0 and var size }:
                        from += size;
                        break;
                    case Put put:
                        to += put.Octets.Length;
                        break;
                    default:
                        return null;
                }
            }

            return (from, to);
        }
    }

    /// <summary>A record whose fields change places.</summary>
    /// <param name="Old">The types of the old fields, in their order.</param>
    /// <param name="New">For each new field the old one that it comes from, -1 for none, and how.</param>
    public sealed record Reorder(
        ImmutableArray<SchemaType> Old, ImmutableArray<(int Source, Conversion How)> New) : Conversion;

    public sealed record EachItem(Conversion Item) : Conversion;

    /// <summary>A map: its keys stay and keep their order.</summary>
    public sealed record EachEntry(SchemaType Key, Conversion KeyHow, Conversion Value) : Conversion;

    public sealed record IfSome(Conversion Inner) : Conversion;

    public sealed record IfGood(Conversion Inner) : Conversion;

    /// <summary>A variant: for each old case its new index, and what becomes of its fields.</summary>
    public sealed record EachCase(ImmutableArray<(ushort Index, Conversion Fields)> Cases) : Conversion;

    /// <summary>True when nothing changes.</summary>
    public bool IsCopy => this is Copy;
}
