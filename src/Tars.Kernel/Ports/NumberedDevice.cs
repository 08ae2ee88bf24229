namespace Tars.Kernel.Ports;

/// <summary>A device that has its number from before: in a system whose modules were swapped, numbers are not those
/// that a start would give.</summary>
/// <param name="Name">As it was declared.</param>
/// <param name="Kind">The word of its kind.</param>
/// <param name="Value">The canonical text of what `value: TYPE` said; empty for none.</param>
public readonly record struct NumberedDevice(string Module, string Name, string Kind, string Value);
