using System.CommandLine;
using Tars.Base;
using Tars.Evolution.Planning;
using Tars.Evolution.Search;

namespace Tars.Cli.Commands;

/// <summary><c>--planner</c>: who proposes.</summary>
internal static class PlannerOption
{
    private const string Auto = "auto";

    // To add a planner: a row.
    private static readonly (string Name, Func<IPlanner> Make)[] _planners =
    [
        ("rules", () => new RulePlanner()),
        ("search", () => new SearchPlanner()),
    ];

    public static Option<string> Define()
    {
        var option = new Option<string>("--planner")
        {
            Description = $"Who proposes: {Known}; else what `evolution` says, else auto.",
            DefaultValueFactory = _ => "",
            HelpName = "NAME",
        };
        option.Validators.Add(result =>
        {
            if (result.GetValue(option) is { Length: > 0 } name && name != Auto
                && !Array.Exists(_planners, one => one.Name == name))
            {
                result.AddError($"--planner is {Known}, not '{Printable.Of(name)}'");
            }
        });
        return option;
    }

    /// <summary>The planner of a run; null after the user was told why there is none.</summary>
    /// <param name="asked">On the command line; empty for what the module says.</param>
    public static IPlanner? Planner(string asked, EvolvingModule module, Terminal terminal)
    {
        string named = asked.Length != 0 ? asked : module.Problem.Evolution.Planner;
        bool canSearch = SearchProblem.Of(module.Problem, module.Check.Module, out string why) is not null;
        if (named is "" or Auto)
        {
            named = canSearch ? "search" : "rules";
        }

        if (named == "search" && !canSearch)
        {
            terminal.Error.WriteLine($"tarscli: --planner search: {Printable.Of(why)}");
            return null;
        }

        if (Array.Find(_planners, one => one.Name == named).Make is { } make)
        {
            return make();
        }

        terminal.Error.WriteLine($"tarscli: --planner {Printable.Of(named)}: there is no such planner yet; {Known}");
        return null;
    }

    private static string Known => string.Join(", ", _planners.Select(one => one.Name)) + " or auto";
}
