using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Bundle.Abi;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;

namespace Tars.Tests.Lang.Emitting;

/// <summary>Effects as a golden file shows them: names for numbers, JSON for values.</summary>
internal static class EffectText
{
    public static string Of(CompiledProcess process, GuestEffect effect)
    {
        var agent = process.Agent;
        var numbers = effect.Numbers;
        return effect.Call.Call switch
        {
            HostCall.Log => Log(effect.Bytes[0]),
            HostCall.Publish => Publish(process.Bundle.Manifest, agent, effect),
            HostCall.Send => $"tell {Request(agent, effect)}",
            HostCall.Ask => $"ask {numbers[3]} {Request(agent, effect)} within {numbers[2]}",
            HostCall.Reply => $"reply {numbers[0]} {Hex(effect.Bytes[0])}",
            HostCall.SetTimer =>
                $"timer {agent.Handlers[(int)numbers[0]].Subject} first {numbers[1]} period {numbers[2]}",
            HostCall.CancelTimer => $"cancel {agent.Handlers[(int)numbers[0]].Subject}",
            HostCall.Metric => $"metric {process.Bundle.Manifest.Metrics[(int)numbers[0]].Name} {Float(numbers[1])}",
            HostCall.Observe => $"observe {numbers[0]} {Float(numbers[1])} {numbers[2]}",
            HostCall.Spawn => $"spawn {numbers[0]} slot {numbers[1]} {Hex(effect.Bytes[0])}",
            _ => effect.Call.Name,
        };
    }

    private static string Log(byte[] entry)
    {
        var reader = new ByteReader(entry);
        var text = new StringBuilder($"log \"{reader.Text()}\"");
        for (uint left = reader.U32(); 0 < left; left--)
        {
            text.Append($" {reader.Text()}={reader.Text()}");
        }

        return reader.Failed || !reader.AtEnd ? "log: not an entry" : text.ToString();
    }

    private static string Publish(BundleManifest manifest, AgentSpec agent, GuestEffect effect)
    {
        string pattern = agent.Slots[(int)effect.Numbers[0]].Subject;
        var type = manifest.Publishes.First(one => one.Pattern == pattern).Type;
        return $"publish {Encoding.UTF8.GetString(effect.Bytes[0])} {CompiledProcess.Json(type, effect.Bytes[1])}";
    }

    private static string Request(AgentSpec agent, GuestEffect effect)
    {
        var operation = agent.Operations[(int)effect.Numbers[1]];
        var text = new StringBuilder($"{operation.Target}.{operation.Name}(");
        var rest = effect.Bytes[0].AsSpan();
        foreach (var argument in operation.Arguments)
        {
            var reader = new ByteReader(rest);
            ValueEncoding.Skip(argument.Type, ref reader);
            text.Append($"{argument.Name} = {CompiledProcess.Json(argument.Type, rest[..reader.Position])} ");
            rest = rest[reader.Position..];
        }

        return text.ToString().TrimEnd() + ")";
    }

    private static string Float(long bits) =>
        BitConverter.Int64BitsToDouble(bits).ToString("R", CultureInfo.InvariantCulture);

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
