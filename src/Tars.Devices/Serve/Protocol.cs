using System.Collections.Immutable;
using Tars.Base;
using Tars.Devices.Host;

namespace Tars.Devices.Serve;

/// <summary>What a handler answers, as far as it may go out: a status, headers and a body.</summary>
public sealed record ServedResponse(
    int Status, ImmutableArray<KeyValuePair<string, string>> Headers, ImmutableArray<byte> Body)
{
    /// <summary>A status alone.</summary>
    public static ServedResponse Of(int status) => new(status, [], []);
}

/// <summary>The messages of a server: which module a path is for, and what of a Response goes out.</summary>
public static class Protocol
{
    public const int Ok = 200;
    public const int BadRequest = 400;
    public const int NotFound = 404;
    public const int Failed = 500;
    public const int Unavailable = 503;

    private const int StatusMax = 599;
    private const string Slash = "%2F";
    private const string SmallSlash = "%2f";

    // How a message travels is between the server and its client; a handler has no part in it.
    private static readonly string[] _ofTheServer =
        ["connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

    /// <summary>The longest prefix that a path lies under, by whole segments.</summary>
    /// <returns>Its module, or null.</returns>
    public static string? ModuleOf(string path, IEnumerable<KeyValuePair<string, string>> modulesByPrefix)
    {
        KeyValuePair<string, string>? best = null;
        foreach (var one in modulesByPrefix)
        {
            if (IsUnder(path, one.Key) && (best is not { } before || before.Key.Length < one.Key.Length))
            {
                best = one;
            }
        }

        return best?.Value;
    }

    /// <summary>False for a path with `%252F` or the like, which nobody could tell from one with `%2F`.</summary>
    /// <param name="target">The path and more, as the client sent it.</param>
    /// <param name="path">The same decoded, but for `%2F`.</param>
    public static bool IsPlain(string target, string path) => Slashes(path) <= Slashes(PathOf(target));

    /// <summary>Reads a Response in the value encoding.</summary>
    /// <param name="why">What is wrong with it; "" when nothing is.</param>
    /// <returns>What goes out: 500 in place of what no client may be given.</returns>
    public static ServedResponse Read(ReadOnlySpan<byte> response, out string why)
    {
        var reader = new ByteReader(response);
        long status = reader.I64();
        var headers = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        why = status is < Ok or > StatusMax ? $"{status} is no status of an answer" : "";
        for (uint left = reader.U32(); 0 < left && !reader.Failed; left--)
        {
            string name = reader.Text();
            string value = reader.Text();
            if (!HttpText.IsName(name) || !HttpText.IsValue(value))
            {
                why = $"`{Printable.Of(name)}` with its value is no header";
            }
            else if (Array.IndexOf(_ofTheServer, name.ToLowerInvariant()) < 0)
            {
                headers.Add(KeyValuePair.Create(name, value));
            }
        }

        var body = reader.Bytes(reader.U32());
        why = reader.Failed ? "it is no Response" : why;
        return why == ""
            ? new ServedResponse((int)status, headers.ToImmutable(), [.. body])
            : ServedResponse.Of(Failed);
    }

    /// <summary>Whether an answer with this status has a body (RFC 9110, section 6.4.1).</summary>
    public static bool HasBody(int status) => status is not (204 or 205 or 304);

    // What a query or the name of a host holds is none of the path's.
    private static ReadOnlySpan<char> PathOf(string target)
    {
        int query = target.IndexOf('?', StringComparison.Ordinal);
        var left = target.AsSpan(0, query < 0 ? target.Length : query);
        int scheme = left.StartsWith("/") ? -1 : left.IndexOf("://");
        if (scheme < 0)
        {
            return left;
        }

        left = left[(scheme + 3)..];
        int path = left.IndexOf('/');
        return path < 0 ? [] : left[path..];
    }

    private static int Slashes(ReadOnlySpan<char> path) => path.Count(Slash) + path.Count(SmallSlash);

    private static bool IsUnder(string path, string prefix) =>
        path.StartsWith(prefix, StringComparison.Ordinal)
        && (path.Length == prefix.Length || prefix.EndsWith('/') || path[prefix.Length] == '/');
}
