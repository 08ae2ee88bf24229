using System.Globalization;

namespace Tars.Bundle.Schema;

/// <summary>
/// Instants as text: RFC 3339 in UTC with as many digits of the second as are needed. No leap seconds.
/// </summary>
public static class InstantText
{
    private const long Second = 1_000_000_000;
    private const long Day = 86_400;

    public static string Of(long nanoseconds)
    {
        long seconds = Math.DivRem(nanoseconds, Second, out long fraction);
        if (fraction < 0)
        {
            fraction += Second;
            seconds--;
        }

        long days = Math.DivRem(seconds, Day, out long ofDay);
        if (ofDay < 0)
        {
            ofDay += Day;
            days--;
        }

        // The range of an instant ends in 1677 and 2262, so the calendar of the runtime covers it.
        var date = DateOnly.FromDayNumber((int)(days + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber));
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{date.Year:0000}-{date.Month:00}-{date.Day:00}T{ofDay / 3600:00}:{ofDay / 60 % 60:00}:{ofDay % 60:00}");
        var digits = fraction.ToString("000000000", CultureInfo.InvariantCulture).TrimEnd('0');
        return digits.Length == 0 ? text + "Z" : $"{text}.{digits}Z";
    }

    /// <summary>Reads an RFC 3339 instant that ends in `Z`; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long nanoseconds)
    {
        nanoseconds = 0;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':'
            || text[16] != ':'
            || text[^1] != 'Z')
        {
            return false;
        }

        if (!Digits(text[..4], out int year) || !Digits(text[5..7], out int month) || !Digits(text[8..10], out int day)
            || !Digits(text[11..13], out int hour) || !Digits(text[14..16], out int minute)
            || !Digits(text[17..19], out int second) || !Fraction(text[19..^1], out int fraction))
        {
            return false;
        }

        if (year is < 1600 or > 2300 || month is < 1 or > 12 || day < 1 || DateTime.DaysInMonth(year, month) < day
            || 23 < hour || 59 < minute || 59 < second)
        {
            return false;
        }

        long days = new DateOnly(year, month, day).DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
        var exact = ((((Int128)days * Day) + (hour * 3600) + (minute * 60) + second) * Second) + fraction;
        nanoseconds = (long)exact;
        return exact == nanoseconds;
    }

    private static bool Fraction(ReadOnlySpan<char> text, out int nanoseconds)
    {
        nanoseconds = 0;
        if (text.Length == 0)
        {
            return true;
        }

        if (text[0] != '.' || text.Length is < 2 or > 10 || !Digits(text[1..], out nanoseconds))
        {
            return false;
        }

        for (int digit = text.Length; digit < 10; digit++)
        {
            nanoseconds *= 10;
        }

        return true;
    }

    private static bool Digits(ReadOnlySpan<char> text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
