using Tars.Kernel.Ports;

namespace Tars.Host.Control;

/// <summary>What an operator asks of a run. The family is closed; docs/control.md has each as JSON.</summary>
/// <remarks>To add one: a record here, a row in <see cref="ControlReader"/> and one in
/// <see cref="ControlWork"/>.</remarks>
internal abstract record ControlRequest
{
    private ControlRequest()
    {
    }

    /// <param name="After">Those that were born after this one.</param>
    public sealed record Processes(long After) : ControlRequest;

    public sealed record Rights(long After) : ControlRequest;

    /// <param name="After">Letters with higher numbers.</param>
    public sealed record Dead(long After) : ControlRequest;

    /// <param name="Param">`NAME` or `MODULE.NAME`.</param>
    /// <param name="For">Nanoseconds after which it returns; null when it stays.</param>
    public sealed record Set(string Param, string Value, long? For) : ControlRequest;

    /// <param name="Gives">True to give a right back, false to take it away.</param>
    /// <param name="Process">Null for all of the module.</param>
    public sealed record Change(bool Gives, ProcessId? Process, string Module, Right Right) : ControlRequest;

    /// <param name="Letter">Null for all that are there.</param>
    /// <param name="Delivers">False to throw them away.</param>
    public sealed record Letters(long? Letter, bool Delivers) : ControlRequest;

    /// <param name="Process">Null for the system.</param>
    public sealed record Stop(ProcessId? Process) : ControlRequest;

    /// <summary>All modules are to go over to another engine.</summary>
    /// <param name="Name">As `--engine` calls it.</param>
    public sealed record Engine(string Name) : ControlRequest;

    /// <param name="Device">`NAME` or `MODULE.NAME` of a device of kind `button`.</param>
    public sealed record Press(string Device, bool IsDown) : ControlRequest;

    /// <summary>A piece of a bundle, in order; it never reaches the run.</summary>
    public sealed record Part(byte[] Octets) : ControlRequest;

    /// <summary>The bundle whose pieces came before is to take over.</summary>
    /// <param name="Gate">Hundredths of the newest events that it has to be tried on; null where that is only told.
    /// </param>
    /// <param name="IsDry">True when it is tried and does not take over.</param>
    public sealed record Swap(SwapTerms Terms, int? Gate, bool IsDry) : ControlRequest;
}
