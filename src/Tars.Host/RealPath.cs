namespace Tars.Host;

/// <summary>A path without links: two paths of one file or folder are the same then.</summary>
internal static class RealPath
{
    /// <summary>What cannot be looked at stays as it is; whoever opens it will say why.</summary>
    public static string Of(string path)
    {
        string full = Path.GetFullPath(path);
        try
        {
            return Of(full, Limits.LinksMax);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return full;
        }
    }

    private static string Of(string full, int linksLeft)
    {
        if (Path.GetDirectoryName(full) is not { } parent || linksLeft == 0)
        {
            return full;
        }

        string here = Path.Combine(Of(parent, linksLeft), Path.GetFileName(full));
        return File.ResolveLinkTarget(here, returnFinalTarget: false) is { } target
            ? Of(Path.GetFullPath(target.FullName), linksLeft - 1)
            : here;
    }
}
