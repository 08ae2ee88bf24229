using System.Collections.Immutable;
using System.Text.Json;
using Tars.Base;
using Tars.Host.Granting;

namespace Tars.Cli.Views;

/// <summary>What became of capabilities: for people by module, refusals last; and as JSON.</summary>
internal static class AuditView
{
    public static void Write(AuditReport report, TextWriter output)
    {
        foreach (var module in report.Modules)
        {
            output.WriteLine(Printable.Of($"{module.Module} {module.Version}"));
            foreach (var one in module.Capabilities)
            {
                string agents = one.Agents.IsEmpty ? "" : $": {string.Join(", ", one.Agents)}";
                string by = one.AnsweredBy is { } other ? $", answered by module {other}" : "";
                output.WriteLine(Printable.Of($"  {WordOf(one),-14} {one.Demand}{by}{agents}{ShardsOf(one)}"));
            }
        }

        foreach (var refused in report.Refusals)
        {
            string times = refused.Count == 1 ? "once" : $"{refused.Count} times";
            string where = refused.Shard is { } shard ? $" on shard {shard}" : "";
            output.WriteLine(Printable.Of(
                $"refused {times}{where}: {refused.Agent}: {refused.Effect} {refused.Target}: {refused.Reason}"));
        }

        foreach (var cut in report.BeginsBehind)
        {
            string whose = cut.Shard is { } shard ? $"shard {shard}: its" : "the";
            output.WriteLine($"{whose} journal begins behind event {cut.Events}: what came before does not count");
        }

        foreach (var cut in report.CutOff)
        {
            string whose = cut.Shard is { } shard ? $"shard {shard}: its" : "the";
            output.WriteLine(
                $"{whose} journal ends after event {cut.Events}, before the run did: what came later does not count");
        }

        foreach (var act in report.Acts ?? [])
        {
            output.WriteLine(Printable.Of(AuditedActText.Of(act)));
        }

        if (0 < report.ActsLeftOut)
        {
            output.WriteLine($"and {report.ActsLeftOut} more");
        }
    }

    public static string Json(AuditReport report) => JsonText.Indented(json =>
    {
        json.List("modules", report.Modules, (_, module) =>
        {
            json.WriteStartObject();
            json.WriteString("module", module.Module);
            json.WriteString("version", module.Version);
            json.List("capabilities", module.Capabilities, Write);
            json.WriteEndObject();
        });
        json.List("refused", report.Refusals, (_, refused) =>
        {
            json.WriteStartObject();
            json.WriteString("agent", refused.Agent);
            json.WriteString("effect", refused.Effect);
            json.WriteString("target", refused.Target);
            json.WriteString("reason", refused.Reason);
            json.WriteNumber("count", refused.Count);
            if (refused.Shard is { } shard)
            {
                json.WriteNumber("shard", shard);
            }

            json.WriteEndObject();
        });
        Write(json, "begins_behind", report.BeginsBehind);
        Write(json, "cut_off", report.CutOff);
        if (report.Acts is { } acts)
        {
            json.List("acts", acts, AuditedActText.Write);
            json.WriteNumber("acts_left_out", report.ActsLeftOut);
        }
    });

    // Not there where the journals are whole.
    private static void Write(Utf8JsonWriter json, string name, ImmutableArray<CutJournal> journals)
    {
        if (journals.IsEmpty)
        {
            return;
        }

        json.List(name, journals, (_, cut) =>
        {
            json.WriteStartObject();
            if (cut.Shard is { } shard)
            {
                json.WriteNumber("shard", shard);
            }

            json.WriteNumber("events", cut.Events);
            json.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter json, CapabilityAudit one)
    {
        json.WriteStartObject();
        json.WriteString("kind", one.Demand.Word);
        json.WriteString("name", one.Demand.Name);
        json.WriteString("detail", one.Demand.Detail);
        json.List("agents", one.Agents, (_, agent) => json.WriteStringValue(agent));
        if (one.Uses is { } uses)
        {
            json.WriteNumber("uses", uses);
        }

        if (!one.UsesByShard.IsEmpty)
        {
            json.List("by_shard", one.UsesByShard, (_, row) =>
            {
                json.WriteStartObject();
                json.WriteNumber("shard", row.Shard);
                json.WriteNumber("uses", row.Uses);
                json.WriteEndObject();
            });
        }

        if (one.AnsweredBy is { } module)
        {
            json.WriteString("answered_by", module);
        }

        json.WriteEndObject();
    }

    private static string ShardsOf(CapabilityAudit one) => one.UsesByShard.IsEmpty ? ""
        : $" ({string.Join(", ", one.UsesByShard.Select(row => $"shard {row.Shard}: {row.Uses}"))})";

    // A capability without a use in its code can have none in a run.
    private static string WordOf(CapabilityAudit one) => one switch
    {
        { Agents.IsEmpty: true } => "unused",
        { Uses: null } => "named",
        { Uses: 0 } => "not this time",
        _ => $"used {one.Uses}",
    };
}
