using Tars.Base;
using Tars.Kernel.Caps;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Sharding;

/// <summary>The narrowed capabilities that a shard knows go with a tree of modules to another one.</summary>
/// <remarks>All of them: who holds which, and what is on its way to whom, need not be looked for.</remarks>
internal sealed class MovingCapabilities
{
    private readonly List<Derivation> _came = [];
    private readonly List<(DerivationRow Row, ulong Told)> _rows = [];

    private MovingCapabilities()
    {
    }

    public static void Save(KernelState state, ByteWriter output)
    {
        output.U32((uint)state.Derivations.Count);
        foreach (var node in state.Derivations.InOrder)
        {
            Derivations.Write(output, node);
            output.U64(node.Told);
        }
    }

    /// <summary>Takes those that are not known here; the reader has failed when they are none.</summary>
    public static MovingCapabilities Load(KernelState state, ref ByteReader input)
    {
        var moving = new MovingCapabilities();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            var row = Derivations.Read(ref input, state.System);
            ulong told = input.U64();
            if (input.Failed)
            {
                break;
            }

            moving._rows.Add((row, told));
            bool isNew = state.Derivations.Find(row.Id) is null;
            if (isNew && state.Derivations.Take(row, state.System) is { } node)
            {
                moving._came.Add(node);
            }
        }

        return moving;
    }

    /// <summary>The tree is not taken: what came with it is gone.</summary>
    public void LetGo(KernelState state)
    {
        _came.Reverse();
        _came.ForEach(state.Derivations.LetGo);
    }

    /// <summary>The tree is here: what its processes made lives here from now on.</summary>
    /// <param name="from">The shard that it has left, which knows of all that it told others.</param>
    public void Settle(KernelState state, IReadOnlySet<ProcessId> processes, int from)
    {
        foreach (var (row, told) in _rows.Where(one => processes.Contains(one.Row.By)))
        {
            if (state.Derivations.Find(row.Id) is { } node && node.Device == row.Device
                && node.Bounds.Length == row.Bounds.Length)
            {
                row.Bounds.CopyTo(node.Bounds, 0); // They are the same but for the uses that are left.
                node.Told |= told | (1UL << from);
            }
        }
    }

    /// <summary>The tree has gone to a shard, which knows of all that is known here.</summary>
    public static void Told(KernelState state, int shard)
    {
        foreach (var node in state.Derivations.InOrder)
        {
            node.Told |= 1UL << shard;
        }
    }
}
