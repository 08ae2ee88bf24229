namespace Tars.Host;

/// <summary>What an operator gives to one device: a folder, a file, an address, another module.</summary>
/// <param name="Kind">Of the device; also the name of the option, `--KIND NAME=SPEC`.</param>
/// <param name="Name">`NAME` or `MODULE.NAME`.</param>
/// <param name="Spec">What is meant by it is the kind's.</param>
public sealed record DeviceBinding(string Kind, string Name, string Spec);
