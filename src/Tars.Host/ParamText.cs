using System.Collections.Immutable;
using System.Text;
using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;

namespace Tars.Host;

/// <summary>The value of a parameter as an operator writes it.</summary>
internal static class ParamText
{
    /// <summary>Reads one; text needs no quotes.</summary>
    /// <returns>Null, or why the parameter may not hold it.</returns>
    public static string? Read(ParamSpec param, string text, ByteWriter value)
    {
        if (param.Type is SchemaType.Text)
        {
            value.Text(text);
        }
        else
        {
            bool bare = param.Type is SchemaType.Int or SchemaType.Float or SchemaType.Bool;
            string json = bare ? text : $"\"{text}\"";
            if (ValueJsonReader.Read(param.Type, Encoding.UTF8.GetBytes(json), value) is not null)
            {
                string form = param.Type is SchemaType.Bool ? ": true or false" : "";
                return $"not a {SchemaText.ForPeople(param.Type)}{form}";
            }
        }

        return ParamRange.Holds(param, value.Written) ? null : $"outside the range {RangeOf(param)}";
    }

    // A parameter that something is outside of has at least one end.
    private static string RangeOf(ParamSpec param)
    {
        string? low = param.Low is { } least ? Text(least) : null;
        string? high = param.High is { } most ? Text(most) : null;
        return low is null ? $"up to {high}" : high is null ? $"from {low} on" : $"{low} to {high}";

        string Text(ImmutableArray<byte> value)
        {
            var json = new ByteWriter();
            _ = ValueJson.Write(param.Type, value.AsSpan(), json);
            return Encoding.UTF8.GetString(json.Written).Trim('"');
        }
    }
}
