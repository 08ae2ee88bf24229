namespace Tars.Packages.Grants;

/// <summary>What the command line gives to a device, for one run.</summary>
/// <param name="Flag">As it was written: `--store`.</param>
/// <param name="Kind">Of the device; "" for a module that takes the place of one of any kind.</param>
/// <param name="Name">`NAME` or `MODULE.NAME`; "" for every device of the kind.</param>
/// <param name="Given">A path, an origin, an address or a module.</param>
public sealed record FlagGrant(string Flag, string Kind, string Name, string Given);
