using Tars.Engine.Vm.Kvm;
using Tars.Engine.Vm.Machine;
using Xunit;

namespace Tars.Tests.EngineVm;

/// <summary>Machines for tests, where this system can have any; elsewhere the test says that it was skipped.</summary>
internal static class Machines
{
    public const long Entry = GuestMap.TextBase;

    private static readonly Lazy<(VmHost? Host, string Reason)> _host = new(Open);

    public static VmHost Host
    {
        get
        {
            var (host, reason) = _host.Value;
            Assert.SkipWhen(host is null, $"no micro-VMs here: {reason}");
            return host;
        }
    }

    /// <summary>A machine with a page of memory, which may grow to so much.</summary>
    public static VmShape Shape(long memory = GuestMap.WasmPageSize, long memoryMax = 4 << 20) => new(
        TextSize: GuestMap.PageSize,
        ReadOnlySize: GuestMap.PageSize,
        ControlSize: GuestMap.Control.Module + GuestMap.PageSize,
        StackSize: 64 << 10,
        memory,
        memoryMax);

    public static VmImage Image(VmShape shape, params byte[] code) => new(shape, code, new byte[] { 1, 2, 3 }, default);

    public static MicroVm Start(params byte[] code) => Host.Start(Image(Shape(), code));

    /// <summary>A host of one's own, to count by.</summary>
    public static VmHost OwnHost()
    {
        _ = Host;
        return VmHost.Open();
    }

    private static (VmHost? Host, string Reason) Open()
    {
        try
        {
            return (VmHost.Open(), "");
        }
        catch (KvmException refusal)
        {
            return (null, refusal.Message);
        }
    }
}
