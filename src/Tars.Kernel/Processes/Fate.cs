namespace Tars.Kernel.Processes;

/// <summary>What a supervisor decided for a process whose guest is still running.</summary>
internal enum Fate
{
    None,
    Restart,
    Fail,
    Stop,
}
