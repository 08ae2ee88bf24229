using System.Collections.Immutable;
using Tars.Base;
using Tars.Kernel.Effects;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Operating;

/// <summary>Parameters that an operator set for a time, and what they hold afterwards.</summary>
/// <remarks>
/// Invariant: at most one return waits for each parameter, and its value is the one from before the first of the
/// settings that it ends. A return is of the kernel's own clock, so a replay has it at the same moment.
/// </remarks>
internal sealed class ParamReturns(KernelState state)
{
    // In order of first setting; there are never more than parameters.
    private readonly List<ParamReturn> _waiting = [];

    /// <summary>When the next value returns; null when none does or the system is stopping.</summary>
    public long? NextDue => state.IsStopping || _waiting.Count == 0 ? null : _waiting.Min(one => one.Due);

    /// <summary>A parameter was set.</summary>
    /// <param name="until">When its value returns; null when it stays, which ends an earlier return as well.</param>
    /// <param name="before">What it held.</param>
    public void Set(string module, string param, long? until, ReadOnlySpan<byte> before)
    {
        int known = _waiting.FindIndex(one => one.Module == module && one.Param == param);
        if (until is not { } due)
        {
            if (0 <= known)
            {
                _waiting.RemoveAt(known);
            }
        }
        else if (0 <= known)
        {
            _waiting[known] = _waiting[known] with { Due = due };
        }
        else
        {
            _waiting.Add(new ParamReturn(module, param, due, [.. before]));
        }
    }

    /// <summary>Time went on.</summary>
    public void Fire()
    {
        // While all stand still a return may be on its way to another shard with its module; it comes there.
        if (_waiting.Count == 0 || state.IsStopping || state.IsPaused)
        {
            return;
        }

        foreach (var over in _waiting.Where(one => one.Due <= state.Now.Monotonic).OrderBy(one => one.Due).ToArray())
        {
            _waiting.Remove(over);
            Carry(over);
        }
    }

    /// <param name="some">Those of which modules are written; null for all.</param>
    public void Save(ByteWriter output, Func<string, bool>? some = null)
    {
        ParamReturn[] written = [.. _waiting.Where(one => some?.Invoke(one.Module) != false)];
        output.U32((uint)written.Length);
        foreach (var one in written)
        {
            output.Text(one.Module);
            output.Text(one.Param);
            output.I64(one.Due);
            output.U32((uint)one.Value.Length);
            output.Bytes(one.Value.AsSpan());
        }
    }

    public bool Load(ref ByteReader input)
    {
        if (Read(ref input) is not { } read)
        {
            return false;
        }

        _waiting.AddRange(read);
        return true;
    }

    /// <summary>What was written; null when it is not whole.</summary>
    public static List<ParamReturn>? Read(ref ByteReader input)
    {
        var read = new List<ParamReturn>();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            read.Add(new ParamReturn(input.Text(), input.Text(), input.I64(), [.. input.Bytes(input.U32())]));
        }

        return input.Failed ? null : read;
    }

    /// <summary>Modules come from another shard with these.</summary>
    public void Take(List<ParamReturn> came)
    {
        LetGo(module => came.Any(one => one.Module == module));
        _waiting.AddRange(came);
    }

    /// <summary>Modules live on another shard from now on.</summary>
    public void LetGo(Func<string, bool> isGone) => _waiting.RemoveAll(one => isGone(one.Module));

    // Another version may run by now: what it does not take becomes what it declares, and what it lacks is forgotten.
    private void Carry(ParamReturn over)
    {
        int module = state.ModuleOf(over.Module);
        if (module < 0)
        {
            return;
        }

        var manifest = state.System.Modules[module].Manifest;
        byte[] values = state.Params[module];
        byte[]? returned = ModuleParams.With(manifest, values, over.Param, over.Value.AsSpan())
            ?? (manifest.Params.FirstOrDefault(one => one.Name == over.Param) is { } declared
                ? ModuleParams.With(manifest, values, over.Param, declared.Value.AsSpan())
                : null);
        if (returned is not null)
        {
            state.SetParams(module, returned);
            state.Outside.Operated(new OperatorAct(OperatorActs.Return, $"{over.Module}.{over.Param}", ""));
        }
    }
}

/// <summary>A value that a parameter is to hold again, and when.</summary>
internal readonly record struct ParamReturn(string Module, string Param, long Due, ImmutableArray<byte> Value);
