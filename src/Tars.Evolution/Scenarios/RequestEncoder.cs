using System.Collections.Immutable;
using System.Text;
using Tars.Base;
using Tars.Lang.Checking;

namespace Tars.Evolution.Scenarios;

/// <summary>Writes the request of a step as the value that a handler of HTTP binds.</summary>
internal static class RequestEncoder
{
    /// <summary>A Request: names of headers in lower case, repeated ones joined; what follows `?` is the query.
    /// </summary>
    public static ImmutableArray<byte> Encode(Stimulus.Http http)
    {
        int cut = http.Path.IndexOf('?', StringComparison.Ordinal);
        string query = cut < 0 ? "" : http.Path[(cut + 1)..];
        var value = new ByteWriter();
        value.Text(http.Method);
        value.Text(cut < 0 ? http.Path : http.Path[..cut]);
        Map(value, query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(Pair));
        Map(value, http.Headers.Select(one => KeyValuePair.Create(one.Key.ToLowerInvariant(), one.Value)));
        value.Text(http.Body);
        return [.. value.Written];
    }

    private static KeyValuePair<string, string> Pair(string text)
    {
        int cut = text.IndexOf('=', StringComparison.Ordinal);
        return cut < 0
            ? KeyValuePair.Create(Uri.UnescapeDataString(text), "")
            : KeyValuePair.Create(Uri.UnescapeDataString(text[..cut]), Uri.UnescapeDataString(text[(cut + 1)..]));
    }

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
