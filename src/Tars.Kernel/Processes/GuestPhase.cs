namespace Tars.Kernel.Processes;

/// <summary>What the guest of a process is doing.</summary>
internal enum GuestPhase
{
    Idle,

    /// <summary>It makes its event ring larger; the batch is composed anew afterwards.</summary>
    Reserving,

    /// <summary>It handles a batch.</summary>
    Handling,

    /// <summary>It handles an event of the kernel's own.</summary>
    Alone,
}
