namespace Tars.Packages.Grants;

/// <summary>What the command line gives to a device, for one run.</summary>
/// <param name="Flag">As it was written: `--store`.</param>
/// <param name="Name">`NAME` or `MODULE.NAME`; "" for every device of the kind.</param>
/// <param name="Given">A path or an origin.</param>
public sealed record FlagGrant(string Flag, string Kind, string Name, string Given);
