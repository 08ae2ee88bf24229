using System.Buffers;

namespace Tars.Devices.Host;

/// <summary>What headers of HTTP are made of, so that none begins another or a body (RFC 9110, section 5).</summary>
internal static class HttpText
{
    private static readonly SearchValues<char> _token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public static bool IsName(string name) => name.Length != 0 && !name.AsSpan().ContainsAnyExcept(_token);

    /// <summary>Visible ASCII, blanks and tabs.</summary>
    public static bool IsValue(string value)
    {
        foreach (char unit in value)
        {
            if (unit is not ((>= ' ' and <= '~') or '\t'))
            {
                return false;
            }
        }

        return true;
    }
}
