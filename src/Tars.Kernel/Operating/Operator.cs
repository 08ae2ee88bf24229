using Tars.Kernel.Effects;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Operating;

/// <summary>Carries out what an operator wants of a running system, and tells what came of it.</summary>
/// <remarks>
/// Invariant: each of his events gives exactly one <see cref="OperatorAct"/>, and one that was refused has changed
/// nothing. To add one: an event, an arm here, a row in the journal's codec, and one in docs/control.md.
/// </remarks>
internal sealed class Operator(KernelState state)
{
    public void Apply(KernelEvent happened)
    {
        var (act, target, refusal) = happened switch
        {
            KernelEvent.SetParam set => (OperatorActs.Set, $"{set.Module}.{set.Param}", Set(set)),
            KernelEvent.Grant grant => (
                OperatorActs.Grant,
                TargetOf(grant.Process, grant.Module, grant.Right),
                state.Denials.Change(grant.Process, grant.Module, grant.Right, denies: false)),
            KernelEvent.Revoke revoke => (
                OperatorActs.Revoke,
                TargetOf(revoke.Process, revoke.Module, revoke.Right),
                state.Denials.Change(revoke.Process, revoke.Module, revoke.Right, denies: true)),
            KernelEvent.DeliverDead deliver =>
                (OperatorActs.Deliver, LetterName(deliver.Letter), state.DeadLetters.Deliver(deliver.Letter)),
            KernelEvent.DropDead drop => (
                OperatorActs.Drop,
                LetterName(drop.Letter),
                state.DeadLetters.Remove(drop.Letter) ? null : "there is no such dead letter"),
            KernelEvent.StopProcess stop => (OperatorActs.Stop, stop.Process.ToString(), Stop(stop.Process)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        bool isOfAll = happened is KernelEvent.Grant { Process.Value: 0 } or KernelEvent.Revoke { Process.Value: 0 };
        if (isOfAll && refusal is null && state.Shards is { } shards)
        {
            shards.Common++;
        }

        if (refusal is not null)
        {
            state.Audit(ProcessId.Outside, act, target, refusal);
        }

        state.Outside.Operated(new OperatorAct(act, target, refusal ?? ""));
    }

    private string? Set(KernelEvent.SetParam set)
    {
        int module = state.ModuleOf(set.Module);
        if (module < 0 || state.System.Modules[module].Manifest is not { } manifest
            || ModuleParams.Of(manifest, state.Params[module], set.Param) is not { } before
            || ModuleParams.With(manifest, state.Params[module], set.Param, set.Value.AsSpan()) is not { } values)
        {
            return "there is no such parameter, or it may not hold the value";
        }

        state.Returns.Set(set.Module, set.Param, set.Until, before);
        state.SetParams(module, values);
        return null;
    }

    private string? Stop(ProcessId id)
    {
        if (state.Find(id) is not { } process)
        {
            return "there is no such process";
        }

        if (process.StopDue)
        {
            return "it has been told already";
        }

        state.Supervisor.OrderStop(process, EndReason.Stopped);
        return null;
    }

    private static string TargetOf(ProcessId process, string module, Right right) =>
        $"{(process == ProcessId.Outside ? module : process.ToString())}: {right}";

    private static string LetterName(long letter) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"letter {letter}");
}
