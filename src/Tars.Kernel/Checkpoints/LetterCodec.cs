using System.Collections.Immutable;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Schema;
using Tars.Kernel.Blobs;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Checkpoints;

/// <summary>The octets of a dead letter. What its event was typed as is known by the handler that it was for.</summary>
internal static class LetterCodec
{
    public static void Save(KernelState state, ByteWriter output, KeptLetter kept)
    {
        var letter = kept.Letter;
        output.I64(kept.Number);
        output.Text(kept.Module);
        output.Text(kept.Agent);
        output.Text(kept.Handler);
        output.Text(kept.Place);
        output.Text(kept.WhyNot);
        output.U32((uint)kept.HandlerIndex);
        output.U32((uint)kept.Turns);
        output.I64(letter.Process.Value);
        output.U32((uint)letter.Handler);
        output.I64(letter.Sender.Value);
        output.U8((byte)letter.Fault);
        output.U32((uint)letter.Trap);
        output.Text(letter.Detail);
        output.U32(letter.Site);
        output.I64(letter.Instant);
        output.U32((uint)letter.Payload.Length);
        output.Bytes(letter.Payload.AsSpan());

        // A version that is gone takes the type of its events with it.
        var octets = kept.Type.Equals(TypeOf(state, kept)) ? kept.Event.AsSpan() : [];
        output.U32((uint)octets.Length);
        output.Bytes(octets);
        output.U32((uint)kept.Before.Length);
        foreach (var before in kept.Before)
        {
            Save(state, output, kept, before);
        }
    }

    public static KeptLetter? Load(KernelState state, ref ByteReader input)
    {
        long number = input.I64();
        var (module, agent, handler, place) = (input.Text(), input.Text(), input.Text(), input.Text());
        string whyNot = input.Text();
        int index = (int)input.U32();
        int turns = (int)input.U32();
        var letter = new DeadLetter(
            new ProcessId(input.I64()),
            (int)input.U32(),
            new ProcessId(input.I64()),
            (FaultKind)input.U8(),
            (GuestTrap)input.U32(),
            input.Text(),
            input.U32(),
            input.I64(),
            [.. input.Bytes(input.U32())]);
        var kept = new KeptLetter(number, letter, module, agent, handler, place)
        {
            WhyNot = whyNot,
            HandlerIndex = index,
            Turns = turns,
            Event = [.. input.Bytes(input.U32())],
        };
        var type = TypeOf(state, kept);
        bool fits = !input.Failed && -1 <= letter.Handler && -1 <= index && 0 <= turns && 0 < number
            && Enum.IsDefined(letter.Fault) && Enum.IsDefined(letter.Trap)
            && (whyNot.Length != 0 || (0 <= index && type is not null
                && ValueEncoding.IsValid(type, kept.Event.AsSpan())));
        var events = LoadBefore(state, ref input, kept);
        if (!fits || input.Failed)
        {
            return null;
        }

        var blobs = type is null ? null : BlobPlaces.HoldOf(type, kept.Event.AsSpan(), state.Blobs);
        return kept with { Type = type ?? kept.Type, Blobs = blobs, Before = events };
    }

    private static void Save(KernelState state, ByteWriter output, KeptLetter kept, RecentEvent before)
    {
        output.Text(before.Handler);
        output.I64(before.Sender.Value);
        output.I64(before.Instant);
        output.U32((uint)before.Size);
        output.U32((uint)before.HandlerIndex);
        bool isKept = before.Event is not null && before.Type.Equals(TypeOf(state, kept, before.HandlerIndex));
        output.U8(isKept ? (byte)1 : (byte)0);
        if (isKept)
        {
            output.Bytes(before.Event!.Value.AsSpan());
        }
    }

    private static ImmutableArray<RecentEvent> LoadBefore(KernelState state, ref ByteReader input, KeptLetter kept)
    {
        var events = ImmutableArray.CreateBuilder<RecentEvent>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            var before = new RecentEvent(
                input.Text(), new ProcessId(input.I64()), input.I64(), (int)input.U32())
            {
                HandlerIndex = (int)input.U32(),
            };
            if (before.Size < 0 || Limits.RecentEventsMax <= events.Count)
            {
                input.Fail();
            }

            if (input.U8() == 1)
            {
                var octets = input.Bytes(before.Size);
                if (TypeOf(state, kept, before.HandlerIndex) is not { } type || !ValueEncoding.IsValid(type, octets))
                {
                    input.Fail();
                    break;
                }

                before = before with { Event = [.. octets], Type = type };
            }

            events.Add(before);
        }

        return events.DrainToImmutable();
    }

    // Null when no version that runs has the handler.
    private static SchemaType.Record? TypeOf(KernelState state, KeptLetter kept) =>
        TypeOf(state, kept, kept.HandlerIndex);

    private static SchemaType.Record? TypeOf(KernelState state, KeptLetter kept, int handler)
    {
        foreach (var agent in state.System.Agents)
        {
            if (agent.Name == kept.Agent && agent.Module.Manifest.Name == kept.Module)
            {
                return (uint)handler < (uint)agent.Handlers.Length
                    ? agent.Handlers[handler].Payload
                    : null;
            }
        }

        return null;
    }
}
