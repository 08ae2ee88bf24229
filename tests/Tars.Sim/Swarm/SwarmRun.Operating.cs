using Tars.Base;
using Tars.Bundle.Container;
using Tars.Kernel.Ports;

namespace Tars.Sim.Swarm;

/// <summary>What an operator does to a swarm, and a kernel that is lost and goes on from its checkpoint.</summary>
internal sealed partial class SwarmRun
{
    private static readonly Right[] _rights =
        [new(RightKind.Publish, "all"), new(RightKind.Device, "shelf"), new(RightKind.Device, "bell")];

    private void Operate(Stimulus one)
    {
        var process = new ProcessId(1 + (one.First % 12));
        long letter = 1 + (one.First % (_model.Letters + 1));
        switch (one.Kind)
        {
            case StimulusKind.Set:
                Set(one);
                break;
            case StimulusKind.Revoke:
                var right = _rights[one.First % _rights.Length];
                var whose = one.Second % 4 == 0 ? ProcessId.Outside : new ProcessId(1 + (one.Second % 5));
                Step(
                    new KernelEvent.Revoke(At, whose, "swarm", right),
                    () => _model.Deny(whose, right.Name, denies: true));
                break;
            case StimulusKind.Grant:
                var denied = _model.Denied;
                var (holder, name) = denied.Count == 0 ? (process, "all") : denied[one.Second % denied.Count];
                Step(
                    new KernelEvent.Grant(At, holder, "swarm", _rights.First(known => known.Name == name)),
                    () => _model.Deny(holder, name, denies: false));
                break;
            case StimulusKind.StopProcess:
                Step(new KernelEvent.StopProcess(At, process), () => _model.StopProcess(process));
                break;
            case StimulusKind.DeliverDead:
                Step(new KernelEvent.DeliverDead(At, letter), () => _model.DeliverDead(letter));
                break;
            case StimulusKind.DropDead:
                Step(new KernelEvent.DropDead(At, letter), () => _model.DropDead(letter));
                break;
            case StimulusKind.PowerCut:
                Lose();
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Set(Stimulus one)
    {
        bool isAllowed = 100 <= one.Second;
        long knob = (isAllowed ? 1 : -1) * (++_knob);
        long? until = one.First % 3 == 0 ? _now + ((1 + (one.First % 40)) * Millisecond) : null;
        Step(
            new KernelEvent.SetParam(At, "swarm", "knob", Numbers(knob)) { Until = until },
            () => _model.Set(knob, until, isAllowed));
    }

    // The replay of the journal knows nothing of it, so it must not have changed anything.
    private void Lose()
    {
        Step(new KernelEvent.Turn(At));
        var octets = new ByteWriter();
        if (Problem is not null || _kernel.TryCheckpoint(octets) is not null)
        {
            _coverage.Add("checkpoint not now");
            return;
        }

        var system = ((LinkResult.Linked)SystemImage.Link([Image(_outside.Version)])).System;
        if (Kernel.Kernel.From(system, _effects, octets.Written, Before, out string why) is not { } kernel)
        {
            _lost = $"no kernel goes on from its checkpoint: {why}";
            return;
        }

        bool isSame = kernel.Trace == _kernel.Trace && kernel.StateDigest().Value == _kernel.StateDigest().Value;
        _lost = isSame ? null : "a kernel that goes on from its checkpoint is another one";
        _kernel.LetGoOfGuests();
        _kernel = kernel;
        _outside.Lose();
        _coverage.Add("checkpoint gone on from");
    }

    // The version that may come back.
    private ModuleImage Before(BundleHash hash) => Image((int)hash.A - 1);
}
