namespace Tars.Kernel.Processes;

/// <summary>What a process may not do while its module is swapped.</summary>
internal enum Hold
{
    None,

    /// <summary>It handles only what somebody waits for, so that those who wait come to an end.</summary>
    UnlessAsked,

    /// <summary>It handles nothing: its state is on the way.</summary>
    Still,
}
