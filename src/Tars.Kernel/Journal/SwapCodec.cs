using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Container;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Journal;

/// <summary>The octets of a swap: the new version by the hash of its bundle, and the terms.</summary>
internal static class SwapCodec
{
    private const byte NoReturn = 1;
    private const byte GrantsAll = 2;

    public static void Write(ByteWriter output, KernelEvent.Swap swap)
    {
        output.Text(swap.Module);
        output.U64(swap.Hash.A);
        output.U64(swap.Hash.B);
        output.U64(swap.Hash.C);
        output.U64(swap.Hash.D);
        output.I64(swap.Terms.Within);
        output.I64(swap.Terms.Probation);
        output.U8((byte)((swap.Terms.NoReturn ? NoReturn : 0) | (swap.Terms.GrantsAll ? GrantsAll : 0)));
        output.U32((uint)swap.Terms.Granted.Length);
        foreach (string right in swap.Terms.Granted)
        {
            output.Text(right);
        }
    }

    /// <summary>Without its image, which whoever reads has to find by the hash.</summary>
    public static KernelEvent.Swap Read(Moment at, ref ByteReader input)
    {
        string module = input.Text();
        var hash = new BundleHash(input.U64(), input.U64(), input.U64(), input.U64());
        long within = input.I64();
        long probation = input.I64();
        byte flags = input.U8();
        uint count = input.U32();
        if (within < 0 || probation < 0 || (NoReturn | GrantsAll) < flags || input.Remaining < count)
        {
            input.Fail();
        }

        var granted = ImmutableArray.CreateBuilder<string>();
        for (uint index = 0; index < count && !input.Failed; index++)
        {
            granted.Add(input.Text());
        }

        var terms = new SwapTerms
        {
            Within = within,
            Probation = probation,
            NoReturn = (flags & NoReturn) != 0,
            GrantsAll = (flags & GrantsAll) != 0,
            Granted = granted.ToImmutable(),
        };
        return new KernelEvent.Swap(at, module, hash, terms);
    }
}
