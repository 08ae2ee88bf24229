namespace Tars.Bundle.Interfaces;

/// <summary>Addresses that devices of kind `fetch` and `http` may reach: scheme, host and port in one spelling.
/// </summary>
public static class Origins
{
    /// <summary>The origin of a URL; null when it is none of HTTP.</summary>
    public static string? Of(string url) => Parse(url) is { } uri ? $"{uri.Scheme}://{uri.IdnHost}:{uri.Port}" : null;

    /// <summary>The host of a URL, as it stands in its origin; null when it is none of HTTP.</summary>
    public static string? HostOf(string url) => Parse(url)?.IdnHost;

    private static Uri? Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
            || uri.UserInfo.Length != 0)
        {
            return null;
        }

        try
        {
            _ = uri.IdnHost;
            return uri;
        }
        catch (UriFormatException)
        {
            return null; // A name such as `xn--é` is found to be none only when it is spelled out.
        }
    }
}
