using System.Globalization;

namespace Tars.Sim.Reference;

/// <summary>Numbers as text patterns read them: a sign, digits, a point with digits, an exponent.</summary>
internal static class TextNumbers
{
    public static object? ParseFloat(string run)
    {
        string body = run.StartsWith('-') ? run[1..] : run;
        bool shaped = body.Length > 0 && char.IsAsciiDigit(body[0]) && char.IsAsciiDigit(body[^1])
            && body.All(c => char.IsAsciiDigit(c) || c is '.' or 'e' or 'E' or '-' or '+')
            && !body.Contains(".e", StringComparison.OrdinalIgnoreCase);
        return shaped && double.TryParse(
            run, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out double value)
            ? value
            : null;
    }
}
