using System.Globalization;
using Tars.Base;

namespace Tars.Packages.Toml;

/// <summary>Reads one of the four kinds of dates and times, as RFC 3339 writes them.</summary>
internal sealed class TomlMoment(TomlCursor cursor, TextSpan span, string text)
{
    private const int NanosecondDigits = 9;

    private int _at;

    /// <summary>Null after a mistake.</summary>
    public TomlValue? Read()
    {
        bool hasDate = text.Length < 3 || text[2] != ':';
        if (!hasDate)
        {
            return Time() is { } alone && IsOver() ? new TomlValue.LocalTime(span, alone) : null;
        }

        if (Date() is not { } date)
        {
            return null;
        }

        if (_at == text.Length)
        {
            return new TomlValue.LocalDate(span, date);
        }

        if (text[_at++] is not ('T' or 't' or ' '))
        {
            return Malformed();
        }

        if (Time() is not { } time)
        {
            return null;
        }

        if (_at == text.Length)
        {
            return new TomlValue.LocalDateTime(span, date, time);
        }

        return Offset() is { } offset && IsOver() ? new TomlValue.OffsetDateTime(span, date, time, offset) : null;
    }

    private TomlDate? Date()
    {
        if (Digits(4) is not { } year || !Take('-') || Digits(2) is not { } month || !Take('-')
            || Digits(2) is not { } day)
        {
            Malformed();
            return null;
        }

        if (month is < 1 or > 12 || day < 1 || DaysOf(year, month) < day)
        {
            cursor.Fail(span, "there is no such day", "a date is `1979-05-27`: year, month, day");
            return null;
        }

        return new TomlDate(year, month, day);
    }

    // The calendar of RFC 3339 has a year 0, which DateTime has not.
    private static int DaysOf(int year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    private TomlTime? Time()
    {
        if (Digits(2) is not { } hour || !Take(':') || Digits(2) is not { } minute || !Take(':')
            || Digits(2) is not { } second || Fraction() is not { } nanosecond)
        {
            Malformed();
            return null;
        }

        if (23 < hour || 59 < minute || 60 < second)
        {
            cursor.Fail(span, "there is no such time of day", "a time is `07:32:00`: hours, minutes, seconds");
            return null;
        }

        return new TomlTime(hour, minute, second, nanosecond);
    }

    // Zero when there is none, null when a point stands without digits. What is finer than a nanosecond is cut.
    private int? Fraction()
    {
        if (!Take('.'))
        {
            return 0;
        }

        int start = _at;
        while (_at < text.Length && char.IsAsciiDigit(text[_at]))
        {
            _at++;
        }

        string digits = text[start..Math.Min(_at, start + NanosecondDigits)].PadRight(NanosecondDigits, '0');
        return start == _at ? null : int.Parse(digits, CultureInfo.InvariantCulture);
    }

    private int? Offset()
    {
        if (Take('Z') || Take('z'))
        {
            return 0;
        }

        int sign = Take('+') ? 1 : Take('-') ? -1 : 0;
        if (sign == 0 || Digits(2) is not { } hours || !Take(':') || Digits(2) is not { } minutes)
        {
            Malformed();
            return null;
        }

        if (23 < hours || 59 < minutes)
        {
            cursor.Fail(span, "there is no such offset", "an offset is `Z` or `+01:00`: hours and minutes");
            return null;
        }

        return sign * ((60 * hours) + minutes);
    }

    private bool IsOver() => _at == text.Length || Malformed() is not null;

    private TomlValue? Malformed()
    {
        cursor.Fail(span, "this is no date or time",
            "write `1979-05-27`, `07:32:00`, `1979-05-27T07:32:00` or `1979-05-27T07:32:00+01:00`");
        return null;
    }

    private bool Take(char expected)
    {
        bool isThere = _at < text.Length && text[_at] == expected;
        _at += isThere ? 1 : 0;
        return isThere;
    }

    private int? Digits(int count)
    {
        if (text.Length < _at + count || text.AsSpan(_at, count).ContainsAnyExceptInRange('0', '9'))
        {
            return null;
        }

        _at += count;
        return int.Parse(text.AsSpan(_at - count, count), NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
