using System.CommandLine;
using System.Globalization;
using Tars.Base;
using Tars.Evolution.Trials;

namespace Tars.Cli.Commands;

/// <summary><c>--gate</c>: how much of the recorded events a trial has to come through for it to count.</summary>
internal static class GateOption
{
    public static Option<string?> Define(string about)
    {
        var gate = new Option<string?>("--gate")
        {
            Description = about,
            HelpName = "PERCENT",
            Arity = ArgumentArity.ZeroOrOne,
        };
        gate.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Number(token.Value) is null)
            {
                result.AddError($"--gate wants a whole number from 1 to 100, not '{Printable.Of(token.Value)}'");
            }
        });
        return gate;
    }

    /// <summary>Null when it was not given.</summary>
    public static int? Of(ParseResult parsed, Option<string?> gate) => parsed.GetResult(gate) is null ? null
        : parsed.GetValue(gate) is { } text ? Number(text) : TrialText.PercentDefault;

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && number is >= 1 and <= 100 ? number : null;
}
