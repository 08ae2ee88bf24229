using Tars.Base;
using Tars.Bundle.Container;
using Tars.Kernel.Ports;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>Takes a checkpoint of a kernel wherever one can be taken, and compares what comes back of it.</summary>
internal static class CheckpointCheck
{
    /// <param name="kept">Versions that were swapped out and may come back.</param>
    public static void ComesBack(
        Tars.Kernel.Kernel kernel, SystemImage system, Func<BundleHash, ModuleImage?> kept)
    {
        // Images of a rig have no hashes, so one version alone can be told.
        var octets = new ByteWriter();
        if (1 < kernel.OnProbation.Count() || kernel.TryCheckpoint(octets) is not null)
        {
            return;
        }

        var old = kernel.OnProbation.ToHashSet();
        ModuleImage? Load(BundleHash hash) => old.Contains(hash) ? kept(hash) : null;
        var again = Tars.Kernel.Kernel.From(
            system, new SilentOutside(), octets.Written, Load, out string why, policy: kernel.Policy);
        Assert.True(again is not null, why);
        Assert.Equal(kernel.Trace, again.Trace);
        Assert.Equal(kernel.Transactions, again.Transactions);
        Assert.Equal(kernel.StateDigest().Value, again.StateDigest().Value);
        var twice = new ByteWriter();
        Assert.Null(again.TryCheckpoint(twice));
        Assert.Equal(octets.ToArray(), twice.ToArray());
    }
}
