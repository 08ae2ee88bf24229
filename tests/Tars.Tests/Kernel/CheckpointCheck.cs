using Tars.Base;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>Takes a checkpoint of a kernel wherever one can be taken, and compares what comes back of it.</summary>
internal static class CheckpointCheck
{
    public static void ComesBack(Tars.Kernel.Kernel kernel, SystemImage system)
    {
        var octets = new ByteWriter();
        if (kernel.TryCheckpoint(octets) is not null)
        {
            return;
        }

        var again = Tars.Kernel.Kernel.From(system, new SilentOutside(), octets.Written, out string why);
        Assert.True(again is not null, why);
        Assert.Equal(kernel.Trace, again.Trace);
        Assert.Equal(kernel.Transactions, again.Transactions);
        Assert.Equal(kernel.StateDigest().Value, again.StateDigest().Value);
        var twice = new ByteWriter();
        Assert.Null(again.TryCheckpoint(twice));
        Assert.Equal(octets.ToArray(), twice.ToArray());
    }
}
