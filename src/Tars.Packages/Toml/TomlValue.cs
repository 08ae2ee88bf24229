using System.Collections.Immutable;
using Tars.Base;

namespace Tars.Packages.Toml;

/// <summary>A value of TOML 1.0, and where it stands.</summary>
/// <remarks>What is defined in several places, such as a table in parts, stands where it was first named.</remarks>
public abstract record TomlValue
{
    private TomlValue(TextSpan span) => Span = span;

    public TextSpan Span { get; }

    public sealed record String(TextSpan Span, string Value) : TomlValue(Span);

    public sealed record Integer(TextSpan Span, long Value) : TomlValue(Span);

    public sealed record Float(TextSpan Span, double Value) : TomlValue(Span);

    public sealed record Boolean(TextSpan Span, bool Value) : TomlValue(Span);

    /// <param name="Offset">Minutes east of UTC.</param>
    public sealed record OffsetDateTime(TextSpan Span, TomlDate Date, TomlTime Time, int Offset) : TomlValue(Span);

    public sealed record LocalDateTime(TextSpan Span, TomlDate Date, TomlTime Time) : TomlValue(Span);

    public sealed record LocalDate(TextSpan Span, TomlDate Date) : TomlValue(Span);

    public sealed record LocalTime(TextSpan Span, TomlTime Time) : TomlValue(Span);

    public sealed record Array(TextSpan Span, ImmutableArray<TomlValue> Items) : TomlValue(Span);

    /// <param name="Entries">In order of the text; no key stands twice.</param>
    public sealed record Table(TextSpan Span, ImmutableArray<TomlEntry> Entries) : TomlValue(Span)
    {
        /// <summary>The value of a key, or null.</summary>
        public TomlValue? Find(string key) => Entries.FirstOrDefault(entry => entry.Key == key)?.Value;
    }
}

/// <summary>A key of a table and what it holds.</summary>
public sealed record TomlEntry(string Key, TextSpan KeySpan, TomlValue Value);

/// <summary>A day of the calendar that RFC 3339 counts in.</summary>
public readonly record struct TomlDate(int Year, int Month, int Day);

/// <summary>A time of day. The second is 60 where a leap second was written.</summary>
public readonly record struct TomlTime(int Hour, int Minute, int Second, int Nanosecond);
