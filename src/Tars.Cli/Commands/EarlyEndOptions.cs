using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Tars.Base;
using Tars.Evolution.Gates;
using Tars.Evolution.Search;

namespace Tars.Cli.Commands;

/// <summary><c>--target</c> and <c>--patience</c>: with what a planner ends before its budget is used up.</summary>
internal static class EarlyEndOptions
{
    /// <param name="command">Gets the two options.</param>
    /// <param name="evaluations">Its budget.</param>
    /// <returns>What was said on the command line, and else in the module.</returns>
    public static Func<ParseResult, EvolutionProblem, EarlyEnd> Define(Command command, Option<int?> evaluations)
    {
        var target = new Option<string?>("--target")
        {
            Description = "Value of the objective on train with which the planner ends; else what `evolution` says.",
            HelpName = "VALUE",
        };
        target.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Number(token.Value) is null)
            {
                result.AddError($"--target wants a number, not '{Printable.Of(token.Value)}'");
            }
        });
        var patience = NumberOption.Whole(
            "--patience",
            "Ends the planner when so many candidates brought none better; else what `evolution` says.",
            1,
            SearchOptions.EvaluationsMax);
        patience.Validators.Add(result =>
        {
            // Not by their values: what is no number is told by its own option, and has none.
            if (result.GetResult(evaluations) is { } budget && Whole(budget) <= Whole(result))
            {
                result.AddError("--patience is less than --evaluations, or it ends no run");
            }
        });
        command.Add(target);
        command.Add(patience);
        return (parsed, problem) =>
        {
            var budget = problem.Evolution.Budget;
            double? value = parsed.GetValue(target) is { } text ? Number(text) : budget.Target;
            long? borne = parsed.GetValue(patience) ?? budget.Patience;
            return new EarlyEnd(problem.Minimize ? value : -value, (int?)(borne > int.MaxValue ? null : borne));
        };
    }

    private static int? Whole(OptionResult result) => result.Tokens is [{ Value: var text }]
        && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number : null;

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        && double.IsFinite(number) ? number : null;
}
