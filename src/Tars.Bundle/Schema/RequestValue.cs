using System.Collections.Immutable;
using System.Text;
using Tars.Base;

namespace Tars.Bundle.Schema;

/// <summary>Writes a request of HTTP as the value that a handler binds: one from a socket and one of a scenario alike.
/// </summary>
public static class RequestValue
{
    /// <param name="path">With what was escaped in it as it was meant.</param>
    /// <param name="query">What stands behind `?`, as it was sent.</param>
    /// <param name="headers">Names are written in lower case, repeated ones joined.</param>
    public static ImmutableArray<byte> Encode(
        string method,
        string path,
        string query,
        IEnumerable<KeyValuePair<string, string>> headers,
        ReadOnlySpan<byte> body)
    {
        var value = new ByteWriter();
        value.Text(method);
        value.Text(path);
        Map(value, query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(Pair));
        Map(value, headers.Select(one => KeyValuePair.Create(one.Key.ToLowerInvariant(), one.Value)));
        value.U32((uint)body.Length);
        value.Bytes(body);
        return [.. value.Written];
    }

    private static KeyValuePair<string, string> Pair(string text)
    {
        int cut = text.IndexOf('=', StringComparison.Ordinal);
        return cut < 0
            ? KeyValuePair.Create(Meant(text), "")
            : KeyValuePair.Create(Meant(text[..cut]), Meant(text[(cut + 1)..]));
    }

    // Forms write a blank as `+`, and every sender of a query escapes a plus that it means.
    private static string Meant(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    // Keys of a map ascend by their octets.
    private static void Map(ByteWriter value, IEnumerable<KeyValuePair<string, string>> entries)
    {
        var joined = entries.GroupBy(one => one.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, Octets: Encoding.UTF8.GetBytes(group.Key),
                Text: string.Join(", ", group.Select(one => one.Value))))
            .ToList();
        joined.Sort((left, right) => left.Octets.AsSpan().SequenceCompareTo(right.Octets));
        value.U32((uint)joined.Count);
        foreach (var (key, _, text) in joined)
        {
            value.Text(key);
            value.Text(text);
        }
    }
}
