using Tars.Kernel.Journal;
using Tars.Kernel.Ports;

namespace Tars.Evolution.Trials;

/// <summary>One shard of a trial, or the only kernel: the recorded code and the other, and how far each has come.
/// </summary>
internal sealed class TrialLane(TrialOutside old, TrialOutside now)
{
    public TrialOutside Old { get; } = old;

    public TrialOutside New { get; } = now;

    /// <summary>What devices answered the recorded code here.</summary>
    public TrialAnswers Answers { get; } = new();

    /// <summary>Answers that the other code is to be given at some time between recorded events.</summary>
    public PriorityQueue<(long Number, DeviceAnswer Given), (long At, long Serial)> Late { get; } = new();

    /// <summary>The kernel with the other code; null before it is made.</summary>
    public Kernel.Kernel? Kernel { get; set; }

    /// <summary>Looks at what it is stepped with; null before it is made.</summary>
    public EventAdmission? Admission { get; set; }

    /// <summary>True where mail can come: it goes on from a checkpoint, or has had its first event.</summary>
    public bool HasBegun { get; set; }

    /// <summary>What its newest Step answered.</summary>
    public StepResult Last { get; set; }

    /// <summary>What the recorded code had left to do after its newest event here; null before the first.</summary>
    public TrialRest? Rest { get; set; }

    /// <summary>True when it has something to do at once that the recorded code had not.</summary>
    public bool IsBusy => Rest is { MoreToDo: false } && Last.MoreToDo;

    /// <summary>When something is due here before the next recorded event: an answer, or a timer that the recorded code
    /// had not set.</summary>
    public long Due
    {
        get
        {
            long known = Rest is { } rest ? rest.NextDue ?? long.MaxValue : 0;
            long timer = Last.NextDue is { } due && due < known ? due : long.MaxValue;
            return Math.Min(timer, Late.TryPeek(out _, out var answer) ? answer.At : long.MaxValue);
        }
    }
}

/// <summary>What the recorded code had left to do after an event.</summary>
internal readonly record struct TrialRest(bool MoreToDo, long? NextDue);
