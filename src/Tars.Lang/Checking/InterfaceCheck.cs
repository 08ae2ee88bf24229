using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;
using Tars.Lang.Types;
using Tars.Lang.Yaml;

namespace Tars.Lang.Checking;

/// <summary>A module that implements an interface has each of its asks, with exactly its shape.</summary>
internal sealed class InterfaceCheck(CodeReader code)
{
    public void Run(YamlNode? implements, DeviceScope? wanted)
    {
        if (implements is null || wanted is null)
        {
            return;
        }

        foreach (DeviceOperation operation in wanted.Asks)
        {
            HandlerSymbol? handler = code.Module.Agents.Values
                .Select(agent => agent.Asks.GetValueOrDefault(operation.Name))
                .FirstOrDefault(found => found is not null);
            string kind = wanted.Symbol.Kind.Name;
            if (handler is null)
            {
                if (!code.Module.Complaints.Recovery.MayBeDeclared(operation.Name))
                {
                    code.Bag.Add(Report.NotTheInterface(implements.Span, kind, ShapeOf(operation)));
                }
            }
            else if (!HasShape(handler, operation))
            {
                code.Report(Report.NotTheInterface(handler.Span, kind, ShapeOf(operation)));
            }
        }
    }

    private static bool HasShape(HandlerSymbol handler, DeviceOperation operation) =>
        handler.Parameters.Length == operation.Parameters.Length
        && handler.Parameters.Zip(operation.Parameters).All(pair =>
            pair.First.Name == pair.Second.Name && IsSame(pair.First.Type, pair.Second.Type))
        && IsSame(handler.Returns, operation.Returns);

    private static bool IsSame(LangType type, LangType wanted) =>
        type.IsBad() || wanted.IsBad() || type.Equals(wanted);

    private static string ShapeOf(DeviceOperation operation)
    {
        string parameters = string.Join(
            ", ", operation.Parameters.Select(one => $"{one.Name}: {TypeText.Of(one.Type)}"));
        string returns = operation.Returns is LangType.Unit ? "" : $" -> {TypeText.Of(operation.Returns)}";
        return $"ask {operation.Name}({parameters}){returns}";
    }
}
