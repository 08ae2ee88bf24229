using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Lang.Binding;
using Tars.Lang.Diagnostics;
using Tars.Lang.Symbols;

namespace Tars.Lang.Checking;

/// <summary>Warns of what is declared and not used. What stands in a place that is wrong counts as used.</summary>
internal sealed class UnusedThings(CodeReader code)
{
    private ModuleScope Module => code.Module;

    public void Warn(Func<string, string, TextSpan> placeOf)
    {
        WarnOfCapabilities(placeOf);
        foreach (ParamSymbol param in Module.Symbol.Params)
        {
            WarnOf(param, "param", param.Name, "used", param.Span);
        }

        foreach (MetricSpec metric in Module.Symbol.Metrics.Where(one => one.From == MetricSource.Module))
        {
            WarnOf(metric, "metric", metric.Name, "reported", placeOf("metrics", metric.Name));
        }

        // Others use what a library declares.
        if (!Module.IsLibrary)
        {
            WarnOfDeclarations();
        }

        foreach (AgentScope agent in Module.Agents.Values)
        {
            foreach (StateSymbol state in agent.Symbol.State)
            {
                WarnOf(state, "state", state.Name, "read", state.Span);
            }

            foreach (ProcedureSymbol procedure in agent.Symbol.Procedures)
            {
                WarnOf(procedure, "procedure", procedure.Name, "called", procedure.Span);
            }
        }
    }

    private void WarnOfDeclarations()
    {
        foreach (ConstantSymbol constant in Module.Symbol.Constants)
        {
            WarnOf(constant, "constant", constant.Name, "used", constant.Span);
        }

        foreach (FunctionSymbol function in Module.Symbol.Functions)
        {
            WarnOf(function, "function", function.Name, "called", function.Span);
        }

        foreach (RecordSymbol record in Module.Symbol.Records)
        {
            WarnOf(record, "type", record.Name, "used", record.Span);
        }

        foreach (VariantSymbol variant in Module.Symbol.Variants)
        {
            WarnOf(variant, "type", variant.Name, "used", variant.Span);
        }
    }

    private void WarnOfCapabilities(Func<string, string, TextSpan> placeOf)
    {
        foreach (ChannelSymbol channel in Module.Symbol.Subscribes)
        {
            WarnOfRight(
                channel,
                channel.Pattern.Split('/'),
                $"`{channel.Pattern}` is subscribed to and not handled",
                channel.Span);
        }

        foreach (ChannelSymbol channel in Module.Symbol.Publishes)
        {
            WarnOfRight(channel, channel.Pattern.Split('/'), $"`{channel.Pattern}` is never published", channel.Span);
        }

        foreach (DeviceSymbol device in Module.Symbol.Devices)
        {
            WarnOfRight(device, [device.Name], $"device `{device.Name}` is never used", device.Span);
        }

        if (Module.Symbol.ShortestTimer is not null)
        {
            WarnOfRight(
                BodyBinder.TimersUse, ["every", "after"], "no timer is ever set", placeOf("capabilities", "timers"));
        }
    }

    private void WarnOf(object symbol, string what, string name, string verb, TextSpan at)
    {
        if (!Module.Usage.IsUsed(symbol) && !Module.Complaints.Recovery.IsMentioned(name) && !IsWrong(at))
        {
            code.Bag.Add(Report.Unused(at, what, name, verb));
        }
    }

    private void WarnOfRight(object symbol, IEnumerable<string> words, string title, TextSpan at)
    {
        if (!Module.Usage.IsUsed(symbol) && !words.Any(Module.Complaints.Recovery.IsMentioned) && !IsWrong(at))
        {
            code.Bag.Add(Report.NotUsed(at, title));
        }
    }

    // A declaration that is wrong is told once.
    private bool IsWrong(TextSpan at) =>
        Module.Complaints.HasErrors && Module.Complaints.IsWrong(Module.Complaints.Recovery.Lines(at));
}
