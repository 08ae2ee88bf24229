using Tars.Base;
using Tars.Host.Granting;
using Tars.Kernel.Ports;
using Tars.Packages.Grants;

namespace Tars.Cli.Views;

/// <summary>The ways of capabilities, for people: one line for who gives it, one for each agent that uses it.</summary>
internal static class RouteText
{
    public static void Write(
        IReadOnlyList<ModuleRoutes> modules, PolicyFile? policy, bool isAccepted, TextWriter output)
    {
        if (policy is not null && !isAccepted)
        {
            output.WriteLine(Printable.Of($"{policy.Grants.Name} is not accepted yet: `run` asks before it counts"));
        }

        foreach (var module in modules)
        {
            string floor = module.IsIsolated ? ": microvm, no less" : "";
            output.WriteLine(Printable.Of($"{module.Manifest.Name} {module.Manifest.Version}{floor}"));
            foreach (var route in module.Capabilities)
            {
                output.WriteLine(Printable.Of($"  {route.Verdict.Demand}: {AnswerOf(route.Verdict)}"));
                foreach (var end in route.Agents)
                {
                    output.WriteLine(Printable.Of(
                        $"    -> {end.Agent} {string.Join(", ", end.Uses)}{LeftOf(end.Narrowing)}"));
                }

                if (route.Agents.IsEmpty)
                {
                    output.WriteLine("    -> nobody: declared and not used");
                }
            }
        }
    }

    private static string AnswerOf(Verdict verdict)
    {
        string given = string.Join(", ", verdict.Given);
        return verdict.Answer switch
        {
            GrantAnswer.Free => "needs no grant",
            GrantAnswer.Granted => $"{verdict.By} grants {(given.Length == 0 ? "it" : given)}",
            GrantAnswer.Narrowed => $"{verdict.By} leaves {(given.Length == 0 ? "nothing" : given)}",
            GrantAnswer.Withheld => $"{verdict.By} withholds it",
            GrantAnswer.Open => "nobody grants it",
        };
    }

    private static string LeftOf(Narrowing? narrowing) => narrowing switch
    {
        null => "",
        { Only.IsEmpty: true } => " (withheld)",
        _ => $" (only {string.Join(", ", narrowing.Only)})",
    };
}
