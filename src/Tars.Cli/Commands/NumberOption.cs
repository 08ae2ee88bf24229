using System.CommandLine;
using System.Globalization;
using System.Numerics;
using Tars.Base;

namespace Tars.Cli.Commands;

/// <summary>Options that are numbers: read in one way, within bounds, and refused in our own words.</summary>
/// <remarks>
/// The library's own reading throws out of a validator that asks for a number that is none, and names types of .NET.
/// </remarks>
internal static class NumberOption
{
    private const int TextMax = 40;

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>; null when it was not given
    /// and there is no <paramref name="usual"/>.</summary>
    public static Option<T?> Whole<T>(string name, string about, T least, T most, T? usual = null)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T> =>
        Define<T>(
            name,
            about,
            most == T.MaxValue ? $"a whole number from {least} on" : $"a whole number from {least} to {most}",
            text => T.TryParse(
                text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                && least <= number && number <= most ? number : null,
            usual);

    /// <summary>A finite number from 0 on.</summary>
    public static Option<double?> Amount(string name, string about) => Define<double>(
        name,
        about,
        "a number from 0 on",
        text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && 0 <= number && double.IsFinite(number) ? number : null,
        usual: null);

    private static Option<T?> Define<T>(string name, string about, string what, Func<string, T?> read, T? usual)
        where T : struct
    {
        var option = new Option<T?>(name)
        {
            Description = about,
            HelpName = "N",
            CustomParser = result =>
            {
                if (result.Tokens is [{ Value: var text }] && read(text) is { } number)
                {
                    return number;
                }

                string given = Printable.Of(result.Tokens is [{ Value: var wrong }, ..] ? wrong : "");
                result.AddError(
                    $"{name} wants {what}, not '{Printable.Shortened(given, TextMax)}'");
                return null;
            },
        };
        if (usual is not null)
        {
            option.DefaultValueFactory = _ => usual;
        }

        return option;
    }
}
