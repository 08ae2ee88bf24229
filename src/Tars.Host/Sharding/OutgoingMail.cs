using System.Collections.Immutable;
using Tars.Kernel.Journal;

namespace Tars.Host.Sharding;

/// <summary>The mail of one shard that is kept: it leaves when the disk has the event that sent it, and is put by until
/// its receiver's disk has it too.</summary>
/// <remarks>
/// Invariants:
///   I1  Mail leaves when its event is synced, in the order of its numbers. So no shard has taken what another could
///       forget to have sent.
///   I2  What the disk of its receiver does not have is here, or is made again by the events behind the checkpoint.
/// It is the log of messages of E. N. Elnozahy et al., A Survey of Rollback-Recovery Protocols, ACM Computing Surveys
/// 34(3), 2002: pessimistic, kept by sender and receiver.
/// </remarks>
internal sealed class OutgoingMail(int shards)
{
    private readonly Queue<Letter>[] _waiting = [.. Enumerable.Range(0, shards).Select(_ => new Queue<Letter>())];
    private readonly Queue<Letter>[] _left = [.. Enumerable.Range(0, shards).Select(_ => new Queue<Letter>())];
    private readonly long[] _kept = new long[shards];
    private readonly long[] _numbers = new long[shards];
    private int _added;

    /// <summary>What the simulator has put in.</summary>
    public MailMistake Mistake { get; init; }

    /// <summary>An event sends mail.</summary>
    /// <param name="happened">The event, counted from one.</param>
    public void Add(int shard, long sequence, ReadOnlyMemory<byte> records, long happened)
    {
        long number = Mistake == MailMistake.NumberedAnew ? ++_numbers[shard] : sequence;
        _waiting[shard].Enqueue(new Letter(number, records, happened));
        _added++;
    }

    /// <summary>How many were added since it was asked last.</summary>
    public int TakeAdded()
    {
        int added = _added;
        _added = 0;
        return added;
    }

    /// <summary>The disk of a receiver has all up to a number.</summary>
    public void Keep(int shard, long sequence)
    {
        _kept[shard] = Math.Max(_kept[shard], sequence);
        while (_left[shard].TryPeek(out var first) && first.Sequence <= _kept[shard])
        {
            _left[shard].Dequeue();
        }
    }

    /// <summary>Lets out what events up to this one have sent.</summary>
    /// <param name="send">Told the shard, the number and the records.</param>
    /// <returns>How many needed not leave, since their receiver has them.</returns>
    public int Leave(long synced, Action<int, long, ReadOnlyMemory<byte>> send)
    {
        int known = 0;
        for (int shard = 0; shard < shards; shard++)
        {
            while (_waiting[shard].TryPeek(out var letter) && letter.Happened <= synced) // I1
            {
                _waiting[shard].Dequeue();
                if (letter.Sequence <= _kept[shard] && Mistake != MailMistake.KeptSentAgain)
                {
                    known++;
                    continue;
                }

                _left[shard].Enqueue(letter); // I2
                send(shard, letter.Sequence, letter.Records);
            }
        }

        return known;
    }

    /// <summary>What is not known to be on the disk of its receiver, for a checkpoint.</summary>
    public ImmutableArray<KeptMail> All() => Mistake == MailMistake.UnkeptForgotten ? [] :
    [
        .. Enumerable.Range(0, shards).SelectMany(shard => _left[shard].Concat(_waiting[shard])
            .Select(one => new KeptMail(shard, one.Sequence, one.Records))),
    ];

    private readonly record struct Letter(long Sequence, ReadOnlyMemory<byte> Records, long Happened);
}
