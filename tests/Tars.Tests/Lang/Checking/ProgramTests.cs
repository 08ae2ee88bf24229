using System.Text;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Lang.Checking;

/// <summary>
/// The twelve modules on which the language was tried are accepted, and what the checker learns is as written down.
/// </summary>
public sealed class ProgramTests
{
    private const string Folder = "lang/programs";

    public static IEnumerable<TheoryDataRow<string>> Programs => Golden.Files(Folder);

    [Fact]
    public void There_are_twelve_programs() => Assert.Equal(12, Programs.Count());

    [Theory]
    [MemberData(nameof(Programs))]
    public void The_program_is_accepted(string path) => Assert.DoesNotContain(
        Check(path).Files.SelectMany(file => file.Diagnostics), one => one.Severity == Severity.Error);

    [Theory]
    [MemberData(nameof(Programs))]
    public void The_checker_learns_this(string path) => Golden.CheckWhole(
        Golden.Path($"lang/check/{Path.GetFileNameWithoutExtension(path)}.txt"), Describe(path));

    [Theory]
    [MemberData(nameof(Programs))]
    public void The_manifest_keeps_the_rules_of_manifests(string path)
    {
        CheckResult result = Check(path);
        BundleManifest manifest = ManifestBuilder.Build(result.Module, result.Files[0].Source, includeTests: true);
        Assert.Null(ManifestRules.FirstBroken(manifest));
    }

    private static CheckResult Check(string path) =>
        ModuleChecker.Check(new SourceText(Path.GetFileName(path), File.ReadAllText(path)), new Neighbours());

    private static string Describe(string path)
    {
        CheckResult result = Check(path);
        var text = new StringBuilder();
        foreach (Diagnostic one in result.Diagnostics)
        {
            text.Append(result.Files[0].Source.PositionOf(one.Span.Start)).Append(' ').Append(one.Code).Append(' ')
                .Append(one.Title).Append('\n');
        }

        BundleManifest manifest = ManifestBuilder.Build(result.Module, result.Files[0].Source, includeTests: true);
        foreach (AgentSpec agent in manifest.Agents)
        {
            Describe(agent, text);
        }

        foreach (CheckedScenario scenario in result.Scenarios)
        {
            text.Append("scenario ").Append(scenario.Name).Append(": ").Append(scenario.Seeds.Count).Append(" runs, ")
                .Append(scenario.Steps.Length).Append(" steps, ")
                .Append(scenario.Expect.Length).Append(" expectations\n");
        }

        foreach (string waiting in manifest.NotYetInForce)
        {
            text.Append("not yet in force: ").Append(waiting).Append('\n');
        }

        return text.ToString();
    }

    private static void Describe(AgentSpec agent, StringBuilder text)
    {
        text.Append("agent ").Append(agent.Name).Append('\n');
        foreach (SchemaField field in agent.State)
        {
            string given = field.HasDefault ? "" : ", given by the spawner";
            text.Append("  state ").Append(field.Name).Append(": ")
                .Append(SchemaText.Of(field.Type)).Append(given).Append('\n');
        }

        foreach (var (slot, index) in agent.Slots.Select((slot, index) => (slot, index)))
        {
            text.Append("  slot ").Append(index).Append(": ")
                .Append(slot.Kind).Append(' ').Append(slot.Subject).Append('\n');
        }

        foreach (var (operation, index) in agent.Operations.Select((operation, index) => (operation, index)))
        {
            text.Append("  operation ").Append(index).Append(": ").Append(operation.IsAsk ? "ask " : "tell ")
                .Append(operation.Target).Append('.').Append(operation.Name).Append('(')
                .Append(string.Join(", ", operation.Arguments.Select(one => $"{one.Name}: {SchemaText.Of(one.Type)}")))
                .Append(") -> ").Append(SchemaText.Of(operation.Answer)).Append('\n');
        }

        foreach (ContinuationSpec wait in agent.Continuations)
        {
            text.Append("  wait in ").Append(wait.Handler).Append(", line ").Append(wait.Line).Append(", keeps ")
                .Append(string.Join(", ", wait.Locals.Select(one => one.Name).DefaultIfEmpty("nothing"))).Append('\n');
        }
    }

    /// <summary>The programs find each other by name.</summary>
    private sealed class Neighbours : IModuleSource
    {
        public SourceText? Open(SourceText from, string path)
        {
            string name = Path.GetFileName(path);
            string full = Path.Combine(Golden.Path(Folder), name);
            return File.Exists(full) ? new SourceText(name, File.ReadAllText(full)) : null;
        }
    }
}
