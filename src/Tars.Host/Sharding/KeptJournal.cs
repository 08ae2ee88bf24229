using Tars.Host.Journal;
using Tars.Host.Journal.Durable;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Host.Sharding;

/// <summary>The journal of one shard of a run that is kept, and the mail that it holds back.</summary>
/// <remarks>
/// Invariant: mail counts as kept when the event that took it is synced. So whoever sent it may forget it then.
/// </remarks>
internal sealed class KeptJournal : IRunJournal
{
    private readonly DurableJournal _journal;
    private readonly Queue<(int Shard, long Sequence, long Happened)> _taken = [];
    private readonly long[] _kept;

    /// <param name="kernel">As it goes on, or begins: all that it has taken is on the disk.</param>
    public KeptJournal(DurableJournal journal, OutgoingMail mail, Kernel.Kernel kernel)
    {
        _journal = journal;
        Mail = mail;
        _kept = [.. kernel.ShardView!.Received]; // It is one of several.
    }

    public OutgoingMail Mail { get; }

    public string? Error => _journal.Error;

    public bool KeepsAll => _journal.KeepsAll;

    public bool IsLeft => _journal.IsLeft;

    /// <summary>The number of the newest mail of another shard that is on the disk here. Any thread may ask.</summary>
    public long KeptFrom(int shard) => Volatile.Read(ref _kept[shard]);

    public void Note(InputPlace input) => _journal.Note(input);

    public void Note(ReadOnlyMemory<byte> bundle) => _journal.Note(bundle);

    public StepResult Step(Kernel.Kernel kernel, KernelEvent happened)
    {
        var answer = _journal.Step(kernel, happened);
        if (happened is KernelEvent.FromShard mail)
        {
            _taken.Enqueue((mail.Shard, mail.Sequence, _journal.Events));
        }

        return answer;
    }

    public StepResult Turn(Kernel.Kernel kernel, Moment at) => _journal.Turn(kernel, at);

    public void Flush() => _journal.Flush();

    /// <summary>Lets out the mail whose events are on the disk.</summary>
    /// <param name="keptBy">What is on the disk of the shard with that number, of the mail of this one.</param>
    /// <returns>How many records needed not leave, since their receiver has them.</returns>
    public int Leave(Func<int, long> keptBy, Action<int, long, ReadOnlyMemory<byte>> send)
    {
        long taken = Mail.Mistake == MailMistake.ReceiptBeforeSync ? _journal.Events : _journal.Synced;
        while (_taken.TryPeek(out var first) && first.Happened <= taken)
        {
            _taken.Dequeue();
            Volatile.Write(ref _kept[first.Shard], first.Sequence);
        }

        for (int shard = 0; shard < _kept.Length; shard++)
        {
            Mail.Keep(shard, keptBy(shard));
        }

        return Mail.Leave(Mail.Mistake == MailMistake.LeavesBeforeSync ? _journal.Events : _journal.Synced, send);
    }

    /// <summary>Where a simulation drives it: the disk has time for the group that waits.</summary>
    public void Write() => _journal.Write();

    public void End(Kernel.Kernel kernel) => _journal.End(kernel);

    public void Dispose() => _journal.Dispose();
}
