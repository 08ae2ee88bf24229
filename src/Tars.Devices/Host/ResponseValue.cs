using System.Text;
using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Devices.Host;

/// <summary>Writes a Response in the value encoding.</summary>
internal static class ResponseValue
{
    /// <param name="headers">Names in lower case, each once.</param>
    public static DeviceAnswer Of(
        long status, IEnumerable<KeyValuePair<string, string>> headers, ReadOnlySpan<byte> body)
    {
        var sorted = headers.Select(one => (Key: Encoding.UTF8.GetBytes(one.Key), one.Value)).ToList();
        sorted.Sort((left, right) => left.Key.AsSpan().SequenceCompareTo(right.Key));
        var value = new ByteWriter();
        value.I64(status);
        value.U32((uint)sorted.Count);
        foreach (var (key, text) in sorted)
        {
            value.U32((uint)key.Length);
            value.Bytes(key);
            value.Text(text);
        }

        value.U32((uint)body.Length);
        value.Bytes(body);
        return new DeviceAnswer.Value([.. value.Written]);
    }
}
