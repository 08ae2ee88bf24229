using Tars.Base;
using Tars.Kernel.Checkpoints;
using Tars.Kernel.Ipc;
using Tars.Kernel.Ports;
using Tars.Kernel.Swapping;

namespace Tars.Kernel.Supervision;

/// <summary>Events that were rolled back, until an operator has them delivered again or throws them away.</summary>
/// <remarks>
/// Invariants:
///   I1  A letter that was delivered is in the box no more, so none is delivered twice.
///   I2  The box is bounded in number and octets; the oldest letters give way.
///   I3  A letter that can be delivered is mail of the version that runs: a swap converts it as it converts mail that
///       waits, or it stays to be looked at.
/// </remarks>
internal sealed class DeadLetterBox(KernelState state)
{
    private readonly LinkedList<KeptLetter> _letters = new();
    private long _octets;

    /// <summary>How many there ever were.</summary>
    public long Total { get; private set; }

    public IEnumerable<KeptLetter> Letters => _letters;

    public void Save(ByteWriter output)
    {
        output.I64(Total);
        output.U32((uint)_letters.Count);
        foreach (var letter in _letters)
        {
            LetterCodec.Save(state, output, letter);
        }
    }

    public bool Load(ref ByteReader input)
    {
        Total = input.I64();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            if (LetterCodec.Load(state, ref input) is not { } letter || !IsNext(letter.Number))
            {
                return false;
            }

            letter.Blobs?.Take();
            _letters.AddLast(letter);
            _octets += OctetsOf(letter);
        }

        return !input.Failed && _letters.Count <= Limits.DeadLettersMax && _octets <= Limits.DeadLettersBytesMax;
    }

    // On one of several shards, letters that came with a module have numbers of another.
    private bool IsNext(long number) => state.Shards is null
        ? number <= Total && (_letters.Last?.Value.Number ?? 0) < number
        : 0 < number && Find(number) is null;

    public void Add(KeptLetter letter)
    {
        // Over all shards no two letters have one number.
        letter.Blobs?.Take();
        Put(letter with { Number = (Total++ * state.NumberStep) + (state.Shards?.Own ?? 0) + 1 });
    }

    /// <summary>A letter comes from another shard, with what it was for.</summary>
    public void Take(KeptLetter letter)
    {
        letter.Blobs?.Take();
        Put(letter);
    }

    private void Put(KeptLetter letter)
    {
        _letters.AddLast(letter);
        _octets += OctetsOf(letter);
        while (Limits.DeadLettersMax < _letters.Count || Limits.DeadLettersBytesMax < _octets) // I2
        {
            Remove(_letters.First!); // There is one as long as there is something to count.
        }
    }

    /// <summary>Throws a letter away; false when there is none of that number.</summary>
    public bool Remove(long number)
    {
        if (Find(number) is not { } node)
        {
            return false;
        }

        Remove(node);
        return true;
    }

    /// <summary>Delivers a letter as new mail, behind all that waits; nobody is answered for it any more.</summary>
    /// <returns>Null, or why it stays in the box.</returns>
    public string? Deliver(long number)
    {
        if (Find(number) is not { Value: var letter } node)
        {
            return "there is no such dead letter";
        }

        if (letter.WhyNot.Length != 0 || state.IsStopping)
        {
            return state.IsStopping ? "the system stops" : letter.WhyNot;
        }

        if (state.Find(letter.Letter.Process) is not { } target)
        {
            return state.Shards?.IsElsewhere(letter.Letter.Process) == true
                ? "its receiver does not live on this shard, if it lives"
                : "its receiver has ended";
        }

        var mail = new Mail
        {
            Kind = MailKind.Message,
            Handler = letter.HandlerIndex,
            Turns = letter.Turns,
            Instant = state.Now.Instant,
            Arrived = state.Now.Monotonic,
            Blobs = letter.Blobs,
        };
        if (state.Delivery.Send(sender: null, target, mail, letter.Event.AsSpan()) is { } refused)
        {
            return refused;
        }

        if (state.Planted != Planted.DeadLetterTwice)
        {
            Remove(node); // I1
        }

        return null;
    }

    /// <summary>A module is swapped: its letters become letters of the new version.</summary>
    public void Convert(SwapWork work) // I3
    {
        for (var node = _letters.First; node is not null; node = node.Next)
        {
            if (node.Value.Module == work.Old.Manifest.Name)
            {
                _octets -= OctetsOf(node.Value);
                node.Value = Convert(node.Value, MoveOf(node.Value, work));
                _octets += OctetsOf(node.Value);
            }
        }
    }

    // By the agent and not by the process, which may have ended: its letters are still shown, and kept in checkpoints.
    private static AgentMove? MoveOf(KeptLetter letter, SwapWork work)
    {
        for (int agent = 0; agent < work.Old.Manifest.Agents.Length; agent++)
        {
            if (work.Old.Manifest.Agents[agent].Name == letter.Agent)
            {
                return work.Plan.Agents[agent];
            }
        }

        return null;
    }

    private static KeptLetter Convert(KeptLetter letter, AgentMove? move)
    {
        if (letter.WhyNot.Length != 0)
        {
            return letter;
        }

        if (move is null)
        {
            return letter with { WhyNot = "the version that runs now has no such agent" };
        }

        var handler = move.Handlers[letter.HandlerIndex];
        if (handler.Handler < 0 || handler.Payload is null)
        {
            string why = handler.Why.Length == 0 ? "has no such handler" : handler.Why;
            return letter with { WhyNot = $"the version that runs now takes it no more: {why}" };
        }

        var mail = new Mail { Kind = MailKind.Message, Handler = letter.HandlerIndex };
        (mail, byte[] octets) = WaitingMail.Convert(mail, [.. letter.Event], move);
        return letter with
        {
            HandlerIndex = mail.Handler,
            Event = [.. octets],
            Type = new Bundle.Schema.SchemaType.Record("", move.New.Handlers[mail.Handler].Payload),
        };
    }

    private LinkedListNode<KeptLetter>? Find(long number)
    {
        for (var node = _letters.Last; node is not null; node = node.Previous)
        {
            if (node.Value.Number == number)
            {
                return node;
            }
        }

        return null;
    }

    private static long OctetsOf(KeptLetter letter) => letter.Event.Length + (letter.Blobs?.Octets ?? 0);

    private void Remove(LinkedListNode<KeptLetter> node)
    {
        _octets -= OctetsOf(node.Value);
        node.Value.Blobs?.Drop();
        _letters.Remove(node);
    }
}
