using System.CommandLine;
using System.Globalization;
using Tars.Base;

namespace Tars.Cli.Commands;

/// <summary><c>--keep</c>: how much of a journal stays that nobody needs any more, by size and by age.</summary>
internal static class KeepOption
{
    private static readonly (string Unit, long Octets)[] _units =
        [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40)];

    public static Option<string[]> Define()
    {
        var keep = new Option<string[]>("--keep")
        {
            Description = "With --journal: how much of what nobody needs any more stays, such as 1GiB, or for how "
                + "long, such as 7d; 256MiB where nothing is said.",
            HelpName = "SIZE|TIME",
        };
        keep.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(one => Size(one.Value) is null && Age(one.Value) is null))
            {
                bool isNumber = token.Value.Length != 0 && token.Value.All(char.IsAsciiDigit);
                result.AddError($"--keep wants a size such as 1GiB or a time such as 7d, not "
                    + $"'{Printable.Of(token.Value)}'" + (isNumber ? ", which has no unit" : ""));
            }
        });
        return keep;
    }

    /// <summary>The last size that was given.</summary>
    public static long? Octets(ParseResult parsed, Option<string[]> keep) =>
        (parsed.GetValue(keep) ?? []).Select(Size).LastOrDefault(one => one is not null);

    /// <summary>The last time that was given.</summary>
    public static TimeSpan? Age(ParseResult parsed, Option<string[]> keep) =>
        (parsed.GetValue(keep) ?? []).Select(Age).LastOrDefault(one => one is not null);

    private static long? Size(string text)
    {
        foreach (var (unit, octets) in _units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && long.TryParse(
                    text.AsSpan(..^unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            {
                return number <= long.MaxValue / octets ? number * octets : null;
            }
        }

        return null;
    }

    private static TimeSpan? Age(string text) =>
        RunCommand.Duration(text) is { } nanoseconds ? TimeSpan.FromTicks(nanoseconds / 100) : null;
}
