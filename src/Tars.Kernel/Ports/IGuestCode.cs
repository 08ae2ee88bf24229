namespace Tars.Kernel.Ports;

/// <summary>The compiled code of one module version; makes instances that share nothing but it.</summary>
public interface IGuestCode : IDisposable
{
    /// <summary>A fresh instance: memory as the data segments say, start function run.</summary>
    /// <returns>Null, with the fault in <paramref name="fault"/>, when the start function or a segment traps.</returns>
    IGuest? Instantiate(GuestLimits limits, out GuestFault? fault);
}
