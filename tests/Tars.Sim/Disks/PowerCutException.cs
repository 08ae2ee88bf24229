namespace Tars.Sim.Disks;

/// <summary>The power is cut in the middle of a call of the disk: whoever made it gets no further.</summary>
/// <remarks>No failure of a disk, which a run is told of and lives through.</remarks>
internal sealed class PowerCutException : Exception;
