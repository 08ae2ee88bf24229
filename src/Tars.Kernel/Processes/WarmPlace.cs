namespace Tars.Kernel.Processes;

/// <summary>A place among the warm processes; null in it stands for a process that has ended.</summary>
internal sealed class WarmPlace
{
    public Process? Process { get; set; }
}
