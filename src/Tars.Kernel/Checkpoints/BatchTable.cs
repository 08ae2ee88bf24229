using System.Text.Unicode;
using Tars.Base;
using Tars.Kernel.Ipc;
using Tars.Kernel.Journal;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Checkpoints;

/// <summary>The batches of lines that wait in mailboxes, each once however many processes wait for it.</summary>
internal sealed class BatchTable
{
    private readonly List<LineBatch> _batches = [];
    private readonly Dictionary<LineBatch, int> _places = [];

    /// <summary>Where a batch stands; it was met before.</summary>
    public int PlaceOf(LineBatch batch) => _places[batch];

    public LineBatch? Find(uint place) => place < (uint)_batches.Count ? _batches[(int)place] : null;

    public void Save(ByteWriter output, IEnumerable<Process> processes)
    {
        foreach (var batch in WaitingIn(processes))
        {
            if (_places.TryAdd(batch, _batches.Count))
            {
                _batches.Add(batch);
            }
        }

        output.U32((uint)_batches.Count);
        foreach (var batch in _batches)
        {
            LineBatchCodec.Write(output, batch);
        }
    }

    public bool Load(ref ByteReader input)
    {
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            if (LineBatchCodec.Read(ref input) is not { } batch || !IsText(batch))
            {
                return false;
            }

            _batches.Add(batch);
        }

        return !input.Failed;
    }

    /// <summary>Every entry that names a batch is one that has yet to take it.</summary>
    public static void CountTakers(IEnumerable<Process> processes)
    {
        foreach (var batch in WaitingIn(processes))
        {
            batch.Takers++;
        }
    }

    private static bool IsText(LineBatch batch)
    {
        for (int index = 0; batch.Form != LineForm.Encoded && index < batch.Count; index++)
        {
            if (!Utf8.IsValid(batch.Line(index)))
            {
                return false;
            }
        }

        return true;
    }

    private static IEnumerable<LineBatch> WaitingIn(IEnumerable<Process> processes)
    {
        foreach (var process in processes)
        {
            for (int index = 0; index < process.Mail.Count; index++)
            {
                if (process.Mail.At(index) is { Kind: MailKind.Lines, Lines: { } batch })
                {
                    yield return batch;
                }
            }
        }
    }
}
