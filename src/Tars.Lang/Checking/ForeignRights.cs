using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Lang.Binding;
using Tars.Lang.Symbols;
using Tars.Lang.Types;

namespace Tars.Lang.Checking;

/// <summary>What the agents of an interface may reach: all that the interface declares, in its order.</summary>
/// <remarks>
/// Of code in the language the checker sees what it names, and it gets no more. Foreign code cannot be looked into, so
/// what its author declares is what it gets; docs/language.md lists the order, by which such code counts.
/// </remarks>
internal static class ForeignRights
{
    /// <summary>How many asks and tells that makes, for all its agents together.</summary>
    public static long CountIn(ModuleScope module)
    {
        long asks = module.Symbol.Agents.Concat(module.ImportedAgents)
            .Sum(agent => agent.Handlers.LongCount(handler => handler.Kind == HandlerKind.Ask));
        long ofDevices = module.Devices.Values.Sum(device => (long)device.Asks.Length + device.Tells.Length);
        return ((2 * asks) + ofDevices) * module.Symbol.Agents.Length;
    }

    public static void GiveTo(AgentScope agent, ModuleScope module)
    {
        foreach (DeviceSymbol device in module.Symbol.Devices)
        {
            agent.SlotOf(SlotKind.Device, device.Name);
        }

        foreach (ChannelSymbol channel in module.Symbol.Publishes)
        {
            agent.SlotOf(SlotKind.Channel, channel.Pattern);
        }

        foreach (AgentSymbol one in module.Symbol.Agents.Where(one => one.Starts == AgentStart.WithModule))
        {
            agent.SlotOf(SlotKind.Agent, one.Name);
        }

        foreach (DeviceSymbol device in module.Symbol.Devices)
        {
            GiveOperations(agent, module.Devices[device.Name]);
        }

        foreach (AgentSymbol one in module.Symbol.Agents.Concat(module.ImportedInOrder))
        {
            GiveOperations(agent, module.NameOf(one), one);
        }

        agent.Symbol.Slots = [.. agent.Slots];
        agent.Symbol.Operations = [.. agent.Operations];
    }

    private static void GiveOperations(AgentScope agent, DeviceScope device)
    {
        foreach (var (operation, isAsk) in device.Tells.Select(one => (one, false))
            .Concat(device.Asks.Where(one => !one.AnyRecord).Select(one => (one, true))))
        {
            agent.NumberOf(new OperationSpec(
                SlotKind.Device,
                device.Symbol.Kind.Name,
                operation.Name,
                isAsk,
                [.. operation.Parameters.Select(one => new SchemaField(one.Name, SchemaOf.Type(one.Type)))],
                SchemaOf.Type(operation.Returns)));
        }
    }

    private static void GiveOperations(AgentScope agent, string name, AgentSymbol target)
    {
        foreach (HandlerSymbol handler in target.Handlers.Where(one => one.Kind == HandlerKind.Ask))
        {
            foreach (bool isAsk in (bool[])[false, true])
            {
                agent.NumberOf(new OperationSpec(
                    SlotKind.Agent,
                    name,
                    handler.Subject,
                    isAsk,
                    [.. handler.Parameters.Select(SchemaOf.Local)],
                    SchemaOf.Type(handler.Returns)));
            }
        }
    }
}
