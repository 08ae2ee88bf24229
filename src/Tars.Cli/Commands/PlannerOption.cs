using System.CommandLine;
using Tars.Base;
using Tars.Evolution.Planning;
using Tars.Evolution.Search;

namespace Tars.Cli.Commands;

/// <summary><c>--planner</c>: who proposes.</summary>
internal static class PlannerOption
{
    private const string Auto = "auto";

    private const string Model = "llm";

    // To add a planner that asks nobody: a row.
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
            if (result.GetValue(option) is { Length: > 0 } name && name is not (Auto or Model)
                && !Array.Exists(_planners, one => one.Name == name))
            {
                result.AddError($"--planner is {Known}, not '{Printable.Of(name)}'");
            }
        });
        return option;
    }

    /// <summary>The planner of a run; null after the user was told why there is none.</summary>
    /// <param name="asked">On the command line; empty for what the module says.</param>
    /// <param name="status">What the program ends with when there is none.</param>
    public static IPlanner? Planner(
        string asked, EvolvingModule module, ModelDesk models, Terminal terminal, out int status)
    {
        status = ExitStatus.Unusable;
        // Who names a model means it, whatever the module says.
        string named = asked.Length != 0 ? asked : models.IsNamed ? Model : module.Problem.Evolution.Planner;
        var searched = SearchProblem.Of(module.Problem, module.Check.Module, out string why);
        bool isAuto = named is "" or Auto || (asked.Length == 0 && models.IsNamed);
        string alone = searched is { HasFunctions: true } ? "search" : "rules";
        if (named is "" or Auto)
        {
            named = models.IsNamed ? Model : alone;
        }

        if (named == "search" && searched is null)
        {
            terminal.Error.WriteLine($"tarscli: --planner search: {Printable.Of(why)}");
            status = ExitStatus.Faulty;
            return null;
        }

        // What would be passed over in silence was meant.
        if (named != Model && models.Given is { } option)
        {
            terminal.Error.WriteLine($"tarscli: {option} is for --planner {Model}, and the planner is {named}");
            return null;
        }

        return named == Model
            ? models.Planner(module.Problem.Evolution, Made(isAuto ? alone : "rules"), terminal)
            : Made(named);
    }

    private static IPlanner Made(string name) => Array.Find(_planners, one => one.Name == name).Make();

    private static string Known => string.Join(", ", _planners.Select(one => one.Name)) + $", {Model} or {Auto}";
}
