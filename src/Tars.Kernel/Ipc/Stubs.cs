using System.Collections.Immutable;
using Tars.Bundle.Schema;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Ipc;

/// <summary>Agents that are not run, and what is answered in their place. Outside of simulations there are none.
/// </summary>
internal sealed class Stubs(KernelState state, ImmutableArray<AgentStub> stubs)
{
    /// <summary>True when no process of the agent is born with its module.</summary>
    public bool StandFor(AgentImage agent) => Of(agent) is not null;

    /// <summary>True when whoever carries out the operation is not run.</summary>
    public bool Take(OperationImage operation) =>
        !stubs.IsEmpty && 0 <= operation.TargetAgent && StandFor(state.AgentOf(operation.TargetAgent));

    /// <summary>What an operation that is taken answers.</summary>
    public DeviceAnswer AnswerTo(OperationImage operation)
    {
        var stub = Of(state.AgentOf(operation.TargetAgent));
        var answer = stub?.Answers.FirstOrDefault(one => one.Key == operation.Spec.Name);
        return answer is { Key: not null } known ? new DeviceAnswer.Value(known.Value)
            : operation.Spec.Answer is SchemaType.Unit ? new DeviceAnswer.Value([])
            : new DeviceAnswer.Failed(AskFailure.Unavailable, "the scenario has no answer in its place");
    }

    private AgentStub? Of(AgentImage agent) => stubs.FirstOrDefault(one =>
        one.Agent == agent.Name && one.Module == agent.Module.Manifest.Name);
}
