namespace Tars.Kernel.Ports;

/// <summary>Names a device of a system: its place in <see cref="SystemImage.Devices"/>.</summary>
public readonly record struct DeviceId(int Value);
