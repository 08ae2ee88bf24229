using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;

namespace Tars.Kernel.Effects;

/// <summary>The parameters of a module as guests get them: every value, one behind the other.</summary>
internal static class ModuleParams
{
    public static byte[] Initial(BundleManifest manifest) => [.. manifest.Params.SelectMany(param => param.Value)];

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
}
