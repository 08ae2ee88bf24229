namespace Tars.Devices.Random;

/// <summary>A device of kind `random` as a guest sees it: octets that nobody can foretell, for keys.</summary>
/// <remarks>What a handler needs to draw, but not to hide, it has from `random()`, which a seed decides.</remarks>
public static class Device
{
    /// <summary>The word under `capabilities.devices`.</summary>
    public const string Kind = "random";

    /// <summary>The number of `octets` among the asks of the kind.</summary>
    public const int Octets = 0;
}
