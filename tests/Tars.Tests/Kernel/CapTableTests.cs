using Tars.Base;
using Tars.Kernel.Blobs;
using Tars.Kernel.Caps;
using Tars.Kernel.Ports;
using Xunit;
using static Tars.Tests.Kernel.TestModule;

namespace Tars.Tests.Kernel;

/// <summary>A table of capabilities gives the same slots whether or not it was written and read meanwhile.</summary>
public sealed class CapTableTests
{
    // When places of what was revoked are taken back, and in which order, follows from what is written alone.
    [Theory]
    [InlineData(5, 0)]
    [InlineData(6, 3)]
    [InlineData(8, 0)]
    [InlineData(8, 10)]
    public void A_table_that_was_written_and_read_gives_the_same_slots(int held, int expected)
    {
        var table = new CapTable(new Derivations(), new BlobStore());
        table.Expect(expected);
        var nodes = Enumerable.Range(1, held + 1)
            .Select(id => new Derivation(id, parent: null, default, "console", default, [])).ToArray();
        var slots = nodes[..held].Select(node => Grant(table, new Capability.OfDerived(node))).ToArray();
        table.Revoke(slots[0]);
        Grant(table, new Capability.OfDerived(nodes[held])); // The last takes the lowest place.
        foreach (var node in nodes[1..])
        {
            node.IsRevoked = true;
        }

        var output = new ByteWriter();
        table.Save(output);
        var read = new CapTable(NoneOf(nodes.Length), new BlobStore());
        var input = new ByteReader(output.Written);
        Assert.True(read.Load(ref input, devices: 0, channels: 0));
        for (int id = 100; id < 120; id++)
        {
            var one = new Capability.OfProcess(new ProcessId(id));
            Assert.Equal(Grant(table, one), Grant(read, one));
        }
    }

    // So many were made, and none of them stands.
    private static Derivations NoneOf(int count)
    {
        var octets = new ByteWriter();
        octets.I64(count);
        octets.U32(0);
        var derivations = new Derivations();
        var input = new ByteReader(octets.Written);
        var rig = new SystemRig(running: false).Add(Of("root", Agent("root")), _ => { });
        Assert.True(derivations.Load(ref input, rig.Link(rig).System));
        return derivations;
    }

    private static CapSlot Grant(CapTable table, Capability capability) =>
        table.Grant(capability)!.Value; // The table is not full.
}
