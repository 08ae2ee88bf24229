namespace Tars.Kernel.Processes;

/// <summary>What a supervisor decided for a process whose guest is still running; what goes further comes
/// later.</summary>
internal enum Fate
{
    None,
    Restart,

    /// <summary>It is lost with its mail and begins anew.</summary>
    Crash,
    Fail,
    Stop,
}
