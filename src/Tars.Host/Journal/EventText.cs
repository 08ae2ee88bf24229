using Tars.Bundle.Schema;
using Tars.Kernel.Ports;

namespace Tars.Host.Journal;

/// <summary>An event of the kernel, for a person.</summary>
internal static class EventText
{
    public static string Of(KernelEvent happened, SystemImage system) =>
        $"{What(happened, system)}, {InstantText.Of(happened.At.Instant)}";

    private static string What(KernelEvent happened, SystemImage system) => happened switch
    {
        KernelEvent.Boot => "the start",
        KernelEvent.Turn => "time that goes on",
        KernelEvent.DeviceLines lines =>
            $"{Count(lines.Batch)} for the device {system.Devices[lines.Device.Value].Name}",
        KernelEvent.ChannelLines lines => $"{Count(lines.Batch)} for the channel {lines.Channel}",
        KernelEvent.DeviceInput input => $"input of the device {system.Devices[input.Device.Value].Name}",
        KernelEvent.Message message => $"a message for the channel {message.Channel}",
        KernelEvent.SetParam set =>
            $"the parameter {set.Module}.{set.Param} is set{(set.Until is null ? "" : " for a time")}",
        KernelEvent.Grant grant => $"{Whose(grant.Process, grant.Module)} is granted {grant.Right} again",
        KernelEvent.Revoke revoke => $"{Whose(revoke.Process, revoke.Module)} loses {revoke.Right}",
        KernelEvent.DeliverDead deliver => $"dead letter {deliver.Letter} is delivered again",
        KernelEvent.DropDead drop => $"dead letter {drop.Letter} is thrown away",
        KernelEvent.StopProcess stop => $"{stop.Process} is told to stop",
        KernelEvent.Swap swap => $"a new version of {swap.Module}",
        KernelEvent.GuestDone done => $"the guest of {done.Process} is done",
        KernelEvent.Look look => $"a look at {look.Process}",
        KernelEvent.Answer answer => $"the answer to ask {answer.Number}",
        KernelEvent.Ask ask => $"ask {ask.Number} from outside, {ask.Module}.{ask.Agent}.{ask.Name}",
        KernelEvent.Request request => $"request {request.Number} for {request.Module}",
        KernelEvent.Crash crash => $"a process of {crash.Module}.{crash.Agent} is lost",
        KernelEvent.FromShard mail => $"mail {mail.Sequence} of shard {mail.Shard}",
        KernelEvent.Pause pause => pause.Stands ? "the shards stand still" : "the shards go on",
        KernelEvent.MoveOut leaves => $"module {leaves.Module} is packed for another shard",
        KernelEvent.MoveIn comes => $"module {comes.Module} lives on shard {comes.Shard}",
        KernelEvent.SwapHere => "the module that is ready is swapped while all shards stand still",
        KernelEvent.SwapElsewhere { IsDone: false } swap => $"a look at what waits here for {swap.Module}",
        KernelEvent.SwapElsewhere swap => $"a new version of {swap.Module} on another shard",
        KernelEvent.Stop => "the stop",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Whose(ProcessId process, string module) =>
        process == ProcessId.Outside ? module : process.ToString();

    private static string Count(LineBatch batch) =>
        $"{batch.Count} {(batch.Count == 1 ? "line" : "lines")}{(batch.IsLast ? " and the end" : "")}";
}
