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
        Write(output, swap.Hash);
        output.I64(swap.Terms.Within);
        output.I64(swap.Terms.Probation);
        output.U8((byte)((swap.Terms.NoReturn ? NoReturn : 0) | (swap.Terms.GrantsAll ? GrantsAll : 0)));
        Write(output, swap.Terms.Granted);
    }

    /// <summary>A step of a swap over shards.</summary>
    public static void WriteStep(ByteWriter output, KernelEvent step)
    {
        if (step is KernelEvent.SwapHere here)
        {
            output.I64(here.Ticket);
            Write(output, here.Refusals);
        }
        else if (step is KernelEvent.SwapElsewhere elsewhere)
        {
            output.Text(elsewhere.Module);
            Write(output, elsewhere.Hash);
            output.U8(elsewhere.IsDone ? (byte)1 : (byte)0);
            output.U32((uint)elsewhere.Newcomers.Length);
            foreach (var (agent, process) in elsewhere.Newcomers)
            {
                output.U32((uint)agent);
                output.I64(process.Value);
            }
        }
    }

    public static KernelEvent ReadHere(Moment at, ref ByteReader input) =>
        new KernelEvent.SwapHere(at, input.I64(), ReadTexts(ref input));

    /// <summary>Without its image, as a swap.</summary>
    public static KernelEvent ReadElsewhere(Moment at, ref ByteReader input)
    {
        string module = input.Text();
        var hash = ReadHash(ref input);
        bool isDone = JournalCodec.ReadFlag(ref input);
        var newcomers = ImmutableArray.CreateBuilder<Newcomer>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            newcomers.Add(new Newcomer((int)input.U32(), new ProcessId(input.I64())));
        }

        return new KernelEvent.SwapElsewhere(at, module, hash, isDone, newcomers.ToImmutable());
    }

    private static void Write(ByteWriter output, BundleHash hash)
    {
        output.U64(hash.A);
        output.U64(hash.B);
        output.U64(hash.C);
        output.U64(hash.D);
    }

    private static BundleHash ReadHash(ref ByteReader input) =>
        new(input.U64(), input.U64(), input.U64(), input.U64());

    private static void Write(ByteWriter output, ImmutableArray<string> texts)
    {
        output.U32((uint)texts.Length);
        foreach (string text in texts)
        {
            output.Text(text);
        }
    }

    private static ImmutableArray<string> ReadTexts(ref ByteReader input)
    {
        var texts = ImmutableArray.CreateBuilder<string>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            texts.Add(input.Text());
        }

        return texts.ToImmutable();
    }

    /// <summary>Without its image, which whoever reads has to find by the hash.</summary>
    public static KernelEvent.Swap Read(Moment at, ref ByteReader input)
    {
        string module = input.Text();
        var hash = ReadHash(ref input);
        long within = input.I64();
        long probation = input.I64();
        byte flags = input.U8();
        if (within < 0 || probation < 0 || (NoReturn | GrantsAll) < flags)
        {
            input.Fail();
        }

        var granted = ReadTexts(ref input);

        var terms = new SwapTerms
        {
            Within = within,
            Probation = probation,
            NoReturn = (flags & NoReturn) != 0,
            GrantsAll = (flags & GrantsAll) != 0,
            Granted = granted,
        };
        return new KernelEvent.Swap(at, module, hash, terms);
    }
}
