using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;

namespace Tars.Kernel.Effects;

/// <summary>The parameters of a module as guests get them: every value, one behind the other.</summary>
internal static class ModuleParams
{
    public static byte[] Initial(BundleManifest manifest) => [.. manifest.Params.SelectMany(param => param.Value)];

    /// <summary>The value of one, or null when there is none of that name.</summary>
    public static byte[]? Of(BundleManifest manifest, byte[] values, string name)
    {
        var reader = new ByteReader(values);
        foreach (var param in manifest.Params)
        {
            int start = reader.Position;
            ValueEncoding.Skip(param.Type, ref reader);
            if (param.Name == name)
            {
                return values[start..reader.Position];
            }
        }

        return null;
    }

    /// <summary>
    /// The same with one value changed; null when there is no such parameter or it may not hold the value.
    /// </summary>
    public static byte[]? With(BundleManifest manifest, byte[] values, string name, ReadOnlySpan<byte> value)
    {
        var reader = new ByteReader(values);
        foreach (var param in manifest.Params)
        {
            int start = reader.Position;
            ValueEncoding.Skip(param.Type, ref reader);
            if (param.Name == name)
            {
                return ParamRange.Holds(param, value)
                    ? [.. values.AsSpan(0, start), .. value, .. values.AsSpan(reader.Position)]
                    : null;
            }
        }

        return null;
    }

    /// <summary>True when the octets are a value for each parameter, all in their ranges.</summary>
    public static bool Fit(BundleManifest manifest, byte[] values)
    {
        var reader = new ByteReader(values);
        foreach (var param in manifest.Params)
        {
            int start = reader.Position;
            ValueEncoding.Skip(param.Type, ref reader);
            if (reader.Failed || !ParamRange.Holds(param, values.AsSpan(start..reader.Position)))
            {
                return false;
            }
        }

        return reader is { Failed: false, AtEnd: true };
    }

    /// <summary>
    /// The values for another version: what an operator changed stays while the new version takes it.
    /// </summary>
    /// <param name="lost">What he changed and is not kept is added here, in words.</param>
    public static byte[] Carry(BundleManifest old, byte[] values, BundleManifest now, List<string> lost)
    {
        var changed = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var reader = new ByteReader(values);
        foreach (var param in old.Params)
        {
            int start = reader.Position;
            ValueEncoding.Skip(param.Type, ref reader);
            byte[] value = values[start..reader.Position];
            if (!param.Value.AsSpan().SequenceEqual(value))
            {
                changed.Add(param.Name, value);
            }
        }

        var carried = new ByteWriter();
        foreach (var param in now.Params)
        {
            bool isChanged = changed.Remove(param.Name, out byte[]? value);
            bool isKept = isChanged
                && old.Params.First(one => one.Name == param.Name).Type.Equals(param.Type)
                && ParamRange.Holds(param, value);
            carried.Bytes(isKept ? value : param.Value.AsSpan());
            if (isChanged && !isKept)
            {
                lost.Add($"param {param.Name}: the value that was set does not fit any more");
            }
        }

        lost.AddRange(changed.Keys.Order(StringComparer.Ordinal).Select(name =>
            $"param {name}: the value that was set is dropped"));
        return carried.ToArray();
    }
}
