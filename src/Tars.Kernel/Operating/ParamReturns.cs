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
    private readonly List<Return> _waiting = [];

    /// <summary>When the next value returns; null when none does or the system is stopping.</summary>
    public long? NextDue => state.IsStopping || _waiting.Count == 0 ? null : _waiting.Min(one => one.Due);

    /// <summary>True while any value is to return.</summary>
    public bool Any => 0 < _waiting.Count;

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
            _waiting.Add(new Return(module, param, due, [.. before]));
        }
    }

    /// <summary>Time went on.</summary>
    public void Fire()
    {
        if (_waiting.Count == 0 || state.IsStopping)
        {
            return;
        }

        foreach (var over in _waiting.Where(one => one.Due <= state.Now.Monotonic).OrderBy(one => one.Due).ToArray())
        {
            _waiting.Remove(over);
            Carry(over);
        }
    }

    public void Save(ByteWriter output)
    {
        output.U32((uint)_waiting.Count);
        foreach (var one in _waiting)
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
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            _waiting.Add(new Return(
                input.Text(), input.Text(), input.I64(), [.. input.Bytes(input.U32())]));
        }

        return !input.Failed;
    }

    // Another version may run by now: what it does not take becomes what it declares, and what it lacks is forgotten.
    private void Carry(Return over)
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

    private readonly record struct Return(string Module, string Param, long Due, ImmutableArray<byte> Value);
}
