using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Bundle.Schema;

namespace Tars.Evolution.Scenarios;

/// <summary>Values and instants as traces and messages show them.</summary>
internal static class ValueText
{
    /// <summary>A value as JSON; a number that JSON does not have as it is printed.</summary>
    public static string Of(SchemaType type, ReadOnlySpan<byte> value)
    {
        if (type is SchemaType.Float && value.Length == sizeof(double))
        {
            return FloatText.Of(BitConverter.ToDouble(value));
        }

        var json = new ByteWriter();
        return ValueJson.Write(type, value, json) is { } why ? $"({why})" : Encoding.UTF8.GetString(json.Written);
    }

    /// <summary>The same, cut where it is long.</summary>
    public static string Short(SchemaType type, ReadOnlySpan<byte> value) =>
        Printable.Shortened(Of(type, value), Limits.ShownTextMax);

    /// <summary>Nanoseconds as seconds with all nine digits.</summary>
    public static string Instant(long nanoseconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1_000_000_000}.{nanoseconds % 1_000_000_000:D9}");
}
